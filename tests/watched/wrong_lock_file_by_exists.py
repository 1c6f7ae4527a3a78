# fault: check then act of job.lock, lines 11 and 13
# right end: 2 runs
# wrong end: 1 runs

import os
import time
from multiprocessing import Process


def job(n):
    while os.path.exists("job.lock"):
        time.sleep(0.01)
    open("job.lock", "w").close()
    try:
        runs = int(open("runs.txt").read())
        open("runs.txt", "w").write(str(runs + 1))
    finally:
        if os.path.exists("job.lock"):
            os.remove("job.lock")


if __name__ == "__main__":
    open("runs.txt", "w").write("0")
    for n, p in enumerate(jobs := [Process(target=job, args=(n,)) for n in range(2)]):
        p.start()
        time.sleep(0.2)
    for p in jobs:
        p.join()
    print(open("runs.txt").read(), "runs")
