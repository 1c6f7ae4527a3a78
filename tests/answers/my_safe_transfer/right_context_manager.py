import os
import random
from contextlib import contextmanager

print("a look at the process:", os.getpid(), random.random())


@contextmanager
def both(one, other):
    one, other = sorted([one, other], key=lambda lock: (len(lock.name), lock.name))
    with one:
        with other:
            yield


def transfer(source, target, first, second, amount):
    with both(first, second):
        source.write(source.read() - amount)
        target.write(target.read() + amount)
