# gives_up
def count_down_reentrant(counter, lock, depth):
    with lock:
        counter.write(counter.read() + 1)
        if depth > 1:
            count_down_reentrant(counter, lock, depth - 1)


def count_down_split(counter, lock, depth):
    if lock.acquire(timeout=1):  # at fault
        try:
            _count_down(counter, depth)
        finally:
            lock.release()


def _count_down(counter, depth):
    for _ in range(depth):
        counter.write(counter.read() + 1)
