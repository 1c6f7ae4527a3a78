# too_impatient
import time

PATIENCE = 0.5


def add_safely(counter, lock, times):
    for _ in range(times):
        time.sleep(PATIENCE)
        if not lock.acquire(block=False):
            raise TimeoutError(lock.name)
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
