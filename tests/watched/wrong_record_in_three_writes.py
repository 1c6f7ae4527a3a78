# fault: torn record of log.txt, lines 12 and 13
# right end: every line is whole
# wrong end: a line is torn

import multiprocessing
import os
import time


def log(level, message):
    with open("log.txt", "ab", buffering=0) as out:
        out.write(level.encode())
        out.write(b" ")
        out.write(message.encode() + b"\n")


if __name__ == "__main__":
    lines = [("INFO", "started"), ("ERROR", "no disk")]
    ps = []
    for line in lines:
        p = multiprocessing.Process(target=log, args=line)
        p.start()
        ps.append(p)
        time.sleep(0.2)
    for p in ps:
        p.join()
    with open("log.txt") as f:
        found = sorted(f.read().splitlines())
    print("every line is whole" if found == sorted(" ".join(x) for x in lines) else "a line is torn")
