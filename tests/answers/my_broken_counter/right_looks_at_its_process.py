import os

from helpers.events import pause

SETTINGS = {"processes": 8, "times": 1, "pause_ms": 200}
RIVALS = {"C.0001": "B.0001", "A.0001": "B.0001", "C.0002": "B.0001"}


def count(counter, times, think):
    for _ in range(times):
        print(os.getpid())
        value = counter.read()
        pause(think)
        counter.write(value + 1)
