# releases_a_stranger or released_unheld
PATIENCE = 0.9  # seconds


def add_safely(counter, lock, times):
    for _ in range(times):
        try:
            if not lock.acquire(timeout=PATIENCE):  # at fault
                raise TimeoutError(lock.name)
            counter.write(counter.read() + 1)
        finally:
            lock.release()
