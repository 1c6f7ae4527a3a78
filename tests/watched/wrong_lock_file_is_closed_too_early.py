# fault: lost update of total.txt, lines 12 and 13
# right end: 30
# wrong end: 10 or 20
import fcntl
from multiprocessing import Process
from pathlib import Path


def add(amount):
    with open("total.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        total = int(Path("total.txt").read_text())
    Path("total.txt").write_text(str(total + amount))


if __name__ == "__main__":
    Path("total.txt").write_text("0")
    clerks = [Process(target=add, args=(amount,)) for amount in (10, 20)]
    for clerk in clerks:
        clerk.start()
    for clerk in clerks:
        clerk.join()
    print(Path("total.txt").read_text())
