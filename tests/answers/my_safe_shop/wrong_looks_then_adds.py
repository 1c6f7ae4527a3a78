# sold_twice
from helpers.events import pause


def sell(seats, log, customers, think):
    sold = 0
    with log.open("a") as file:
        for _ in range(customers):
            pause(think)
            if seats.select() > 0 and seats.add(-1):  # at fault
                file.write("sold one seat\n")
                sold += 1
    return sold
