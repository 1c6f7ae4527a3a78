# fault: check then act of seat.txt, lines 9, 10 and 11
# right end: one of them has it
# wrong end: both have it
import os
from multiprocessing import Process, Queue


def take(name, taken):
    if not os.access("seat.txt", os.F_OK):
        with open("seat.txt", "w") as file:
            file.write(name)
        taken.put(name)
    taken.put(None)


if __name__ == "__main__":
    taken = Queue()
    guests = [Process(target=take, args=(name, taken)) for name in ("ann", "ben")]
    for guest in guests:
        guest.start()
    for guest in guests:
        guest.join()
    names, left = [], 2
    while left:
        name = taken.get()
        left -= name is None
        names += [name] if name else []
    print("one of them has it" if len(names) == 1 else "both have it")
