# too_impatient
PATIENCE = 0.5


def add_safely(counter, lock, times):
    for i in range(times):
        if not lock.acquire(timeout=PATIENCE if i == 0 else 0.05):
            raise TimeoutError(lock.name)
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
