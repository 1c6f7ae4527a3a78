"""Add one to a number in shared memory, `times` over. The siblings differ in what they lock."""

import time


def add_to_value(number, times):
    for _ in range(times):
        value = number.value
        time.sleep(0.0001)
        number.value = value + 1


def add_under_its_own_lock(number, times):
    for _ in range(times):
        with number.get_lock():
            value = number.value
            time.sleep(0.0001)
            number.value = value + 1


def add_under_lock(number, lock, times):
    for _ in range(times):
        with lock:
            value = number.value
            time.sleep(0.0001)
            number.value = value + 1
