# crashed or returns_nothing
import os


async def work(numbers):
    return os.getpid(), sum(numbers)
