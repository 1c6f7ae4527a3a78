# fails_at_import
import tea
import os


def work(numbers):
    return os.getpid(), sum(numbers)
