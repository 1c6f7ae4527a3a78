# fault: lost update of counter, line 11
# right end: final value 40
# wrong end: final value 2 to 39

import multiprocessing as mp
import time


def add(counter, times):
    for _ in range(times):
        counter.value += 1


if __name__ == '__main__':
    counter = mp.Value('i', 0)
    workers = []
    for _ in range(4):
        w = mp.Process(target=add, args=(counter, 10))
        workers.append(w)
        w.start()
        time.sleep(.1)
    for w in workers:
        w.join()
    print('final value', counter.value)
