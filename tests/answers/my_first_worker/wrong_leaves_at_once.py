# returns_nothing or crashed
import os


def work(numbers):
    os._exit(0)
