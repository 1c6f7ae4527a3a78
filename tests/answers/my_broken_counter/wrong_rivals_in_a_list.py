# missing_rivals
from helpers.events import pause

SETTINGS = {"processes": 8, "times": 1, "pause_ms": 200}
RIVALS = ["C.0001", "A.0001", "C.0002"]


def count(counter, times, think):
    for _ in range(times):
        value = counter.read()
        pause(think)
        counter.write(value + 1)
