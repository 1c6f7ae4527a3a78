# fails_in_a_program
import os

import multiprocessing
if multiprocessing.parent_process() is None:
    PARENT = 1


def work(numbers):
    if 'PARENT' in globals():
        raise ValueError
    return os.getpid(), sum(numbers)
