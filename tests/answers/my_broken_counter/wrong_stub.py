# kept_too_many
from helpers.events import pause

SETTINGS = {"processes": 4, "times": 10, "pause_ms": 1}
RIVALS = {}


def count(counter, times, think):
    for _ in range(times):
        value = counter.read()
        pause(think)
        counter.write(value + 1)
