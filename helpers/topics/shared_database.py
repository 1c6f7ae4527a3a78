"""A shared database: seats that are sold more than once, and a program beside ours that takes part in no lock of ours."""

from dataclasses import dataclass

from helpers import lab
from helpers.events import counted
from helpers.lab import check
from helpers.lab.fates import fates_in
from helpers.lab.programs import PROGRAMS
from helpers.lab.settings import WayToWork, Worded
from helpers.resources import Table
from helpers.topics.access import AccessSettings, Resource, Way
from helpers.workers import table


class Sale(WayToWork):
    """How a seller finds out whether a seat is free, and takes it."""

    LOOK_FIRST = "SELECT, then UPDATE", table.sell_after_a_look
    TRANSACTION = "BEGIN IMMEDIATE", table.sell_in_a_transaction
    ONE_STATEMENT = "one UPDATE ... WHERE free > 0", table.sell_in_one_statement


@dataclass(frozen=True, repr=False)
class Sold(Worded):
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


def sell_seats(sale=Sale.LOOK_FIRST, seats=20, processes=4, customers=10, pause_ms=1.0, **more):
    """Let processes sell the same seats, each to its own customers: a Sold. `more` goes to `lab.run`."""
    sale = check.member("sale", sale, Sale)
    check.whole("seats", seats, 0, 1000)
    check.whole("customers", customers, 1, 100)
    check.span("pause_ms", pause_ms, 0, 1000, "ms")
    database = Table("seats database", start=seats)
    more = {"asked": processes * customers * pause_ms / 1000, **more}
    run = lab.run(sale.worker, database, customers, pause_ms / 1000, processes=processes, **more)
    return Sold(sale, run, seats)


@dataclass(frozen=True, repr=False)
class Beside(Worded):
    """Processes that counted in one way, and a program beside them that added by single UPDATEs.

    `added` is what the program added, `wanted` what the number should say in the end.
    """

    way: Way
    run: lab.Run
    added: int
    wanted: int

    @property
    def found(self):
        """What the number says in the end."""
        return self.run.account.observed

    @property
    def fates(self):
        """The Fate of each that did not die, by letter; the last letter is that of the program."""
        return fates_in(self.run)

    @property
    def lost(self):
        """How many additions the number does not hold, whoever made them, and nobody was warned."""
        return self.wanted - self.run.account.refused - self.found

    def __str__(self):
        if self.run.verdict not in ("correct", "lost_updates"):
            return f"{self.run.sentence} ({self.run.processes[-1]} is the program beside them)"
        lost = f"{self.lost} lost" if self.lost else "nothing lost"
        refused = self.run.account.refused
        lost += f", {refused} refused" if refused else ""
        return (
            f"{self.way.value}: {self.wanted - self.added} added by our processes and {self.added} by the "
            f"program beside them, the database says {self.found}: {lost}"
        )


def run_beside_program(way, added=50, **settings):
    """Count in the database in one `way` while a program that was started on its own adds to it: a Beside.

    Other keywords are those of AccessSettings; `processes` is 3 if not given. Raises TypeError or ValueError for
    what cannot be run.
    """
    check.whole("added", added, 1, 1000)
    settings = AccessSettings(resource=Resource.DATABASE, way=way, **{"processes": 3, **settings})
    processes = check.whole("processes", settings.processes, 1, len(lab.LETTERS) - 1)
    args = settings.arguments
    ours = table.once_it_grows, (args[0], settings.worker, *args[1:])
    other = table.add_by_program, (args[0], str(PROGRAMS / "add_to_database.py"), added)
    asked = (settings.wanted * settings.pause_ms + 2 * added) / 1000 + 5  # the program has to start
    run = settings.run(team=[*[ours] * processes, other], asked=asked)
    return Beside(settings.way, run, added, settings.wanted + added)
