"""my_safe_shop.py: sell(seats, log, customers, think), without any lock."""

from functools import partial

from helpers.events import counted
from helpers.exercises import looking
from helpers.exercises.answers import named_tool, own_store
from helpers.exercises.attacks import Workload, pauses
from helpers.exercises.findings import Ask, Exercise, Failure, about, death, never_ends
from helpers.resources import LogFile, Table
from helpers.resources.stand_ins import RefusingTable

_THINK = 0.001
_SEATS, _LOG = "seats database", "log"
_PATIENT = 60.0  # seconds for SQLite: more than any machine needs for a few statements
_REFUSALS = 100  # in a row: nobody can say how many are the last
# Somebody else comes in between again and again, each time that the seller has read and now wants to write.
_REFUSED = (3,), 3, partial(RefusingTable, refusals=_REFUSALS)
# In the model: how many customers each seller has, and how many seats there are. First what has the shortest orders.
_SALES = ((1, 1), 1), ((1, 1), 5), ((1, 1), 0), ((7,), 10), ((1, 1, 1), 2), ((2, 2), 3)
_LOCK_TOOLS = ("filelock", "fcntl", "msvcrt", "sqlite3", "os", "pathlib", "open", "socket")


def _team(answer, customers, seats, kind=Table, calls=1):
    shared_objects = kind(_SEATS, start=seats, timeout=_PATIENT), LogFile(_LOG)
    return [(answer.worker("sell", calls), (*shared_objects, some, _THINK)) for some in customers]


def _wanted(team):
    """How many seats must be sold in the end."""
    return min(team[0][1][0].start, sum(worker.calls * args[2] for worker, args in team))


def _ends(team):
    seats, wanted = team[0][1][0].start, _wanted(team)
    return {_SEATS: seats - wanted, _LOG: f"{wanted} kept, 0 torn, 0 lost"}


# ---- step by step: in the model, and on real processes


def sell_without_a_lock(answer):
    """One seller, in whose process all is noted that could serve as a lock."""
    [(_, args)] = _team(answer, (2,), 3)
    run = answer.run(looking.note_locks, answer.path, *args, processes=1)
    if noted := run.returned.get("A"):
        where = named_tool(answer.path, _LOCK_TOOLS) or "The file makes one"
        reason = f"There is no lock to share, and you may make none ({noted[0]}). {where}. Other programs would not know it. The database and the log need none: look at what one statement, one transaction and one write promise."
        yield Failure("own_lock", reason, run)
    yield from about(never_ends(run), death(run), run=run)


class _Selling(Workload):
    """Sales without a lock: where two transactions wait for each other, the database would refuse one of them.

    What the file makes of that, the refused sellers show.
    """

    def holds(self, answer, team):
        is_right = super().holds(answer, team)
        return lambda end: end.verdict == "deadlock" or is_right(end)

    def bad_end(self, answer, team, run):
        """The Failure for a run in which not each of the seats was sold once and logged once."""
        yield from death(run)
        seats, log, wanted = run.accounts[_SEATS], run.accounts[_LOG], _wanted(team)
        sold = seats.start - seats.observed
        fix = "Look and take must be one statement, or one transaction that nobody else writes in."
        if seats.lost_count:
            lost = seats.lost[0]
            yield f"sold_twice: {lost.process} found {lost.base} free and left {lost.value}, but somebody else had sold from the same {lost.base}: one seat, two customers. {fix}"
        if sold > wanted:
            yield f"sold_twice: {counted(wanted, 'seat')} could be sold, and {sold} were: the database says {seats.observed}. Between the look and the sale somebody else has bought, or a customer got more than one. {fix}"
        if sold < wanted:
            yield f"turned_away: {counted(wanted, 'seat')} should have been sold, and {sold or 'none'} {'was' if sold < 2 else 'were'}. While a seat is free, no customer may leave without one: whoever is refused (`database is locked`, or `update_where` gives False) looks and tries again, however often that happens."
        if log.torn:
            yield f"torn_record: {counted(len(log.torn), 'record')} of the log came out in pieces, with others in between. One record, one write."
        if log.lost:
            yield f'lost_record: {counted(len(log.lost), "record")} of the log {"is" if len(log.lost) == 1 else "are"} gone: opening a file with "w" empties it, and writes over what the others wrote.'
        if len(log.kept) != wanted:
            yield f"wrong_log: {counted(wanted, 'seat')} {'was' if wanted == 1 else 'were'} sold, and the log holds {counted(len(log.kept), 'record')}: one record, with a newline at its end, for each seat that was sold."
        yield from _bad_answer(run, log)


_SELLING = _Selling(_team, ends=_ends)


def _tries_in_vain(found):
    """The Failure where somebody was refused more often than there were others' sales to refuse it."""
    if found.cut:
        yield f"tries_in_vain: In some orders a seller is refused more than {found.tries} times, though no seat is sold any more: whoever tries again must look again first."


def _no_thought(found):
    """The Failure where a seller can sell to its three customers with fewer pauses than customers."""
    for thought in map(len, pauses(found, _THINK)):
        if thought < 3:
            yield f"no_thought: 3 customers bought a seat, and pause(think) was called {counted(thought, 'time')}. Every customer thinks: keep pause(think)."


# ---- what went wrong


def _bad_answer(run, log):
    """The Failure where a process does not give back how many seats it has sold, as its records tell."""
    for name in run.processes:
        sold = sum(record[0][0] == name for record in log.kept)
        given = run.returned.get(name)
        calls = given if isinstance(given, tuple) else (given,)
        if any(type(some) is not int for some in calls) or sum(calls) != sold:
            yield f"wrong_answer: {name} sold {counted(sold, 'seat')}, and sell gave back {' and '.join(map(repr, calls))}: give back how many seats this call has sold."


EXERCISE = Exercise(functions=("sell",), asks=(
    Ask("The file makes no lock of its own, not even out of a file or a folder.", sell_without_a_lock),
    Ask("While a seat is free, `sell` sells one to each of its customers, and writes one line into the log for each seat that it sells. "
        "It gives back how many seats this call has sold.", _SELLING.in_turn(((2, 2), 3), ((2, 2), 10), alone=lambda *found: own_store(*found, _SEATS, _LOG))),
    Ask("With several sellers at once, in every order of their steps, each seat is sold once, no customer is turned away while a seat is free, "
        "and every line of the log is whole.", _SELLING.in_every_order(*_SALES, judge=_tries_in_vain),
        _SELLING.in_real_runs(((4, 4, 4), 5), ((4, 4, 4), 20), runs=1, asked=12 * _THINK)),
    Ask("`pause(think)` is called for each customer who buys a seat.", _SELLING.in_every_order(((3,), 5), judge=_no_thought)),
    Ask("If the database refuses a transaction (`database is locked`), or `update_where` finds another number, the seller looks and tries again, however often that happens.",
        _SELLING.in_real_runs(_REFUSED, runs=1, asked=3 * _REFUSALS * _THINK)),
))  # fmt: skip
