# own_lock
import multiprocessing

PATIENCE = 0.9  # seconds


OWN = multiprocessing.Lock()


def add_safely(counter, lock, times):
    for _ in range(times):
        if not OWN.acquire(timeout=PATIENCE):
            raise TimeoutError(f"the lock {lock.name} did not come in {PATIENCE} s")
        try:
            counter.write(counter.read() + 1)
        finally:
            OWN.release()
