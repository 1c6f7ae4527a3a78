# crashed
import os


def work(numbers):
    a, b, c = numbers[:3]
    return os.getpid(), a + b + c
