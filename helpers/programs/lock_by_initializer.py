"""A pool's workers get the lock once, when they start: it cannot be sent along with each task."""

import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path


def keep(shared):
    global lock  # each worker process keeps it here
    lock = shared


def add_one(path):
    with lock:
        path.write_text(str(int(path.read_text()) + 1))


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    shared = context.Lock()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "number.txt")
        path.write_text("0")
        with context.Pool(3, initializer=keep, initargs=(shared,)) as pool:
            pool.map(add_one, [path] * 30)
        print("Pool: 30 updates, the file says", path.read_text())
        with ProcessPoolExecutor(3, context, keep, (shared,)) as executor:
            list(executor.map(add_one, [path] * 30))
        print("ProcessPoolExecutor: 30 more, the file says", path.read_text())
