def count_down_reentrant(counter, lock, depth):
    if depth == 0:
        return
    lock.acquire()
    try:
        count_down_reentrant(counter, lock, depth - 1)
        counter.write(counter.read() + 1)
    finally:
        lock.release()


def count_down_split(counter, lock, depth):
    def helper(level):
        if level:
            helper(level - 1)
            counter.write(counter.read() + 1)

    lock.acquire()
    try:
        helper(depth)
    finally:
        lock.release()
