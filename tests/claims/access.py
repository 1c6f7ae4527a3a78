"""What lesson 10 claims about screens, log files and databases."""

import re

from helpers import lab
from helpers.lab.programs import run_program
from helpers.resources import Table
from helpers.topics import Resource, Way, run_access, run_beside_program
from helpers.workers import table
from tests.claim import claim
from tests.claims.counter import METHODS

RUNS = 50
CARELESS = (Way.PIECES, Way.OPENED_W, Way.TWO_WRITES, Way.SELECT_UPDATE)
ONLY_REFUSED = (Way.DEFERRED,)
CURES = [way for way in Way if way not in (*CARELESS, *ONLY_REFUSED)]
SELLERS = table.sell_after_a_look, table.sell_in_a_transaction, table.sell_in_one_statement


@claim("10", "lines in pieces scramble in every run, one string in one write never")
@claim("10", "SELECT, then UPDATE loses in every run, the cures nothing")
def pieces_scramble_and_cures_keep_all():
    """At default settings each careless way damages something in every run, and no cure ever does."""
    for method in METHODS:
        for way in Way:
            found = [run_access(way=way, start_method=method) for _ in range(RUNS)]
            harmed = sum(access.lost + access.torn > 0 for access in found)
            name = f"{method}, {way.value}: runs with a loss or a torn line"
            yield name, harmed, RUNS * (way in CARELESS)
            if way in CURES:
                whole = sum(access.kept == access.wanted for access in found)
                yield f"{method}, {way.value}: runs in which all is kept", whole, RUNS
            if way is Way.OPENED_W:
                name = f"{method}, {way.value}: runs with 10 of 40 lines"
                yield name, sum(a.kept == 10 for a in found), RUNS
            if way is Way.DEFERRED:
                refused = sum(access.refused > 0 for access in found)
                yield f"{method}, {way.value}: runs with a refusal", refused, RUNS


@claim("10", "WAL changes nothing about what is lost or refused")
def wal_changes_no_loss():
    """With WAL the careless way loses too, a deferred transaction is refused too, and the cures hold."""
    for way in Resource.DATABASE.ways:
        found = [run_access(way=way, journal="wal") for _ in range(min(RUNS, 20))]
        name = f"WAL, {way.value}: runs with a loss"
        yield name, sum(a.lost > 0 for a in found), len(found) * (way is Way.SELECT_UPDATE)
        name = f"WAL, {way.value}: runs with a refusal"
        yield name, sum(a.refused > 0 for a in found), len(found) * (way is Way.DEFERRED)


@claim("10", "seats are oversold in every run, and never with a cure")
def seats_are_oversold():
    """Look, then take: more sold than there are, in every run; never with a cure."""
    for method in METHODS:
        for sell in SELLERS:
            oversold = 0
            for _ in range(RUNS):
                args = Table("seats database", start=20), 10, 0.001
                run = lab.run(sell, *args, processes=4, start_method=method)
                oversold += sum(run.returned.values()) > 20
            name = f"{method}, {sell.__name__}: runs that oversell"
            yield name, oversold, RUNS * (sell is table.sell_after_a_look)


@claim("10", "our lock loses beside a program of its own, the database's cures do not")
def a_lock_does_not_hold_a_stranger():
    """Beside a program of its own, our lock loses in every run; the cures of the database never do."""
    ways = (Way.LOCKED, Way.IMMEDIATE, Way.ONE_STATEMENT, Way.COMPARE_AND_SET)
    for method in METHODS:
        for way in ways:
            lost = [run_beside_program(way, start_method=method).lost > 0 for _ in range(RUNS)]
            name = f"{method}, beside a program, {way.value}: runs with a loss"
            yield name, sum(lost), RUNS * (way is Way.LOCKED)


@claim("10", "a lock around `print` needs a flush inside it")
def a_lock_around_print_needs_a_flush():
    """Of 800 lines some are damaged without a flush in every run, and none with it."""
    for flush, wanted in (((), RUNS), (("flush",), 0)):
        found = []
        for _ in range(RUNS):
            lines = run_program("print_under_lock.py", *flush).splitlines()
            found.append(
                any(not re.fullmatch(r"[AB] prints line \d+ -+ end", line) for line in lines)
            )
        name = f"print under a lock, {'with' if flush else 'without'} a flush: runs with damage"
        yield name, sum(found), wanted


@claim("10", "400 whole records through one listener")
def a_queue_keeps_all_records():
    """QueueHandler and QueueListener: 400 whole records."""
    found = [run_program("log_through_a_queue.py").splitlines() for _ in range(min(RUNS, 20))]
    whole = {f"{name}: order {number} is done" for name in "ABCD" for number in range(100)}
    name = "records through a queue: runs with all 400 whole"
    yield name, sum(set(lines) == whole and len(lines) == 400 for lines in found), len(found)
