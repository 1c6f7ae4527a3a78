"""What a lock costs that nobody else wants: prints nanoseconds per acquire and release, as JSON."""

import json
import multiprocessing
import threading
import time
from statistics import median

try:
    from fcntl import LOCK_EX, LOCK_UN, flock
except ImportError:  # Windows locks bytes of a file: here its first
    import msvcrt

    LOCK_EX, LOCK_UN = msvcrt.LK_NBLCK, msvcrt.LK_UNLCK

    def flock(file, action):
        while True:  # LK_LOCK would try once a second, and give up after ten
            try:
                return msvcrt.locking(file.fileno(), action, 1)
            except PermissionError:
                time.sleep(0.001)


class FileLock:
    """A lock on a file: the system gives it to one open file at a time."""

    def __init__(self, path):
        self.file = open(path, "w")  # noqa: SIM115 - open as long as it may be locked

    def acquire(self):
        flock(self.file, LOCK_EX)

    def release(self):
        flock(self.file, LOCK_UN)


def price(lock, pairs):
    began = time.perf_counter_ns()
    for _ in range(pairs):
        lock.acquire()
        lock.release()
    return (time.perf_counter_ns() - began) / pairs


if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Manager() as manager:
        locks = {
            "threading.Lock": (threading.Lock(), 5000),
            "multiprocessing.Lock": (multiprocessing.Lock(), 5000),
            "multiprocessing.RLock": (multiprocessing.RLock(), 5000),
            "file lock": (FileLock("price.lock"), 1000),
            "Manager().Lock": (manager.Lock(), 100),
        }
        rounds = [[price(*lock) for lock in locks.values()] for _ in range(9)]
    print(json.dumps(dict(zip(locks, map(median, zip(*rounds, strict=True)), strict=True))))
