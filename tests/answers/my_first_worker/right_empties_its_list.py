import os

def work(numbers):
    total = 0
    while numbers:
        total += numbers.pop()
    return os.getpid(), total
