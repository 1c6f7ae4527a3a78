import os
from collections import namedtuple

Found = namedtuple("Found", "pid total")


def work(numbers):
    return Found(os.getpid(), sum(numbers))
