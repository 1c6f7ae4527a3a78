# torn_record
from helpers.events import pause


def sell(seats, log, customers, think):
    sold = 0
    with log.open("a") as file:
        for _ in range(customers):
            pause(think)
            if seats.add(-1, at_least=0):
                print("sold", "a seat", file=file)  # at fault
                sold += 1
    return sold
