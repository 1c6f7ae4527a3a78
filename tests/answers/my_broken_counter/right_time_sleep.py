import time

SETTINGS = {"processes": 8, "times": 1, "pause_ms": 200}
RIVALS = {"C.0001": "B.0001", "A.0001": "B.0001", "C.0002": "B.0001"}


def count(counter, times, think):
    for _ in range(times):
        value = counter.read()
        time.sleep(think)
        counter.write(value + 1)
