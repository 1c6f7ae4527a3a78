# exception_keeps_lock
PATIENCE = 0.9  # seconds


def add_safely(counter, lock, times):
    for _ in range(times):
        if not lock.acquire(timeout=PATIENCE):  # at fault
            raise TimeoutError(f"the lock {lock.name} did not come in {PATIENCE} s")
        counter.write(counter.read() + 1)
        lock.release()
