# crashed
import os

import functools


@functools.cache
def work(numbers):
    return os.getpid(), sum(numbers)
