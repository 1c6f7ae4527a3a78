class Held:
    def __init__(self, lock, seconds):
        self.lock, self.seconds = lock, seconds

    def __enter__(self):
        if not self.lock.acquire(block=True, timeout=self.seconds):
            raise TimeoutError("no " + self.lock.name)

    def __exit__(self, *_):
        self.lock.release()


PATIENCE = sum([0.25, 0.25])


def add_safely(counter, lock, times):
    for _ in range(times):
        with Held(lock, PATIENCE):
            counter.write(counter.read() + 1)
