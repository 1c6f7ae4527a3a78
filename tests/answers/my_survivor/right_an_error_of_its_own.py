PATIENCE = 0.5


class LockDidNotCome(TimeoutError):
    pass


def add_safely(counter, lock, times):
    for _ in range(times):
        if not lock.acquire(timeout=PATIENCE):
            raise LockDidNotCome(f"no {lock.name} for {PATIENCE} s")
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
