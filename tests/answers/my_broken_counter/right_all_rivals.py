from helpers.events import pause

SETTINGS = {"processes": 8, "times": 1, "pause_ms": 200}
from helpers.course import rival_puzzle

RIVALS = rival_puzzle().rivals


def count(counter, times, think):
    for _ in range(times):
        value = counter.read()
        pause(think)
        counter.write(value + 1)
