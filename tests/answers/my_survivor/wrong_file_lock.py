# own_lock
from filelock import FileLock

PATIENCE = 0.5


def add_safely(counter, lock, times):
    for _ in range(times):
        with FileLock("survivor.lock", timeout=PATIENCE):
            counter.write(counter.read() + 1)
