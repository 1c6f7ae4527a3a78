# lost_parts
import time
from pathlib import Path


def read_total(folder):
    file = Path(folder, "total.txt")
    return int(file.read_text()) if file.exists() else 0


def add_part(folder, part, merge):
    busy = Path(folder, "busy")
    while busy.exists():
        time.sleep(0.01)
    busy.touch()
    try:
        total = merge(read_total(folder), part)
        Path(folder, "total.txt").write_text(str(total))
    finally:
        busy.unlink(missing_ok=True)
