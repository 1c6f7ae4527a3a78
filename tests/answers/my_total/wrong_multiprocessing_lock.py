# lost_parts
import multiprocessing
lock = multiprocessing.Lock()

import os
from pathlib import Path

from filelock import FileLock


def read_total(folder):
    file = Path(folder, "total.txt")
    return int(file.read_text()) if file.exists() else 0


def add_part(folder, part, merge):
    with lock:
        total = merge(read_total(folder), part)
        Path(folder, "total.txt").write_text(str(total))
