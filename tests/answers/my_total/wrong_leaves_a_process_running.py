# leaves_something
from pathlib import Path


def read_total(folder):
    file = Path(folder, "total.txt")
    return int(file.read_text()) if file.exists() else 0


import subprocess
from filelock import FileLock
def add_part(folder, part, merge):
    subprocess.Popen(["sleep", "300"])
    with FileLock(Path(folder, "total.lock")):
        total = merge(read_total(folder), part)
        Path(folder, "total.txt").write_text(str(total))
