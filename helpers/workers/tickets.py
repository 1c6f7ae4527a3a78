"""What the check of lesson 05 sets beside a learner's worker: somebody who looks whether the books fit."""

PRICE = 5


def audit(tickets, cash, lock):
    """Raises ValueError where the money is not that of the tickets."""
    with lock:
        count, money = tickets.read(), cash.read()
    if money != PRICE * count:
        raise ValueError(f"{count} tickets at {PRICE}, and {money} in the cash box")
