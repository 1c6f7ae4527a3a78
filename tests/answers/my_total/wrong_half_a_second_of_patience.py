# gives_up
from pathlib import Path


def read_total(folder):
    file = Path(folder, "total.txt")
    return int(file.read_text()) if file.exists() else 0


from filelock import FileLock
def add_part(folder, part, merge):
    with FileLock(Path(folder, "total.lock"), timeout=0.5):
        total = merge(read_total(folder), part)
        Path(folder, "total.txt").write_text(str(total))
