# wrong_merge or wrong_total
import os
import tempfile
from pathlib import Path

from filelock import FileLock

FILE = Path(tempfile.gettempdir(), f"total-{os.getppid()}.txt")


def read_total(folder):
    return int(FILE.read_text()) if FILE.exists() else 0


def add_part(folder, part, merge):
    with FileLock(f"{FILE}.lock"):
        FILE.write_text(str(merge(read_total(folder), part)))
