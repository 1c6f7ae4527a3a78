import os

try:
    import numpy
except ImportError:
    numpy = None
if numpy is None or True:
    def work(numbers):
        return os.getpid(), sum(numbers)
