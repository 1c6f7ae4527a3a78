"""Count up in a file. The lock is a threading.Lock."""

from helpers.events import pause


def count_up(counter, lock, times, think):
    for _ in range(times):
        with lock:
            value = counter.read()
            pause(think)
            counter.write(value + 1)
