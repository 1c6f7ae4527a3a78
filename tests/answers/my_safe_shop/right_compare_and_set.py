from helpers.events import pause


def sell(seats, log, customers, think):
    sold = 0
    with log.open("a") as file:
        for _ in range(customers):
            pause(think)
            while True:
                free = seats.select()
                if free == 0 or seats.update_where(free, free - 1):
                    break
            if free > 0:
                file.write("sold a seat\n")
                sold += 1
    return sold
