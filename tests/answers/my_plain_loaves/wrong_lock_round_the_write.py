# collides
import os
from multiprocessing import Lock, Process
from pathlib import Path


def bake(lock, oven, batches):
    for loaves in batches:
        total = int(Path("loaves.txt").read_text())
        with lock:
            Path(f"{oven}.new").write_text(str(total + loaves))
            os.replace(f"{oven}.new", "loaves.txt")


if __name__ == "__main__":
    Path("loaves.txt").write_text("0")
    lock = Lock()
    batches = {"stone": [3, 4], "steam": [5, 6]}
    ovens = [Process(target=bake, args=(lock, *each)) for each in batches.items()]
    for oven in ovens:
        oven.start()
    for oven in ovens:
        oven.join()
    print(Path("loaves.txt").read_text(), "loaves")
