import fcntl
import os
import time
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def locked(path):
    fd = os.open(path, os.O_RDWR | os.O_CREAT)
    try:
        while True:
            try:
                fcntl.lockf(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.02)
        yield
    finally:
        os.close(fd)


def read_total(folder):
    file = Path(folder, "total.txt")
    return int(file.read_text()) if file.exists() else 0


def add_part(folder, part, merge):
    with locked(Path(folder, ".busy")):
        Path(folder, "total.txt").write_text(str(merge(read_total(folder), part)))
