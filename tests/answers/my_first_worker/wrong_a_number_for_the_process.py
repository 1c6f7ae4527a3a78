# wrong_process
import os


def work(numbers):
    return 7, sum(numbers)
