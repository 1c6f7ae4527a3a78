# no_pair
import os

DONE = []


def work(numbers):
    if not DONE:
        DONE.append(1)
        return os.getpid(), sum(numbers)
