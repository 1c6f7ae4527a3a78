# asked_at_import
import os


def work(numbers, pid=os.getpid()):
    return pid, sum(numbers)
