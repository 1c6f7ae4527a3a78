# not_reentrant
def count_down_reentrant(counter, lock, depth):
    for _ in range(depth):
        lock.acquire()
    try:
        _count_down(counter, depth)
    finally:
        for _ in range(depth):
            lock.release()


def count_down_split(counter, lock, depth):
    with lock:
        _count_down(counter, depth)


def _count_down(counter, depth):
    counter.write(counter.read() + 1)
    if depth > 1:
        _count_down(counter, depth - 1)
