# exception_keeps_lock
from pathlib import Path


def read_total(folder):
    file = Path(folder, "total.txt")
    return int(file.read_text()) if file.exists() else 0


from filelock import FileLock
locks = {}
def add_part(folder, part, merge):
    lock = locks.setdefault(folder, FileLock(Path(folder, "total.lock")))
    lock.acquire()
    total = merge(read_total(folder), part)
    Path(folder, "total.txt").write_text(str(total))
    lock.release()
