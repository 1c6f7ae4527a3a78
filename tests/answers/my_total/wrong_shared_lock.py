# lost_parts
import fcntl
from pathlib import Path


def read_total(folder):
    file = Path(folder, "total.txt")
    return int(file.read_text()) if file.exists() else 0


def add_part(folder, part, merge):
    with open(Path(folder, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        total = merge(read_total(folder), part)
        fcntl.flock(lock, fcntl.LOCK_EX)
        Path(folder, "total.txt").write_text(str(total))
