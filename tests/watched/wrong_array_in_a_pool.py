# fault: lost update of shared[0], line 17
# right end: [6, 6]
# wrong end: [1 to 6, 1 to 6]

import multiprocessing
import time


def init(array):
    global counts
    counts = array


def roll(i):
    time.sleep(0.02)
    side = i % 2
    counts[side] += 1


if __name__ == "__main__":
    shared = multiprocessing.Array("i", 2)
    with multiprocessing.Pool(3, initializer=init, initargs=(shared,)) as pool:
        pool.map(roll, range(12), chunksize=4)
    print(list(shared))
