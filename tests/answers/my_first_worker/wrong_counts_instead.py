# wrong_sum
import os


def work(numbers):
    return os.getpid(), len(numbers)
