# fault: lost update of number.txt, lines 13 and 14
# right end: 2
# wrong end: 1

from multiprocessing import Process
from time import sleep

FILE = "number.txt"


def increment():
    with open(FILE) as f:
        number = int(f.read())
    with open(FILE, "w") as f:
        f.write(str(number + 1))


if __name__ == "__main__":
    with open(FILE, "w") as f:
        f.write("0")
    processes = [Process(target=increment) for _ in range(2)]
    for p in processes:
        p.start()
        sleep(0.2)
    for p in processes:
        p.join()
    with open(FILE) as f:
        print(f.read())
