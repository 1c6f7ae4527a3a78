"""Check, then act: seats in a database that are sold more than once."""

from dataclasses import dataclass
from enum import Enum

from helpers import lab
from helpers.events import counted
from helpers.lab import check
from helpers.resources import Table
from helpers.workers import seats


class Sale(Enum):
    """How a seller finds out whether a seat is free, and takes it."""

    LOOK_FIRST = "SELECT, then UPDATE"
    TRANSACTION = "BEGIN IMMEDIATE"
    ONE_STATEMENT = "one UPDATE ... WHERE free > 0"

    @property
    def worker(self):
        """The function that each process runs, as the learner reads it."""
        return {
            Sale.LOOK_FIRST: seats.sell_after_a_look,
            Sale.TRANSACTION: seats.sell_in_a_transaction,
            Sale.ONE_STATEMENT: seats.sell_in_one_statement,
        }[self]


@dataclass(frozen=True)
class Sold:
    """How many seats there were, and how many were sold."""

    sale: Sale
    run: lab.Run
    seats: int

    @property
    def sold(self):
        return sum(self.run.returned.values())

    @property
    def oversold(self):
        """How many customers hold a seat that somebody else has too."""
        return max(self.sold - self.seats, 0)

    def __str__(self):
        if len(self.run.returned) < len(self.run.processes):
            return self.run.sentence
        say = f"{self.sale.value}: {counted(self.seats, 'seat')}, {self.sold} sold"
        return f"{say}: {self.oversold} too many" if self.oversold else f"{say}: none too many"

    __repr__ = __str__


def sell_seats(sale=Sale.LOOK_FIRST, seats=20, processes=4, customers=10, pause_ms=1.0, **more):
    """Let processes sell the same seats, each to its own customers: a Sold. `more` goes to `lab.run`."""
    sale = check.member("sale", sale, Sale)
    check.whole("seats", seats, 0, 1000)
    check.whole("customers", customers, 1, 100)
    check.span("pause_ms", pause_ms, 0, 1000, "ms")
    table = Table("seats database", start=seats)
    more = {"asked": processes * customers * pause_ms / 1000, **more}
    run = lab.run(sale.worker, table, customers, pause_ms / 1000, processes=processes, **more)
    return Sold(sale, run, seats)
