# hides_the_fault
import os
from pathlib import Path

from filelock import FileLock


def read_total(folder):
    file = Path(folder, "total.txt")
    return int(file.read_text()) if file.exists() else 0


def add_part(folder, part, merge):
    with FileLock(Path(folder, "total.lock")):
        try:
            total = merge(read_total(folder), part)
        except RuntimeError:
            return
        Path(folder, "total.txt").write_text(str(total))
