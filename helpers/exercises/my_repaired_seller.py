"""my_repaired_seller.py: sell(seats, sold, lock, times, think, work)."""

from functools import partial

from helpers.events import counted
from helpers.exercises.checking import Ask, Exercise
from helpers.exercises.every_order import Question, ends_with, first_failure, in_turn
from helpers.exercises.findings import Failure
from helpers.exercises.injected_faults import break_off_each_step, broken_off_otherwise
from helpers.exercises.lock_endings import after_a_refusal, death, waits_for_ever
from helpers.exercises.lost_updates import lost_update, unreal_update
from helpers.resources import CounterFile, Lock

_THINK, _WORK = 0.001, 0.01
# The rounds of each process, and so many seats: one after the other, also with a look at the tickets, then in every order.
_IN_TURN = ((2, 2), 9), ((1, 1), 0)
_WITH_TICKETS = ((7,), 1000), ((2, 2, 2), 3)
_SALES = ((1, 1), 9), ((1, 1, 1), 9), ((3, 3), 9), ((1, 1, 1), 1), ((3, 3), 1), ((1, 1, 1, 1), 2)
_LONG_SALES = ((7, 1), 10), ((7, 1), 4)  # each of seven rounds meets somebody, in few orders
_REAL_SALES = ((4,) * 3, 5), ((7,) * 5, 40)


def _team(answer, rounds, number, calls=1, sold=None):
    things = CounterFile("seats", start=number), sold or CounterFile("sold"), Lock()
    worker = answer.worker("sell", calls)
    return [(worker, (*things, times, _THINK, _WORK)) for times in rounds]


def _wanted(team):
    """How many seats must be sold in the end."""
    asked = sum(args[3] * worker.calls for worker, args in team)
    return min(team[0][1][0].start, asked)


# ---- step by step: in the model, and on real processes


def sell_in_turn(answer):
    """One process after the other, with many seats and with none: that needs no special order."""
    return in_turn(answer, [partial(_team, answer, *sale) for sale in _IN_TURN], _bad_end)


def sell_in_every_order(answer):
    """All orders of two to four processes, with enough seats and with few, and of two that are called twice."""
    teams = [_team(answer, *sale) for sale in (*_SALES, _LONG_SALES[0])]
    return first_failure(answer, map(_every_order, [*teams, _team(answer, (1, 1), 9, calls=2)]))


def _every_order(team, judge=None):
    wanted = _wanted(team)
    values = {"seats": team[0][1][0].start - wanted, "sold": wanted}
    return Question(team, ends_with(values), partial(_bad_end, team), judge=judge)


def _bad_end(team, run):
    """The Failure for a run in which not each seat was sold once and counted once, or None."""
    seats, sold, wanted = run.accounts["seats"], run.accounts["sold"], _wanted(team)
    if failure := after_a_refusal(run) or waits_for_ever(run) or death(run):
        return failure
    say = "Each sale takes one seat away and counts one as sold"
    unreal = unreal_update(run, {"seats": -1, "sold": 1}, "no_real_sale", say)
    if unreal or (seats.observed, sold.observed) == (seats.start - wanted, wanted):
        return unreal
    reason = f"Of {counted(seats.start, 'seat')} {wanted} should be sold; counted as sold: {sold.observed}, as left: {seats.observed}."
    return lost_update(run) or Failure("wrong_count", reason, run)


# ---- the tickets: read from the pauses that were asked for


def print_each_ticket(answer):
    """One process after the other: each ticket is printed once, by the process that sold its seat, and after that."""
    teams_of = [partial(_team, answer, *sale) for sale in _WITH_TICKETS]
    return in_turn(answer, teams_of, lambda team, run: _bad_end(team, run) or _bad_tickets(run))


def _bad_tickets(run):
    for process in run.processes:
        writes = [
            e for e in run.events if (e.process, e.thing, e.op) == (process, "seats", "write")
        ]
        tickets = [p.index for p in run.pauses if (p.process, p.seconds) == (process, _WORK)]
        if len(tickets) != len(writes):
            reason = f"{process} sold {counted(len(writes), 'seat')} and printed {counted(len(tickets), 'ticket')}. Print one for each seat: pause(work)."
            return Failure("wrong_tickets", reason, run)
        for number, (write, ticket) in enumerate(zip(writes, tickets, strict=True), 1):
            if ticket <= write.index:
                reason = f"{process} prints its ticket number {number} before it has sold that seat. Somebody else may get the seat: print after the sale."
                return Failure("ticket_before_seat", reason, run)
    return None


def print_outside_the_lock(answer):
    """All orders of two processes: no ticket is printed while the lock is held, in none of them."""
    teams = [_team(answer, *sale) for sale in _LONG_SALES]
    return first_failure(answer, [_every_order(team, _slow_work) for team in teams])


def _slow_work(found):
    for pauses in found.pauses["A"]:
        tickets = [held for seconds, held in pauses if seconds == _WORK]
        if under := sum(map(bool, tickets)):
            reason = f"It is right but slow: {under} of {counted(len(tickets), 'ticket')} of a process are printed while the lock is held. Print the ticket outside the lock."
            return Failure("too_wide", reason)
    return None


# ---- with a fault, and at full speed


def sell_with_faults(answer):
    """An exception in place of each step but a release, and errors of other kinds in the middle of a sale."""
    return break_off_each_step(answer, _team(answer, (2, 2), 9)) or broken_off_otherwise(
        answer, lambda sold: _team(answer, (2,), 9, sold=sold)[0], "sold"
    )


def sell_in_real_runs(answer):
    """Some runs under each of two start methods, with few seats and with many: every seat counted once."""
    for rounds, number in _REAL_SALES:
        team, asked = _team(answer, rounds, number), sum(rounds) * (_THINK + _WORK)
        if failure := answer.first_bad_run(team, _bad_end, asked=asked):
            return failure
    return None


EXERCISE = Exercise(
    functions=("sell",),
    asks=(
        Ask("Every seat is sold once and counted once, in every order of the steps; when none is left, the function returns.", sell_in_turn, sell_in_every_order),
        Ask("For each seat that it has sold, a process prints one ticket, after the sale.", print_each_ticket),
        Ask("No ticket is printed while the lock is held.", print_outside_the_lock),
        Ask("Whatever goes wrong at any step comes out, and nobody waits for ever.", sell_with_faults),
        Ask("At full speed every seat is counted once, too.", sell_in_real_runs),
    ),
)  # fmt: skip
