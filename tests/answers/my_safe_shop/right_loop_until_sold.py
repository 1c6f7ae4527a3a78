from helpers.events import pause


def buy(seats):
    while (free := seats.select()) > 0:
        if seats.update_where(expected=free, number=free - 1):
            return True
    return False


def sell(seats, log, customers, think):
    sold = 0
    with log.open("a") as file:
        for customer in range(customers):
            pause(think)
            if buy(seats):
                file.write(f"customer {customer} has one\n")
                sold += 1
    return sold
