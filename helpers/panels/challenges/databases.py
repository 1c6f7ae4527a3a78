"""The challenges of lesson 10: the same update in a database, with and without a transaction; and a log."""

from helpers.panels.challenges.record import Challenge
from helpers.resources import LogFile, Table
from helpers.workers import output, table


def _two(worker, thing, times):
    return lambda: [(worker, (thing(), times, 0))] * 2


def _says(number):
    return lambda walk: walk.is_over and walk.values["database"] == number


def _is_deadlock(walk):
    return bool(walk.is_over and walk.stuck and walk.stuck.circle)


def _all_torn(walk):
    return walk.is_over and walk.values["log"].startswith("0 kept")


DATABASES = (
    Challenge(
        "SELECT, then UPDATE",
        "10",
        _two(table.select_then_update, Table, 1),
        "Two processes count in a real database. Make it say 1 at the end.",
        _says(1),
        (
            "Each statement is safe. What lies between two statements is not.",
            "Let both SELECT before either UPDATEs.",
        ),
    ),
    Challenge(
        "two transactions in each other's way",
        "10",
        _two(table.count_in_deferred_transactions, Table, 1),
        "Both use a deferred transaction. Bring them to where neither can go on.",
        _is_deadlock,
        (
            "Who has read stays in: nobody else may commit until then.",
            "Let both BEGIN and SELECT. One of them can still UPDATE. Can it COMMIT?",
        ),
    ),
    Challenge(
        "two writes for one record",
        "10",
        _two(output.log_in_two_writes, LogFile, 1),
        "Each process writes one record in two writes. Leave no whole line in the log.",
        _all_torn,
        (
            "A record is whole if its two writes follow each other.",
            "Let B begin its record before A has ended its own.",
        ),
    ),
)
