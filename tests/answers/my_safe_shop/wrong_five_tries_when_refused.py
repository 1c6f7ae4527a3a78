# turned_away
import sqlite3

from helpers.events import pause


def sell(seats, log, customers, think):
    sold = 0
    with log.open("a") as file:
        for _ in range(customers):
            pause(think)
            free = 0
            for _ in range(5):  # at fault
                try:
                    with seats.transaction("DEFERRED"):
                        free = seats.select()
                        if free > 0:
                            seats.update(free - 1)
                    break
                except sqlite3.OperationalError:
                    pause(think)
            if free > 0:
                file.write("sold a seat\n")
                sold += 1
    return sold
