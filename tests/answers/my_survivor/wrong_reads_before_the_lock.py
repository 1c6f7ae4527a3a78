# not_guarded or wrong_count
PATIENCE = 0.9  # seconds


def add_safely(counter, lock, times):
    for _ in range(times):
        number = counter.read()  # at fault
        if not lock.acquire(timeout=PATIENCE):
            raise TimeoutError(f"the lock {lock.name} did not come in {PATIENCE} s")
        try:
            counter.write(number + 1)
        finally:
            lock.release()
