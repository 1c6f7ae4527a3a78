import os

import atexit
atexit.register(print, 'bye')


def work(numbers):
    return os.getpid(), sum(numbers)
