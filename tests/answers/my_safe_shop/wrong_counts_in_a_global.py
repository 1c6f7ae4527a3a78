# wrong_answer
from helpers.events import pause


SOLD = 0


def sell(seats, log, customers, think):
    global SOLD
    with log.open("a") as file:
        for _ in range(customers):
            pause(think)
            if seats.add(-1, at_least=0):
                file.write("sold one seat\n")
                SOLD += 1
    return SOLD
