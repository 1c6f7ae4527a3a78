from helpers.events import pause


def sell(seats, log, customers, think):
    """Sell a seat to each customer while one is free; how many this process has sold."""
    sold = 0
    with log.open("a") as file:
        for _ in range(customers):
            pause(think)
            with seats.transaction("IMMEDIATE"):
                free = seats.select()
                if free > 0:
                    seats.update(free - 1)
                    file.write("sold one seat\n")
                    sold += 1
    return sold
