# turned_away
from helpers.events import pause


def sell(seats, log, customers, think):
    sold = 0
    with log.open("a") as file:
        pause(think * customers)
        if seats.add(-customers, at_least=0):  # at fault
            for _ in range(customers):
                file.write("sold one seat\n")
            sold = customers
    return sold
