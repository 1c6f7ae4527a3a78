import time

PATIENCE = 0.5


def add_safely(counter, lock, times):
    for _ in range(times):
        time.sleep(0.1)
        if not lock.acquire(timeout=PATIENCE):
            raise TimeoutError(f"{lock.name} did not come")
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
