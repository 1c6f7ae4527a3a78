"""Count up in a shared file. The lock is made where it is used."""

from helpers.events import pause
from helpers.resources import Lock


def count_up(counter, times, think):
    lock = Lock()
    for _ in range(times):
        with lock:
            value = counter.read()
            pause(think)
            counter.write(value + 1)
