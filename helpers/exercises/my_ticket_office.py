"""my_ticket_office.py: a plain program, two desks with a number, a table and a log, which its reader has repaired."""

import os
import sqlite3
from collections import Counter
from contextlib import closing
from functools import partial
from pathlib import Path
from unittest import mock

from helpers.events import listed
from helpers.exercises.findings import Ask
from helpers.exercises.plain import Program, collides, in_time

_SEATS = 8
_DESKS = ("Ada buys", "Ben buys", "Cleo buys"), ("Gus returns", "Dan buys", "Eve buys")
_WALK, _PRINT = 0.01, 0.03  # seconds; what takes as long as to print is slow work
_BROKE = "Ben", "Eve"  # who cannot pay in a run of their own
_KILLING = Path(__file__).with_name("killing")


# ---- the books


def wrong_books(folder, broke=(), was_killed=False):
    """What is wrong with the three files in a folder, in words, or "".

    Nothing may be there of those who are `broke`. Where a desk was killed, the other one must have served all of its customers.
    """
    try:
        left, holders, receipts = _read_books(folder)
    except (OSError, ValueError, sqlite3.Error) as error:
        return f"the books cannot be read ({type(error).__name__}: {error})"
    numbers = [line.partition(" ")[0] for line in receipts]
    texts = [" ".join(line.split()[1:]) for line in receipts]
    if numbers != [f"{number}" for number in range(1, len(numbers) + 1)]:
        return f"the numbers of the receipts are {listed(numbers)}"
    wanted = {"Gus buys", *(who for desk in _DESKS for who in desk if who.split()[0] not in broke)}
    is_whole = set(texts) == wanted
    if was_killed:
        is_whole = set(texts) <= wanted and any(set(desk) <= set(texts) for desk in _DESKS)
    if not is_whole or len(set(texts)) < len(texts):
        return f"the receipts are {', '.join(texts) or 'none'}"
    owners = {name for name, wish in map(str.split, texts) if wish == "buys"}
    owners = sorted(owners - {name for name, wish in map(str.split, texts) if wish == "returns"})
    if holders != owners:
        return f"by the receipts, {listed(owners)} have seats, and seats.db has given them to {listed(holders) if holders else 'nobody'}"
    if left + len(holders) != _SEATS:
        return f"tickets.txt says {left}, and {len(holders)} of the {_SEATS} seats are taken"
    return ""


def _read_books(folder):
    """The number of tickets left, the sorted names of those who have a seat, and the lines of the log."""
    left = int(Path(folder, "tickets.txt").read_text(encoding="utf-8"))
    with closing(sqlite3.connect(Path(folder, "seats.db"))) as seats:
        found = [holder for (holder,) in seats.execute("SELECT holder FROM seats")]
    log = Path(folder, "office.log").read_text(encoding="utf-8")
    return left, sorted(filter(None, found)), log.splitlines()


# ---- attacks


_OFFICE = Program(right=wrong_books, slow=_PRINT, pauses=6)


def two_desks_at_once(seen, wrong, when):
    """Two processes have waited for three customers each; or two tasks of a pool have, for it may give both to one of its workers."""
    walks = Counter(p[:2] for p in seen.pauses if p.seconds == _WALK and p.process != "P")
    desks = [process for (process, _), count in walks.items() if count >= len(_DESKS[0])]
    if len(desks) < len(_DESKS):
        yield f"no_real_work: Two desks should wait for three customers each, and wait time.sleep(WALK) for each. {listed(desks) if desks else 'No process'} did. The work itself must stay."


def nothing_without_money(answer):
    """Two customers cannot pay: nothing is left behind, and nothing collides where the program cleans up."""
    program = _OFFICE._replace(right=partial(wrong_books, broke=_BROKE))

    def judge(seen, wrong, when):
        yield from program.bad_end(seen, wrong, when)
        yield from collides(seen, f"Processes can collide {when}")

    return program.judged(answer, judge, f"when {listed(_BROKE)} cannot pay", "", *_BROKE)


def goes_on_beside_a_killed_desk(answer):
    """One desk is killed while it waits for its second customer."""
    program = _OFFICE._replace(right=partial(wrong_books, was_killed=True))

    def judge(seen, wrong, when):
        in_time(seen)
        if seen.ended:
            yield f"others_wait: {when}, and the program does not end. {seen.sentence}"
        if wrong:
            yield f"wrong_after_kill: {when}: {wrong}."

    path = os.pathsep.join(filter(None, [str(_KILLING), os.environ.get("PYTHONPATH")]))
    # In scripts that start meanwhile, a desk is killed.
    with mock.patch.dict(os.environ, PYTHONPATH=path):
        when = "One desk was killed while it waited for its second customer"
        return program.judged(answer, judge, when)


EXERCISE = _OFFICE.exercise(
    "The program ends by itself under each start method, and its books balance: tickets left and seats taken make eight, "
    "whoever has bought and not returned has one seat, and each sale and each return has one receipt, numbered 1 to 7.",
    slow_words="The five tickets are printed (`time.sleep(PRINT)`), and the returned one is looked at (`time.sleep(LOOK)`), while the desk holds no lock.",
    more=(
        Ask("Two desks serve at the same time, three customers each, and wait `time.sleep(WALK)` for each of them.", _OFFICE.under_each_method(two_desks_at_once)),
        Ask("Customers who cannot pay (`python my_ticket_office.py Ben Eve`) leave nothing behind: no sale, no seat, no receipt.", nothing_without_money),
        Ask("A desk that is killed while it waits for a customer, in `time.sleep(WALK)`, holds nobody up: the other desk serves all its customers, "
            "the program ends by itself, and the books balance.", goes_on_beside_a_killed_desk),
    ),
)  # fmt: skip
