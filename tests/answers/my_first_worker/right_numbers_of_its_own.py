import os


class Pid(int):
    pass


class Total(int):
    pass


def work(numbers):
    return [Pid(os.getpid()), Total(sum(numbers))]
