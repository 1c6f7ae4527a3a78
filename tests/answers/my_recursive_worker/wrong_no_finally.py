# exception_keeps_lock
def count_down_reentrant(counter, lock, depth):
    lock.acquire()  # at fault
    counter.write(counter.read() + 1)
    if depth > 1:
        count_down_reentrant(counter, lock, depth - 1)
    lock.release()


def count_down_split(counter, lock, depth):
    with lock:
        _count_down(counter, depth)


def _count_down(counter, depth):
    counter.write(counter.read() + 1)
    if depth > 1:
        _count_down(counter, depth - 1)
