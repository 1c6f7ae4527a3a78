import time

PATIENCE = 0.5


def add_safely(counter, lock, times):
    for _ in range(times):
        end = time.monotonic() + PATIENCE
        while not lock.acquire(timeout=max(0, end - time.monotonic())):
            if time.monotonic() >= end:
                raise TimeoutError(lock.name)
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
