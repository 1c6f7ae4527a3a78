# wrong_error
PATIENCE = 0.9  # seconds


def add_safely(counter, lock, times):
    for _ in range(times):
        if not lock.acquire(timeout=PATIENCE):
            raise RuntimeError(f"the lock {lock.name} did not come in {PATIENCE} s")  # at fault
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
