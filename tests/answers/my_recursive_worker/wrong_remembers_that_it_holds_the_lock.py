# outside_lock
def count_down_reentrant(counter, lock, depth):
    with lock:
        counter.write(counter.read() + 1)
        if depth > 1:
            count_down_reentrant(counter, lock, depth - 1)


holding = False


def count_down_split(counter, lock, depth):
    global holding
    is_mine = not holding
    if is_mine:
        lock.acquire()
        holding = True
    try:
        counter.write(counter.read() + 1)
        if depth > 1:
            count_down_split(counter, lock, depth - 1)
    finally:
        if is_mine:
            lock.release()
