# turned_away
import sqlite3

from helpers.events import pause


def sell(seats, log, customers, think):
    sold = 0
    with log.open("a") as file:
        for _ in range(customers):
            try:
                with seats.transaction("DEFERRED"):
                    free = seats.select()
                    pause(think)
                    if free > 0:
                        seats.update(free - 1)  # at fault
            except sqlite3.OperationalError:
                continue
            if free > 0:
                file.write("sold a seat\n")
                sold += 1
    return sold
