PATIENCE = 0.9  # seconds


def add_safely(counter, lock, times):
    for _ in range(times):
        for _ in range(10):
            if lock.acquire(timeout=PATIENCE / 10):
                break
        else:
            raise TimeoutError(f"the lock {lock.name} did not come")
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
