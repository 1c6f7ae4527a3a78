# no_real_update
from helpers.events import pause

SETTINGS = {"processes": 8, "times": 1, "pause_ms": 200}
RIVALS = {"C.0001": "B.0001", "A.0001": "B.0001", "C.0002": "B.0001"}


def count(counter, times, think):
    for _ in range(times):
        value = counter.read()
        pause(think)
        counter.read()
        counter.write(value + 1)
        counter.write(value + 1)
