# merged_again
import os
from pathlib import Path

from filelock import FileLock


def read_total(folder):
    file = Path(folder, "total.txt")
    return int(file.read_text()) if file.exists() else 0


def add_part(folder, part, merge):
    while True:
        before = read_total(folder)
        total = merge(before, part)
        with FileLock(Path(folder, "total.lock")):
            if read_total(folder) == before:
                Path(folder, "total.txt").write_text(str(total))
                return
