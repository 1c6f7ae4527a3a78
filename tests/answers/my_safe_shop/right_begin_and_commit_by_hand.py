from helpers.events import pause


def sell(seats, log, customers, think):
    sold = 0
    with log.open("a") as file:
        for _ in range(customers):
            pause(think)
            seats.begin("IMMEDIATE")
            free = seats.select()
            if free > 0:
                seats.update(free - 1)
            seats.commit()
            if free > 0:
                file.write("sold a seat\n")
                sold += 1
    return sold
