# too_patient
PATIENCE = 1


def add_safely(counter, lock, times):
    for _ in range(times):
        if not lock.acquire(timeout=PATIENCE) and not lock.acquire(timeout=PATIENCE):
            raise TimeoutError(f"{lock.name} did not come")
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
