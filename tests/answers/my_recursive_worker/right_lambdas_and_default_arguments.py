import os
import time

started = time.monotonic()
print("process", os.getpid())


def count_down_reentrant(counter, lock, depth, level=1):
    with lock:
        counter.write(counter.read() + 1)
        if level < depth:
            count_down_reentrant(counter, lock, depth, level + 1)


def _add(counter, left):
    counter.write(1 + counter.read())
    if left - 1:
        _add(counter, left - 1)


def _split(counter, lock, depth):
    with lock:
        _add(counter, depth)


count_down_split = _split
