# fault: lost update of shared[0], line 16
# right end: [12]
# wrong end: [1 to 11]

import multiprocessing
import time


def init(array):
    global counts
    counts = array


def roll(i):
    time.sleep(0.02)
    counts[0] += 1


if __name__ == "__main__":
    shared = multiprocessing.Array("i", 1)
    with multiprocessing.Pool(3, initializer=init, initargs=(shared,)) as pool:
        pool.map(roll, range(12), chunksize=4)
    print(list(shared))
