"""Count up in a file. The lock is made in the function."""

from helpers.events import pause
from helpers.resources import Lock


def count_up(counter, times, think):
    lock = Lock()
    for _ in range(times):
        with lock:
            value = counter.read()
            pause(think)
            counter.write(value + 1)
