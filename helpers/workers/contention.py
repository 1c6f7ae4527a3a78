"""Work, then add one to a number in a file under the lock, `times` over. The siblings differ in what the work is."""

import os
import time

from helpers.events import pause


def work_by_sleeping(counter, lock, times, hold, work):
    for _ in range(times):
        pause(work)
        with lock:
            value = counter.read()
            pause(hold)
            counter.write(value + 1)


def work_by_computing(counter, lock, times, hold, work):
    for _ in range(times):
        compute(work)
        with lock:
            value = counter.read()
            compute(hold)
            counter.write(value + 1)


def compute(seconds):
    """Use up this much processor time: the more processes share a core, the longer it takes."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def sleep_on_one_core(counter, lock, times, hold, work):
    share_one_core()
    work_by_sleeping(counter, lock, times, hold, work)


def compute_on_one_core(counter, lock, times, hold, work):
    share_one_core()
    work_by_computing(counter, lock, times, hold, work)


def share_one_core():
    """From now on this process runs on the first core that it may use."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
