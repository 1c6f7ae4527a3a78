# released_twice or split_section
def count_down_reentrant(counter, lock, depth):
    with lock:
        counter.write(counter.read() + 1)
        if depth > 1:
            count_down_reentrant(counter, lock, depth - 1)


def count_down_split(counter, lock, depth):
    lock.acquire()
    _count_down(counter, lock, depth)


def _count_down(counter, lock, depth):
    try:
        counter.write(counter.read() + 1)
        if depth > 1:
            _count_down(counter, lock, depth - 1)
    finally:
        lock.release()
