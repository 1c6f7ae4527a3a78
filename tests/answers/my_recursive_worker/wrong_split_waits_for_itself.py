# deadlock
def count_down_reentrant(counter, lock, depth):
    with lock:
        counter.write(counter.read() + 1)
        if depth > 1:
            count_down_reentrant(counter, lock, depth - 1)


def count_down_split(counter, lock, depth):
    with lock:
        counter.write(counter.read() + 1)
        if depth > 1:
            count_down_split(counter, lock, depth - 1)
