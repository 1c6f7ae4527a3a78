"""Count up in a file, `times` over. The siblings differ in where the lock comes from and in who takes it."""

from helpers.events import pause
from helpers.resources import Lock


def count_up_under_own_lock(counter, times, think):
    """Count up in a file. The lock is made in the function."""
    lock = Lock()
    for _ in range(times):
        with lock:
            value = counter.read()
            pause(think)
            counter.write(value + 1)


def count_up_left(counter, left, right, times, think):
    """Count up in a file. The locks are arguments."""
    for _ in range(times):
        with left:
            value = counter.read()
            pause(think)
            counter.write(value + 1)


def count_up_right(counter, left, right, times, think):
    """Count up in a file. The locks are arguments."""
    for _ in range(times):
        with right:
            value = counter.read()
            pause(think)
            counter.write(value + 1)


def count_up_on_two_paths(counter, lock, times, think):
    """Count up in a file. The lock is an argument."""
    for number in range(1, times + 1):
        if number % 5 == 0:
            add_one(counter, think)
        else:
            with lock:
                add_one(counter, think)


def add_one(counter, think):
    value = counter.read()
    pause(think)
    counter.write(value + 1)
