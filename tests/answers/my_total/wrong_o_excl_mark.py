# others_wait
import time

import os
from pathlib import Path

from filelock import FileLock


def read_total(folder):
    file = Path(folder, "total.txt")
    return int(file.read_text()) if file.exists() else 0


def add_part(folder, part, merge):

    mark = Path(folder, "busy")
    while True:
        try:
            os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            time.sleep(0.001)
    try:
        total = merge(read_total(folder), part)
        Path(folder, "total.txt").write_text(str(total))
    finally:
        mark.unlink()
