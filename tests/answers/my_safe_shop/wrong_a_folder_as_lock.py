# own_lock
import os
import tempfile
import time

from helpers.events import pause

BUSY = os.path.join(tempfile.gettempdir(), f"shop_is_busy_{os.getppid()}")


def sell(seats, log, customers, think):
    sold = 0
    with log.open("a") as file:
        for _ in range(customers):
            pause(think)
            while True:
                try:
                    os.mkdir(BUSY)
                    break
                except FileExistsError:
                    time.sleep(0.001)
            free = seats.select()
            if free > 0:
                seats.update(free - 1)
                file.write("sold a seat\n")
                sold += 1
            os.rmdir(BUSY)
    return sold
