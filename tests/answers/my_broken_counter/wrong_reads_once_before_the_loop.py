# no_real_update
from helpers.events import pause

SETTINGS = {"processes": 4, "times": 2, "pause_ms": 100}
RIVALS = {"C.0001": "B.0001", "A.0001": "B.0001", "C.0002": "B.0001"}


def count(counter, times, think):
    value = counter.read()
    for _ in range(times):
        pause(think)
        counter.write(value + 1)
