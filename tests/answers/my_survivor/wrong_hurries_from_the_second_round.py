# too_impatient
PATIENCE = 0.5  # seconds


def add_safely(counter, lock, times):
    for n in range(times):
        if not lock.acquire(timeout=PATIENCE if n == 0 else 0.01):
            raise TimeoutError(lock.name)
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
