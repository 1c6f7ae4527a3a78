# not_reentrant
def count_down_reentrant(counter, lock, depth, level=1):
    if level > 3:
        _count_down(counter, depth)
        return
    with lock:
        counter.write(counter.read() + 1)
        if depth > 1:
            count_down_reentrant(counter, lock, depth - 1, level + 1)


def count_down_split(counter, lock, depth):
    with lock:
        _count_down(counter, depth)


def _count_down(counter, depth):
    counter.write(counter.read() + 1)
    if depth > 1:
        _count_down(counter, depth - 1)
