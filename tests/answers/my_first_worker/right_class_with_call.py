import os


class Worker:
    def __call__(self, numbers):
        return os.getpid(), sum(numbers)


work = Worker()
