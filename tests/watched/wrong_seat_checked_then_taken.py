# fault: check then act of seat_7.txt, lines 12 and 14
# right end: 1 passenger on seat 7
# wrong end: 2 passengers on seat 7

import os
import time
from multiprocessing import Process, Queue


def book(passenger, booked):
    path = "seat_7.txt"
    if os.path.exists(path):
        return
    with open(path, "w") as seat:
        seat.write(passenger + "\n")
    booked.put(passenger)


if __name__ == "__main__":
    booked = Queue()
    everyone = []
    for passenger in ["Ada", "Grace"]:
        everyone.append(Process(target=book, args=(passenger, booked)))
        everyone[-1].start()
        time.sleep(0.2)
    for p in everyone:
        p.join()
    got = []
    while not booked.empty():
        got.append(booked.get())
    print(len(got), "passenger on seat 7" if len(got) == 1 else "passengers on seat 7")
