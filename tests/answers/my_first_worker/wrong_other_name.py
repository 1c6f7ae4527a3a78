# missing_function
import os


def worker(numbers):
    return os.getpid(), sum(numbers)
