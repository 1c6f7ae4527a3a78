# returns_nothing
import os


def work(numbers):
    print(os.getpid(), sum(numbers))
