# fault: kept lock, line 10
# right end: all checked
# wrong end: stuck

import multiprocessing
import time


def check(lock, name):
    lock.acquire()
    if name == "b.csv":
        print(name, "is empty", flush=True)
        return
    print(name, "is fine", flush=True)
    lock.release()


if __name__ == "__main__":
    lock = multiprocessing.Lock()
    checks = []
    for name in ("a.csv", "c.csv", "b.csv"):
        checks.append(multiprocessing.Process(target=check, args=(lock, name)))
        checks[-1].start()
        time.sleep(0.2)
    for c in checks:
        c.join()
    print("all checked")
