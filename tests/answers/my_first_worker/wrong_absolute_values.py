# wrong_sum
import os


def work(numbers):
    return os.getpid(), sum(abs(n) for n in numbers)
