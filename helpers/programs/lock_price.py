"""What a lock costs that nobody else wants: prints nanoseconds per acquire and release, as JSON."""

import json
import multiprocessing
import sys
import threading
import time
from pathlib import Path
from statistics import median


def price(lock, pairs):
    began = time.perf_counter_ns()
    for _ in range(pairs):
        lock.acquire()
        lock.release()
    return (time.perf_counter_ns() - began) / pairs


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from helpers.resources.locks import LockedFile

    with multiprocessing.get_context("spawn").Manager() as manager:
        locks = {
            "threading.Lock": (threading.Lock(), 5000),
            "multiprocessing.Lock": (multiprocessing.Lock(), 5000),
            "multiprocessing.RLock": (multiprocessing.RLock(), 5000),
            "file lock": (LockedFile("price.lock"), 1000),
            "Manager().Lock": (manager.Lock(), 100),
        }
        rounds = [[price(*lock) for lock in locks.values()] for _ in range(9)]
    print(json.dumps(dict(zip(locks, map(median, zip(*rounds, strict=True)), strict=True))))
