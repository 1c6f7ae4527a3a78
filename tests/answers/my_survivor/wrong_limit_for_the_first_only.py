# waits_for_ever
PATIENCE = 0.9


def add_safely(counter, lock, times):
    for i in range(times):
        if i == 0:
            if not lock.acquire(timeout=PATIENCE):
                raise TimeoutError(lock.name)
            try:
                counter.write(counter.read() + 1)
            finally:
                lock.release()
        else:
            with lock:  # at fault
                counter.write(counter.read() + 1)
