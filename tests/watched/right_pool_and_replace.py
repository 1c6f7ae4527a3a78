# right end: 4 results, 10 in all

import os
from multiprocessing import Pool, Value


def init(shared):
    global total
    total = shared


def work(n):
    factor = int(open("settings.txt").read())
    path = f"result_{n}.txt"
    with open(path + ".tmp", "w") as f:
        f.write(str(n * factor))
    os.replace(path + ".tmp", path)
    with total.get_lock():
        total.value += n * factor
    return path


def note(path):
    with open("index.txt", "r+") as index:
        count = len(index.readlines())
        index.write(f"{count + 1}: {path}\n")


if __name__ == "__main__":
    open("settings.txt", "w").write("1")
    total = Value("i", 0)
    with Pool(2, init, (total,)) as pool:
        paths = pool.map(work, [1, 2, 3, 4])
        for path in paths:
            open(path, "a").write("\n")
    open("index.txt", "w").close()
    with Pool(1) as only_one:
        only_one.map(note, paths, chunksize=1)
    open("settings.txt", "w").write("2")
    print(f"{len(paths)} results, {total.value} in all")
