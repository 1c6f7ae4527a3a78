# wrong_sum
import os

SEEN = {}


def work(numbers):
    return SEEN.setdefault(len(numbers), (os.getpid(), sum(numbers)))
