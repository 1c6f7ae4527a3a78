from contextlib import contextmanager

PATIENCE: float = 0.5


@contextmanager
def held(lock):
    if not lock.acquire(timeout=PATIENCE):
        raise TimeoutError(lock.name)
    try:
        yield
    finally:
        lock.release()


def add_safely(counter, lock, times):
    for _ in range(times):
        with held(lock):
            number = counter.read()
            counter.write(number + 1)
