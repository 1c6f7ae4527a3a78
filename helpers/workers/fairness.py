"""Hold a lock again and again for `seconds`. The siblings differ in what they do outside the lock."""

import time


def compute(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def take_it_again_at_once(lock, seconds, work, hold):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        with lock:
            work(hold)


def sleep_for_nothing_outside(lock, seconds, work, hold):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        with lock:
            work(hold)
        time.sleep(0)


def sleep_outside(lock, seconds, work, hold, outside):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        with lock:
            work(hold)
        time.sleep(outside)
