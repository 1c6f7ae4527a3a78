# goes_on_without_lock or releases_a_stranger
PATIENCE = 0.9  # seconds


def add_safely(counter, lock, times):
    for _ in range(times):
        lock.acquire(timeout=PATIENCE)  # at fault
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
