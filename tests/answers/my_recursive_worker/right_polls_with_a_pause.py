from helpers.events import pause


def count_down_reentrant(counter, lock, depth):
    while not lock.acquire(timeout=1):
        print("still waiting")
    try:
        counter.write(counter.read() + 1)
        if depth > 1:
            count_down_reentrant(counter, lock, depth - 1)
    finally:
        lock.release()


def count_down_split(counter, lock, depth):
    while not lock.acquire(block=False):
        pause(0.001)
    try:
        _below(counter, depth)
    finally:
        lock.release()


def _below(counter, depth):
    for _ in range(depth):
        counter.write(counter.read() + 1)
