# lost_record
from helpers.events import pause


def sell(seats, log, customers, think):
    """Sell a seat to each customer while one is free; how many this process has sold."""
    sold = 0
    with log.open("w") as file:  # at fault
        for _ in range(customers):
            free = seats.select()  # at fault
            pause(think)
            if free > 0:
                seats.update(free - 1)  # at fault
                file.write("sold ")
                file.write("one seat\n")
                sold += 1
    return sold
