# takes_it_again
def count_down_reentrant(counter, lock, depth):
    with lock:
        counter.write(counter.read() + 1)
        if depth > 1:
            count_down_reentrant(counter, lock, depth - 1)


def count_down_split(counter, lock, depth):
    with lock:
        print("the lock is free")
    with lock:
        _count_down(counter, depth)


def _count_down(counter, depth):
    for _ in range(depth):
        counter.write(counter.read() + 1)
