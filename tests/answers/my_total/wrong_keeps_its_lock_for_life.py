# never_ends
from pathlib import Path


def read_total(folder):
    file = Path(folder, "total.txt")
    return int(file.read_text()) if file.exists() else 0


import fcntl
_held = None
def add_part(folder, part, merge):
    global _held
    if _held is None:
        _held = open(Path(folder, "total.lock"), "w")
        fcntl.flock(_held, fcntl.LOCK_EX)
    total = merge(read_total(folder), part)
    Path(folder, "total.txt").write_text(str(total))
