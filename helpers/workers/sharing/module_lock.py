"""Count up in a file. The lock is made with the module."""

from helpers.events import pause
from helpers.resources import Lock

lock = Lock()


def count_up(counter, times, think):
    for _ in range(times):
        with lock:
            value = counter.read()
            pause(think)
            counter.write(value + 1)
