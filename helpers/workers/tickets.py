"""Workers that sell seats: each customer gets one as long as one is free. And who looks whether the books of a sale fit."""

from helpers.events import pause

PRICE = 5


def sell_after_a_look(seats, customers, think):
    """Check, then act: what was true when it was checked need not be true any more. How many it sold."""
    sold = 0
    for _ in range(customers):
        free = seats.select()
        pause(think)
        if free > 0:
            seats.update(free - 1)
            sold += 1
    return sold


def sell_in_a_transaction(seats, customers, think):
    """Check and act in one transaction that takes the lock for writing at its beginning. How many it sold."""
    sold = 0
    for _ in range(customers):
        with seats.transaction("IMMEDIATE"):
            sold += sell_after_a_look(seats, 1, think)
    return sold


def sell_in_one_statement(seats, customers, think):
    """Check and act in one UPDATE, which says whether it found a free seat. How many it sold."""
    sold = 0
    for _ in range(customers):
        pause(think)
        sold += seats.add(-1, at_least=0)
    return sold


def audit(tickets, cash, lock):
    """Raises ValueError where the money is not that of the tickets."""
    with lock:
        count, money = tickets.read(), cash.read()
    if money != PRICE * count:
        raise ValueError(f"{count} tickets at {PRICE}, and {money} in the cash box")
