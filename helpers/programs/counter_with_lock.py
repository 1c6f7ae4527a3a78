"""Two processes add 1 to the number in a file, ten times each, under one lock."""

import multiprocessing
import time
from pathlib import Path


def add_ten(path, lock):
    for _ in range(10):
        with lock:
            number = int(path.read_text() or 0)
            time.sleep(0.010)  # 10 ms inside the lock
            path.write_text(str(number + 1))
        time.sleep(0.001)  # 1 ms outside


if __name__ == "__main__":
    path = Path("textbook_counter.txt")
    path.write_text("0")
    try:
        lock = multiprocessing.Lock()
        children = [multiprocessing.Process(target=add_ten, args=(path, lock)) for _ in range(2)]
        for child in children:
            child.start()
        for child in children:
            child.join()
        print("expected 20, the file says", path.read_text())
    finally:
        path.unlink()
