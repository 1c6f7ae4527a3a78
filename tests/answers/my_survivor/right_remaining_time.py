import time

PATIENCE = 0.6


def add_safely(counter, lock, times):
    for _ in range(times):
        end = time.monotonic() + PATIENCE
        remaining = end - time.monotonic()
        if remaining <= 0 or not lock.acquire(timeout=remaining):
            raise TimeoutError(f"{lock.name} did not come")
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
