# right end: 12

from multiprocessing import Lock, Process

FILE = "number.txt"


def increment(lock, times):
    for _ in range(times):
        with lock:
            with open(FILE) as f:
                number = int(f.read())
            with open(FILE, "w") as f:
                f.write(str(number + 1))


if __name__ == "__main__":
    with open(FILE, "w") as f:
        f.write("0")
    lock = Lock()
    processes = [Process(target=increment, args=(lock, 4)) for _ in range(3)]
    for p in processes:
        p.start()
    for p in processes:
        p.join()
    with open(FILE) as f:
        print(f.read())
