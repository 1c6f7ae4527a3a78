"""A program of its own that adds to the number in a file, under a lock of the kind that it is told."""

import multiprocessing
import os
import sys
import time

from filelock import FileLock

if __name__ == "__main__":
    path, kind, results, work, die_at = sys.argv[1:]
    lock = FileLock(f"{path}.lock") if kind == "FileLock" else multiprocessing.Lock()
    print("ready", flush=True)  # whoever started this program reads it, and answers
    sys.stdin.readline()
    for number in range(1, int(results) + 1):
        time.sleep(float(work))
        with lock, open(path, "r+") as file:
            total = int(file.read())
            time.sleep(0.001)
            if number == int(die_at):
                os._exit(9)  # as abruptly as by a kill
            file.seek(0)
            file.write(f"{total + 1:8}")  # always as wide: nobody meets half a number
