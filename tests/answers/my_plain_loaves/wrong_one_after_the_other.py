# one_after_the_other
import os
from multiprocessing import Process
from pathlib import Path


def bake(oven, batches):
    for loaves in batches:
        total = int(Path("loaves.txt").read_text())
        Path(f"{oven}.new").write_text(str(total + loaves))
        os.replace(f"{oven}.new", "loaves.txt")


if __name__ == "__main__":
    Path("loaves.txt").write_text("0")
    batches = {"stone": [3, 4], "steam": [5, 6]}
    ovens = [Process(target=bake, args=each) for each in batches.items()]
    for oven in ovens:
        oven.start()
        oven.join()
    print(Path("loaves.txt").read_text(), "loaves")
