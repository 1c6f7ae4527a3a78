PATIENCE = 0.5


def add_safely(counter, lock, times):
    if times == 0:
        return
    if not lock.acquire(timeout=PATIENCE):
        raise TimeoutError(f"lock {lock.name}")
    try:
        counter.write(counter.read() + 1)
    finally:
        lock.release()
    add_safely(counter, lock, times - 1)
