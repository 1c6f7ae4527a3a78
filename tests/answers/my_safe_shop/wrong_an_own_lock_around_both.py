# sold_twice
import multiprocessing

from helpers.events import pause

lock = multiprocessing.Lock()


def sell(seats, log, customers, think):
    sold = 0
    with log.open("a") as file:
        for _ in range(customers):
            pause(think)
            with lock:
                free = seats.select()  # at fault
                if free > 0:
                    seats.update(free - 1)  # at fault
            if free > 0:
                file.write("sold a seat\n")
                sold += 1
    return sold
