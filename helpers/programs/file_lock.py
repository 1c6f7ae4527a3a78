"""A lock on a file: the system gives it to one open file at a time."""

import time

try:
    from fcntl import LOCK_EX, LOCK_UN, flock
except ImportError:  # Windows locks bytes of a file: here its first
    from msvcrt import LK_NBLCK as LOCK_EX
    from msvcrt import LK_UNLCK as LOCK_UN
    from msvcrt import locking

    def flock(file, action):
        while True:  # LK_LOCK would try once a second, and give up after ten
            try:
                return locking(file.fileno(), action, 1)
            except PermissionError:
                time.sleep(0.001)


class FileLock:
    def __init__(self, path):
        self.file = open(path, "w")  # noqa: SIM115 - open as long as it may be locked

    def acquire(self):
        flock(self.file, LOCK_EX)

    def release(self):
        flock(self.file, LOCK_UN)
