# lost_parts
import os
from pathlib import Path

from filelock import FileLock


def read_total(folder):
    file = Path(folder, "total.txt")
    return int(file.read_text()) if file.exists() else 0


def add_part(folder, part, merge):
    before = read_total(folder)
    with FileLock(Path(folder, "total.lock")):
        Path(folder, "total.txt").write_text(str(merge(before, part)))
