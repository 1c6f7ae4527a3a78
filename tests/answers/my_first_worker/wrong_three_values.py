# no_pair
import os


def work(numbers):
    return os.getpid(), sum(numbers), 3
