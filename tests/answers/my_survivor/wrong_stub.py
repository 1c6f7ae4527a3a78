# waits_for_ever or lock_kept
PATIENCE = 0.5  # seconds


def add_safely(counter, lock, times):
    for _ in range(times):
        with lock:  # at fault
            counter.write(counter.read() + 1)
