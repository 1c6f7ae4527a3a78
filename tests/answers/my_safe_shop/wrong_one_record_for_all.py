# wrong_log
from helpers.events import pause


def sell(seats, log, customers, think):
    sold = 0
    for _ in range(customers):
        pause(think)
        sold += seats.add(-1, at_least=0)
    log.open("a").write(f"sold {sold} seats\n")
    return sold
