"""Workers that want the same thing at the same time: a lock, two forks, a printer.

Those that hold a lock again and again for `seconds` differ in what they do outside it.
"""

import os
import time

from helpers.events import pause

# Seconds that one turn of the loop in `compute` takes at most. Windows' own clock of processor time, 15.6 ms a tick, is
# too coarse for a loop that asks it.
_LONGEST_TURN = 20e-6


def work_and_count(spend, counter, lock, times, hold, work):
    for _ in range(times):
        spend(work)
        with lock:
            value = counter.read()
            spend(hold)
            counter.write(value + 1)


def compute(seconds):
    """Use up this much processor time: the more processes share a core, the longer it takes."""
    used, last = 0, time.perf_counter()
    while used < seconds:
        now = time.perf_counter()
        used += min(now - last, _LONGEST_TURN)  # what is longer, others had the processor
        last = now


def on_one_core(worker, *args):
    """From now on this process runs on the first core that it may use: what `worker(*args)` gives back there."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    return worker(*args)


# ---- one lock, again and again


def take_it_again_at_once(lock, seconds, work, hold):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        with lock:
            work(hold)


def sleep_outside(lock, seconds, work, hold, outside):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        with lock:
            work(hold)
        time.sleep(outside)


# ---- one holds, one waits


def tell_processor_time(lock, late, seconds):
    """Come so late, wait for the lock, and compute for so many seconds with it: how much processor time that took."""
    pause(late)
    began = time.process_time()
    with lock:
        compute(seconds)
    return time.process_time() - began


def come_second(lock, think, releases=0):
    """Take the lock a little later, after some releases of a lock that is another process's."""
    pause(think)
    for _ in range(releases):
        lock.release()
    with lock:
        pause(think)


# ---- philosophers at a round table: each needs the fork on either side to eat


def dine_naively(left, right, meals, think):
    for _ in range(meals):
        with left:
            pause(think)
            with right:
                pause(think)


# ---- printers: a semaphore has a permit for each


def print_pages(printers, pages, page_s, think):
    for _ in range(pages):
        pause(think)
        with printers:
            pause(page_s)


def take_permits(semaphore, count, think):
    for _ in range(count):
        semaphore.acquire()
        pause(think)
    for _ in range(count):
        semaphore.release()


def give_permits(semaphore, count, think):
    pause(think)
    for _ in range(count):
        semaphore.release()
