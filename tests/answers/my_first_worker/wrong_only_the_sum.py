# no_pair
import os


def work(numbers):
    return sum(numbers)
