# sold_twice
from helpers.events import pause


def sell(seats, log, customers, think):
    sold = 0
    free = seats.select()  # at fault
    with log.open("a") as file:
        for _ in range(min(free, customers)):
            pause(think)
            seats.add(-1)  # at fault
            file.write("sold one seat\n")
            sold += 1
    return sold
