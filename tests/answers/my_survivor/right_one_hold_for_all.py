PATIENCE = 0.5


def add_safely(counter, lock, times):
    if not lock.acquire(timeout=PATIENCE):
        raise TimeoutError(lock.name)
    try:
        for _ in range(times):
            counter.write(counter.read() + 1)
    finally:
        lock.release()
