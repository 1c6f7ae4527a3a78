# crashed
PATIENCE = 0.5


def add_safely(counter, lock, times):
    for _ in range(times):
        if not lock.acquire(PATIENCE):
            raise TimeoutError(lock.name)
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
