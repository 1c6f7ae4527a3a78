# crashed
import os


def work(numbers):
    return os.getpid(), sum(numbers, tea)
