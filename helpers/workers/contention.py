"""Work, then add one to a number in a file under the lock, `times` over. The siblings differ in what the work is."""

import os
import time

from helpers.events import pause

# Seconds that one turn of the loop in `compute` takes at most. Windows' own clock of processor time, 15.6 ms a tick, is
# too coarse for a loop that asks it.
_LONGEST_TURN = 20e-6


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
    used, last = 0, time.perf_counter()
    while used < seconds:
        now = time.perf_counter()
        used += min(now - last, _LONGEST_TURN)  # what is longer, others had the processor
        last = now


def sleep_on_one_core(counter, lock, times, hold, work):
    share_one_core()
    work_by_sleeping(counter, lock, times, hold, work)


def compute_on_one_core(counter, lock, times, hold, work):
    share_one_core()
    work_by_computing(counter, lock, times, hold, work)


def share_one_core():
    """From now on this process runs on the first core that it may use."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
