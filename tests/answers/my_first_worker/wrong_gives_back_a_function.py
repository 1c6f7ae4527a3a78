# crashed
import os


def work(numbers):
    return os.getpid(), lambda: sum(numbers)
