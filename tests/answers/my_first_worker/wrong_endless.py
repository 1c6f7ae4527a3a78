# never_ends
while True:
    pass
import os


def work(numbers):
    return os.getpid(), sum(numbers)
