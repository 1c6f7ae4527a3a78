"""A program of its own that adds to the number in a file, under a lock of the kind that it is told."""

import multiprocessing
import os
import sys
import time
from pathlib import Path

from filelock import FileLock

LOCKS = {
    "multiprocessing.Lock": lambda path: multiprocessing.Lock(),
    "FileLock": lambda path: FileLock(f"{path}.lock"),
}


def patiently(action, *args):
    """Do it; Windows refuses while another process has the file open or replaces it: then try again."""
    while True:
        try:
            return action(*args)
        except PermissionError:
            if os.name != "nt":
                raise
            time.sleep(0.001)


def note(step):
    """Say what becomes of the lock; whoever started this program reads it."""
    print(step, getattr(lock, "lock_file", f"the lock of process {os.getpid()}"), flush=True)


if __name__ == "__main__":
    path, kind, results, work, die_at = Path(sys.argv[1]), *sys.argv[2:]
    lock, fresh = LOCKS[kind](path), Path(f"{path}.{os.getpid()}")
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(1, int(results) + 1):
        time.sleep(float(work))
        note("wants")
        with lock:
            note("has")
            total = int(patiently(path.read_text))
            time.sleep(0.001)
            if number == int(die_at):
                os._exit(9)  # as abruptly as by a kill
            fresh.write_text(str(total + 1))
            patiently(os.replace, fresh, path)
        note("gave back")
