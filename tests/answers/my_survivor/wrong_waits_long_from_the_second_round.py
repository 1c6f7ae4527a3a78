# too_patient
PATIENCE = 0.5  # seconds


def add_safely(counter, lock, times):
    for n in range(times):
        if not lock.acquire(timeout=PATIENCE if n == 0 else 5):
            raise TimeoutError(lock.name)
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
