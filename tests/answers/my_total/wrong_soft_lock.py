# others_wait or crashed or wrong_after_kill
from pathlib import Path

from filelock import SoftFileLock


def read_total(folder):
    file = Path(folder, "total.txt")
    return int(file.read_text()) if file.exists() else 0


def add_part(folder, part, merge):
    with SoftFileLock(Path(folder, "total.lock")):
        total = merge(read_total(folder), part)
        Path(folder, "total.txt").write_text(str(total))
