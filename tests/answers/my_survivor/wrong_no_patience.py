# bad_patience
def add_safely(counter, lock, times):
    for _ in range(times):
        if not lock.acquire(timeout=0.9):
            raise TimeoutError(f"the lock {lock.name} did not come in {0.9} s")
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
