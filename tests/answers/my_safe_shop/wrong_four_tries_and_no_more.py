# turned_away
from helpers.events import pause


def sell(seats, log, customers, think):
    sold = 0
    with log.open("a") as file:
        for _ in range(customers):
            pause(think)
            for _ in range(4):  # at fault
                free = seats.select()
                if free <= 0:
                    break
                if seats.update_where(free, free - 1):
                    file.write("sold one seat\n")
                    sold += 1
                    break
    return sold
