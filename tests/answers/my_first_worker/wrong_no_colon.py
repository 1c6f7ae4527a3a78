# syntax_error
import os


def work(numbers)
    return os.getpid(), sum(numbers)
