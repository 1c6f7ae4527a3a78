# asked_at_import
import os

PID = os.getpid()


def work(numbers):
    return PID, sum(numbers)
