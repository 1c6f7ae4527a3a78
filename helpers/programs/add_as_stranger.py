"""A program of its own that adds to the number in a file, under a lock of the kind that it is told."""

import multiprocessing
import os
import sys
import time

from filelock import FileLock


def note(step):
    """Say what becomes of the lock; whoever started this program reads it."""
    print(step, getattr(lock, "lock_file", f"the lock of process {os.getpid()}"), flush=True)


if __name__ == "__main__":
    path, kind, results, work, die_at = sys.argv[1:]
    lock = FileLock(f"{path}.lock") if kind == "FileLock" else multiprocessing.Lock()
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(1, int(results) + 1):
        time.sleep(float(work))
        note("wants")
        with lock, open(path, "r+") as file:
            note("has")
            total = int(file.read())
            time.sleep(0.001)
            if number == int(die_at):
                os._exit(9)  # as abruptly as by a kill
            file.seek(0)
            file.write(f"{total + 1:8}")  # always as wide: nobody meets half a number
        note("gave back")
