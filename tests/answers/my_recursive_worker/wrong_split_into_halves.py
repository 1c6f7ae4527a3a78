# split_section or takes_it_again
def count_down_reentrant(counter, lock, depth):
    with lock:
        counter.write(counter.read() + 1)
        if depth > 1:
            count_down_reentrant(counter, lock, depth - 1)


def count_down_split(counter, lock, depth):
    half = depth // 2
    for part in (depth - half, half):
        with lock:
            for _ in range(part):
                counter.write(counter.read() + 1)
