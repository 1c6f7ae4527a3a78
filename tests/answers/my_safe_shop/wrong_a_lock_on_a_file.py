# own_lock
import os
import tempfile

from filelock import FileLock

from helpers.events import pause

LOCK = os.path.join(tempfile.gettempdir(), "shop.lock")


def sell(seats, log, customers, think):
    sold = 0
    with log.open("a") as file:
        for _ in range(customers):
            pause(think)
            with FileLock(LOCK):
                free = seats.select()
                if free > 0:
                    seats.update(free - 1)
            if free > 0:
                file.write("sold a seat\n")
                sold += 1
    return sold
