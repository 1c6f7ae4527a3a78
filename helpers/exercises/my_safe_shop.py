"""my_safe_shop.py: sell(seats, log, customers, think), without any lock."""

from dataclasses import replace
from functools import partial

from helpers import lab
from helpers.course.attacks import orders, parts, tools
from helpers.course.attacks.endings import death
from helpers.course.attacks.orders import Question
from helpers.course.attacks.parts import Failure
from helpers.events import counted
from helpers.resources import LogFile, Table

_SELLERS, _CUSTOMERS, _THINK = 3, 4, 0.001
# In the model: so many sellers, so many customers each, so many seats. First what has the shortest orders.
_SALES = ((2, 1, 1), (2, 1, 5), (3, 1, 2), (2, 2, 3))
_SEATS, _LOG = "seats database", "log"
_MEND = (
    "Each process would have a lock of its own, or other programs would not know it. The database and the log "
    "can do it by themselves: look at what one statement, one transaction and one write promise."
)
_OWN_LOCKS = (("own_lock", ("filelock", "fcntl", "msvcrt", "helpers.resources"), _MEND),)


def no_lock(path):
    """The file must use no lock, and nothing else that is no step."""
    failure = tools.first_used(path, _OWN_LOCKS) or tools.no_foreign_tools(path)
    if failure and failure.name == "own_lock":
        return replace(failure, reason=f"{failure.reason.partition('. ')[0]}. {_MEND}")
    return failure


def _worker(path):
    return lab.WorkerFile(path, "sell")


def _shared(seats):
    return Table(_SEATS, start=seats), LogFile(_LOG)


def sell_in_every_order(path):
    """All orders of two and of three sellers, with enough seats and with few.

    First one seller after the other: what goes wrong there needs no special order. Where two transactions wait for
    each other, the database would refuse one of them: what the file makes of that, real runs tell.
    """
    args = *_shared(3), 2, _THINK
    run = lab.run(_worker(path), *args, processes=2, deadline=parts.DEADLINE / 2, schedule="")
    if failure := _bad_sale(run, 3):
        return failure if run.verdict == "timed_out" else replace(failure, schedule=run.schedule)
    return orders.first_failure([_sale(path, *sale) for sale in _SALES])


def _sale(path, sellers, customers, seats):
    wanted = min(seats, sellers * customers)
    values = {_SEATS: seats - wanted, _LOG: f"{wanted} kept, 0 torn, 0 lost"}
    return Question(
        [(_worker(path), (*_shared(seats), customers, _THINK))] * sellers,
        holds=lambda outcome: (
            outcome.verdict == "deadlock"
            or (outcome.verdict, outcome.errors, outcome.values) == ("ended", (), values)
        ),
        explain=partial(_bad_sale, wanted=wanted),
    )


def sell_in_real_runs(path):
    """Three runs under each of two start methods, with few seats and with many: each sold once, and logged."""
    for method in parts.TWO_METHODS:
        for seats in (5, 20):
            with lab.ProcessSet(_SELLERS, method) as sellers:
                for _ in range(3):
                    args = *_shared(seats), _CUSTOMERS, _THINK
                    run = sellers.run(_worker(path), *args, deadline=parts.DEADLINE)
                    if failure := _bad_sale(run, min(seats, _SELLERS * _CUSTOMERS)):
                        return failure
    return None


def _bad_sale(run, wanted):
    """The Failure for a run in which not each of `wanted` seats was sold once and logged once, or None."""
    if failure := death(run):
        return failure
    seats, log = run.accounts[_SEATS], run.accounts[_LOG]
    return _bad_seats(run, seats, wanted) or _bad_log(run, log, wanted) or _bad_answer(run, wanted)


def _bad_seats(run, seats, wanted):
    sold = seats.start - seats.observed
    if seats.lost_count:
        lost = seats.lost[0]
        return Failure(
            "sold_twice",
            f"{lost.process} found {lost.base} free and left {lost.value}, but somebody else had sold from the same {lost.base}: "
            "one seat, two customers. Look and take must be one statement, or one transaction that nobody else writes in.",
            run,
        )
    if sold < wanted:
        refused = ": database is locked" if seats.refused else ""
        return Failure(
            "turned_away",
            f"{counted(wanted, 'seat')} should be sold, and {sold} were{refused}. Whoever is refused must try again, or wait from the beginning of the transaction.",
            run,
        )
    return None


def _bad_log(run, log, wanted):
    if log.torn:
        return Failure(
            "torn_record",
            f"{counted(len(log.torn), 'record')} of the log came out in pieces, with others in between. One record, one write.",
            run,
        )
    if log.lost:
        return Failure(
            "lost_record",
            f'{counted(len(log.lost), "record")} of the log {"is" if len(log.lost) == 1 else "are"} gone: who opens a file with "w" empties it, and writes over the others.',
            run,
        )
    if len(log.kept) != wanted:
        return Failure(
            "wrong_log",
            f"{counted(wanted, 'seat')} sold, and the log holds {counted(len(log.kept), 'record')}: one record, with a newline at its end, for each seat that was sold.",
            run,
        )
    return None


def _bad_answer(run, wanted):
    given = [run.returned.get(name) for name in run.processes]
    if any(not isinstance(sold, int) for sold in given) or sum(given) != wanted:
        return Failure(
            "wrong_answer",
            f"{counted(wanted, 'seat')} sold, and the functions gave back {', '.join(map(repr, given))}: give back how many this process has sold.",
            run,
        )
    return None
