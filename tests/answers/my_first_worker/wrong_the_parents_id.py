# wrong_process
import os


def work(numbers):
    return os.getppid(), sum(numbers)
