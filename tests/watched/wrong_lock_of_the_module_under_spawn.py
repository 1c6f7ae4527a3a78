# fault: lost update of stock.txt, lines 17 and 19
# right end: 8 left
# wrong end: 9 left
# sets its start method

import multiprocessing
import time

spawn = multiprocessing.get_context("spawn")
lock = spawn.Lock()


def sell(name):
    lock.acquire()
    try:
        with open("stock.txt", "r+") as stock:
            left = int(stock.readline())
            stock.seek(0)
            stock.write("%d\n" % (left - 1))
            stock.truncate()
    finally:
        lock.release()


if __name__ == "__main__":
    with open("stock.txt", "w") as stock:
        stock.write("10\n")
    anna = spawn.Process(target=sell, args=("Anna",))
    bert = spawn.Process(target=sell, args=("Bert",))
    anna.start()
    time.sleep(0.5)
    bert.start()
    anna.join()
    bert.join()
    print(open("stock.txt").read().strip(), "left")
