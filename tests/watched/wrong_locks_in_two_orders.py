# fault: deadlock, lines 12 and 19
# right end: both copied
# wrong end: stuck

import time
from multiprocessing import Lock, Process


def to_backup(disk, backup):
    with disk:
        data = "data"
        with backup:
            print("to backup:", data, flush=True)


def from_backup(disk, backup):
    with backup:
        data = "old data"
        with disk:
            print("from backup:", data, flush=True)


if __name__ == "__main__":
    disk, backup = Lock(), Lock()
    a = Process(target=to_backup, args=(disk, backup))
    b = Process(target=from_backup, args=(disk, backup))
    a.start()
    time.sleep(0.3)
    b.start()
    a.join()
    b.join()
    print("both copied")
