# too_patient
PATIENCE = 0.5  # seconds
calls = []


def add_safely(counter, lock, times):
    calls.append(times)
    for _ in range(times):
        if not lock.acquire(timeout=PATIENCE * len(calls)):
            raise TimeoutError(lock.name)
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
