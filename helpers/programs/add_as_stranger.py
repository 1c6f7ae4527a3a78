"""A program of its own that adds to the number in a file, under a lock of the kind that it is told."""

import multiprocessing
import os
import sys
import time

from filelock import FileLock

if __name__ == "__main__":
    path, kind, results, work, die_at = sys.argv[1:]
    lock = FileLock(f"{path}.lock") if kind == "FileLock" else multiprocessing.Lock()
    name = getattr(lock, "lock_file", f"the lock of process {os.getpid()}")
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(1, int(results) + 1):
        time.sleep(float(work))
        print("wants", name, flush=True)  # whoever started this program reads it
        with lock, open(path, "r+") as file:
            print("has", name, flush=True)
            total = int(file.read())
            time.sleep(0.001)
            if number == int(die_at):
                os._exit(9)  # as abruptly as by a kill
            file.seek(0)
            file.write(f"{total + 1:8}")  # always as wide: nobody meets half a number
        print("gave back", name, flush=True)
