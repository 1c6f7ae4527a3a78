# not_guarded or no_real_update
def count_down_reentrant(counter, lock, depth):
    with lock:
        counter.write(counter.read() + 1)
        if depth > 1:
            count_down_reentrant(counter, lock, depth - 1)


def count_down_split(counter, lock, depth):
    value = counter.read()  # at fault
    with lock:
        for level in range(depth):
            counter.write(value + level + 1)


def _count_down(counter, depth):
    counter.write(counter.read() + 1)
    if depth > 1:
        _count_down(counter, depth - 1)
