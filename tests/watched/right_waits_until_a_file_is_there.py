# right end: 1 2 3

import os
import time
from multiprocessing import Process


def make():
    with open("rows.txt", "w") as file:
        for number in (1, 2, 3):
            file.write(f"{number} ")
            file.flush()
    open("rows.ready", "w").close()


def use():
    while not os.path.exists("rows.ready"):
        time.sleep(0.01)
    with open("rows.txt") as file:
        print(file.read().strip())


if __name__ == "__main__":
    reader, writer = Process(target=use), Process(target=make)
    reader.start()
    time.sleep(0.3)
    writer.start()
    reader.join()
    writer.join()
