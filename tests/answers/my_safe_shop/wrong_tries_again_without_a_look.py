# never_ends or tries_in_vain
from helpers.events import pause


def sell(seats, log, customers, think):
    sold = 0
    with log.open("a") as file:
        for _ in range(customers):
            pause(think)
            free = seats.select()
            if free > 0:
                while not seats.update_where(free, free - 1):
                    pause(think)
                file.write("sold one seat\n")
                sold += 1
    return sold
