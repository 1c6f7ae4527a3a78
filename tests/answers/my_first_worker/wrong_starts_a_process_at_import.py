# crashed or fails_at_import
import os


def work(numbers):
    return os.getpid(), sum(numbers)


import multiprocessing

multiprocessing.Process(target=work, args=([1],)).start()
