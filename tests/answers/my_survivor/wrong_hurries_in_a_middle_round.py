# too_impatient
PATIENCE = 0.5


def add_safely(counter, lock, times):
    for n in range(times):
        if not lock.acquire(timeout=0.01 if n == 1 else PATIENCE):
            raise TimeoutError(lock.name)
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
