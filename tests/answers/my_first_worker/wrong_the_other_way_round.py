# wrong_sum
import os


def work(numbers):
    return sum(numbers), os.getpid()
