import time

PATIENCE = 0.5


def add_safely(counter, lock, times):
    for _ in range(times):
        for _ in range(10):
            if lock.acquire(timeout=0):
                break
            time.sleep(PATIENCE / 10)
        else:
            raise TimeoutError(lock.name)
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
