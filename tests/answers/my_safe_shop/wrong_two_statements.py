# sold_twice
from helpers.events import pause


def sell(seats, log, customers, think):
    sold = 0
    with log.open("a") as file:
        for _ in range(customers):
            free = seats.select()  # at fault
            pause(think)
            if free > 0:
                seats.update(free - 1)  # at fault
                file.write("sold a seat\n")
                sold += 1
    return sold
