"""Add one to a number in a file, `times` over. The siblings differ in what the lock covers."""

from helpers.events import pause


def increment_without_lock(counter, times, think):
    for _ in range(times):
        value = counter.read()
        pause(think)
        counter.write(value + 1)


def increment_locking_each_step(counter, lock, times, think):
    for _ in range(times):
        with lock:
            value = counter.read()
        pause(think)
        with lock:
            counter.write(value + 1)


def increment_with_lock(counter, lock, times, think):
    for _ in range(times):
        with lock:
            value = counter.read()
            pause(think)
            counter.write(value + 1)


def increment_locking_whole_loop(counter, lock, times, think):
    with lock:
        for _ in range(times):
            value = counter.read()
            pause(think)
            counter.write(value + 1)


def increment_with_bare_acquire(counter, lock, times, think):
    for _ in range(times):
        lock.acquire()
        value = counter.read()
        pause(think)
        counter.write(value + 1)
        lock.release()
