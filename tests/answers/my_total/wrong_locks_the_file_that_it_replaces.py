# lost_parts or same_total
import fcntl
import os
from pathlib import Path


def read_total(folder):
    file = Path(folder, "total.txt")
    return int(file.read_text() or 0) if file.exists() else 0


def add_part(folder, part, merge):
    with open(Path(folder, "total.txt"), "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        total = merge(read_total(folder), part)
        Path(folder, "new").write_text(str(total))
        os.replace(Path(folder, "new"), Path(folder, "total.txt"))
