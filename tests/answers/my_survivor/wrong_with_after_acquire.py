# lock_kept
PATIENCE = 0.5


def add_safely(counter, lock, times):
    for _ in range(times):
        if not lock.acquire(timeout=PATIENCE):
            raise TimeoutError(lock.name)
        with lock:  # at fault
            counter.write(counter.read() + 1)
