import os
import time

SETTINGS = {"processes": 8, "times": 1, "pause_ms": 1}
RIVALS = {"C.0001": "B.0001", "A.0001": "B.0001", "C.0002": "B.0001"}


def count(counter, times, think):
    value = counter.read()
    open(f"{counter.path}.met.{os.getpid()}", "w").close()
    while sum(".met." in name for name in os.listdir(os.path.dirname(counter.path))) < 8:
        time.sleep(0.001)
    counter.write(value + 1)
