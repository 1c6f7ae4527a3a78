def count_down_reentrant(counter, lock, depth):
    if depth < 1:
        return
    with lock:
        if depth > 1:
            count_down_reentrant(counter, lock, depth - 1)
        counter.write(counter.read() + 1)


def count_down_split(counter, lock, depth):
    if depth < 1:
        return
    with lock:
        _count(counter, depth)


def _count(counter, depth):
    if depth > 1:
        _count(counter, depth - 1)
    counter.write(counter.read() + 1)
