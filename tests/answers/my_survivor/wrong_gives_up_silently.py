# gives_up_silently
PATIENCE = 0.9  # seconds


def add_safely(counter, lock, times):
    for _ in range(times):
        if not lock.acquire(timeout=PATIENCE):  # at fault
            return
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
