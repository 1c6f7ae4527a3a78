from contextlib import ExitStack

PATIENCE = 0.6


def add_safely(counter, lock, times):
    for _ in range(times):
        with ExitStack() as stack:
            if not lock.acquire(timeout=PATIENCE):
                raise TimeoutError(lock.name)
            stack.callback(lock.release)
            counter.write(counter.read() + 1)
