from os import getpid


def work(numbers):
    total = 0
    for number in numbers:
        total += number
    print("the sum is", total)
    return [getpid(), total]
