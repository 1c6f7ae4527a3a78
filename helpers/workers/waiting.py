"""Wait for a lock: and what it costs the processor, one holds it, one waits, both tell what they used."""

import time

from helpers.events import pause


def hold_by_computing(lock, seconds):
    began = time.process_time()
    with lock:
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            pass
    return time.process_time() - began


def wait_for_the_holder(lock, think):
    pause(think)
    began = time.process_time()
    with lock:
        pass
    return time.process_time() - began


def come_second(lock, think):
    pause(think)
    with lock:
        pause(think)
