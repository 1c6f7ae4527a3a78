# wrong_sum
import os

total = 0


def work(numbers):
    global total
    total += sum(numbers)
    return os.getpid(), total
