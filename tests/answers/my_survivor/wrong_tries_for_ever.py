# too_patient or never_ends or lock_kept or waits_for_ever or crashed
PATIENCE = 0.9  # seconds


def add_safely(counter, lock, times):
    for _ in range(times):
        while not lock.acquire(timeout=PATIENCE):
            pass
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
