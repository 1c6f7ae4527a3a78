"""Functions that ask for a lock which their caller holds, and what an RLock makes of it."""

from concurrent.futures import ThreadPoolExecutor

from helpers.events import pause


def walk_recursively(lock, depth, think):
    with lock:
        pause(think)
        if depth > 1:
            walk_recursively(lock, depth - 1, think)


class PublicTill:
    """Each method takes the lock; one calls another."""

    def __init__(self, counter, lock):
        self.counter, self.lock = counter, lock

    def add(self, amount):
        with self.lock:
            self.counter.write(self.counter.read() + amount)

    def add_twice(self, amount):
        with self.lock:
            self.add(amount)
            self.add(amount)


class SplitTill:
    """Public methods take the lock, and call private ones that do not."""

    def __init__(self, counter, lock):
        self.counter, self.lock = counter, lock

    def add(self, amount):
        with self.lock:
            self._add(amount)

    def add_twice(self, amount):
        with self.lock:
            self._add(amount)
            self._add(amount)

    def _add(self, amount):
        self.counter.write(self.counter.read() + amount)


def call_public_from_public(counter, lock, times):
    till = PublicTill(counter, lock)
    for _ in range(times):
        till.add_twice(1)


def call_private_from_public(counter, lock, times):
    till = SplitTill(counter, lock)
    for _ in range(times):
        till.add_twice(1)


def ask_in_second_thread(lock):
    with lock, ThreadPoolExecutor(1) as second_thread:
        return [second_thread.submit(lock.acquire, block=False).result()]


def acquire_and_release(lock, depth, releases, think):
    for _ in range(depth):
        lock.acquire()
        pause(think)
    for _ in range(releases):
        lock.release()
        pause(think)


def release_in_second_thread(lock, depth, releases, think):
    for _ in range(depth):
        lock.acquire()
        pause(think)
    with ThreadPoolExecutor(1) as second_thread:
        for _ in range(releases):
            second_thread.submit(lock.release).result()  # raises what the release raised


def acquire_and_keep(lock, depth, think):
    for _ in range(depth):
        lock.acquire()
        pause(think)
    pause(5 * think)
