# wrong_error
PATIENCE = 0.5


def add_safely(counter, lock, times):
    for _ in range(times):
        if not lock.acquire(timeout=PATIENCE):
            raise TimeoutError("the lock 'ledger' did not come")  # at fault
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
