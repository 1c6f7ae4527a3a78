"""Add one to a number, `times` over: in a file, then in shared memory. The siblings differ in what the lock covers."""

import time

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


def increment_with_bare_acquire(counter, lock, times, think):
    for _ in range(times):
        lock.acquire()
        value = counter.read()
        pause(think)
        counter.write(value + 1)
        lock.release()


def add_to_value(number, times):
    for _ in range(times):
        value = number.value
        time.sleep(0.001)
        number.value = value + 1


def add_under_its_own_lock(number, times):
    for _ in range(times):
        with number.get_lock():
            value = number.value
            time.sleep(0.001)
            number.value = value + 1
