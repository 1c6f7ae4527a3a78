# no_thought
from helpers.events import pause


def sell(seats, log, customers, think):
    sold = 0
    pause(think)
    with log.open("a") as file:
        for _ in range(customers):
            if seats.add(-1, at_least=0):
                file.write("sold a seat\n")
                sold += 1
    return sold
