"""my_repaired_seller.py: sell(seats, sold, lock, times, think, work)."""

from helpers.events import counted
from helpers.exercises.attacks import Workload, pauses
from helpers.exercises.findings import Ask, Exercise, observed, steps
from helpers.resources import CounterFile, Lock

_THINK, _WORK = 0.001, 0.01
# The rounds of each process, so many seats, and calls. In the long sales each of seven rounds meets somebody, in few orders.
_LONG_SALES = ((7, 1), 10), ((7, 1), 4)
_SALES = ((1, 1), 9), ((1, 1, 1), 9), ((3, 3), 9), ((1, 1, 1), 1), ((3, 3), 1), ((1, 1, 1, 1), 2), _LONG_SALES[0], ((1, 1), 9, 2)  # fmt: skip


def _team(answer, rounds, number, calls=1):
    shared = CounterFile("seats", start=number), CounterFile("sold"), Lock()
    return [(answer.worker("sell", calls), (*shared, times, _THINK, _WORK)) for times in rounds]


def _wanted(team):
    seats = team[0][1][0].start
    sold = min(seats, sum(args[3] * worker.calls for worker, args in team))
    return {"seats": seats - sold, "sold": sold}


def _wrong_count(wanted, run):
    found = observed(run)
    return f"wrong_count: Of {counted(run.accounts['seats'].start, 'seat')} {wanted['sold']} should be sold; counted as sold: {found['sold']}, as left: {found['seats']}."


_CHANGES = {"seats": -1, "sold": 1}
_EACH = _CHANGES, "no_real_sale", "Each sale takes one seat away and counts one as sold"
_SELLING = Workload(_team, _wrong_count, _EACH, ends=_wanted)


# ---- the tickets: read from the pauses that were asked for


def each_after_its_sale(run):
    """The Failure where not each ticket is printed once, by the process that sold its seat, and after that."""
    for process in run.processes:
        writes = steps(run, process, "write", "seats")
        tickets = [p.index for p in run.pauses if (p.process, p.seconds) == (process, _WORK)]
        if len(tickets) != len(writes):
            yield f"wrong_tickets: {process} sold {counted(len(writes), 'seat')} and printed {counted(len(tickets), 'ticket')}. Print one for each seat: pause(work)."
        for number, (write, ticket) in enumerate(zip(writes, tickets, strict=True), 1):
            if ticket <= write.index:
                yield f"ticket_before_seat: {process} prints its ticket number {number} before it has sold that seat. Somebody else may get the seat: print after the sale."


def outside_the_lock(found):
    """The Failure where a ticket is printed while the lock is held."""
    for tickets in pauses(found, _WORK):
        if under := sum(map(bool, tickets)):
            yield f"too_wide: It is right but slow: {under} of {counted(len(tickets), 'ticket')} of a process are printed while the lock is held. Print the ticket outside the lock."


EXERCISE = Exercise(functions=("sell",), asks=(
    Ask("Every seat is sold once and counted once, in every order of the steps; when none is left, the function returns.", _SELLING.in_turn(((2, 2), 9), ((1, 1), 0)), _SELLING.in_every_order(*_SALES)),
    Ask("For each seat that it has sold, a process prints one ticket, after the sale.", _SELLING.in_turn(((7,), 1000), ((2, 2, 2), 3), judge=each_after_its_sale)),
    Ask("No ticket is printed while the lock is held.", _SELLING.in_every_order(*_LONG_SALES, judge=outside_the_lock)),
    Ask("Whatever goes wrong at any step comes out, and nobody waits for ever.", _SELLING.with_faults(((2, 2), 9), file="sold")),
    Ask("At full speed every seat is counted once, too.", _SELLING.in_real_runs(((4,) * 3, 5), ((7,) * 5, 40), asked=0.4)),
))  # fmt: skip
