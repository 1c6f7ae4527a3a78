# not_guarded
PATIENCE = 0.5


def add_safely(counter, lock, times):
    for i in range(times):
        if i < 4:
            if not lock.acquire(timeout=PATIENCE):
                raise TimeoutError(lock.name)
        try:
            counter.write(counter.read() + 1)  # at fault
        finally:
            if i < 4:
                lock.release()
