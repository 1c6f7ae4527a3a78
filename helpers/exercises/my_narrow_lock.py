"""my_narrow_lock.py: serve(tickets, cash, lock, times, think, work)."""

from functools import partial

from helpers.events import counted
from helpers.exercises.checking import Ask, Exercise
from helpers.exercises.every_order import Question, ends_with, first_failure, in_turn
from helpers.exercises.findings import Failure
from helpers.exercises.injected_faults import break_off_each_step, broken_off_otherwise
from helpers.exercises.lock_endings import after_a_refusal, death, waits_for_ever
from helpers.exercises.lost_updates import lost_update, unreal_update
from helpers.resources import CounterFile, Lock
from helpers.workers.tickets import PRICE, audit

_TIMES, _THINK, _WORK = 4, 0.001, 0.01
_WORKS = 3  # slow works for each ticket
# In the model: the rounds of each clerk, with an auditor or without, called so many times. The shortest orders first.
_SHOPS = ((1, 1),), ((1, 1, 1),), ((2, 2),), ((1, 1), False, 2)
_AUDITED = ((1,), True), ((1, 1), True)
# There the slow work is judged, too: each of seven rounds meets somebody, in few orders.
_ROUNDS = 7
_LONG, _LONG_AUDITED = ((_ROUNDS, 1),), ((_ROUNDS,), True)
_STARTS = 2  # tickets drawn before
_CHANGES = {"tickets": 1, "cash": PRICE}


def _team(answer, rounds, is_audited=False, calls=1, cash=None):
    cash = cash or CounterFile("cash", PRICE * _STARTS)
    things = CounterFile("tickets", _STARTS), cash, Lock()
    worker = answer.worker("serve", calls)
    team = [(worker, (*things, times, _THINK, _WORK)) for times in rounds]
    return [*team, (audit, things)] if is_audited else team


def _wanted(team):
    """How many tickets must be drawn in the end."""
    clerks = [args[3] * worker.calls for worker, args in team if worker is not audit]
    return _STARTS + sum(clerks)


# ---- step by step: in the model, and on real processes


def serve_in_turn(answer):
    """One clerk after the other: what goes wrong there needs no special order."""
    teams_of = [partial(_team, answer, (times, times), False) for times in (2, 7)]
    return in_turn(answer, teams_of, _bad_end)


def serve_in_every_order(shops, answer, judge=None):
    """All orders of one to three clerks in each shop; `judge` as for a Question."""
    return first_failure(answer, (_every_order(_team(answer, *shop), judge) for shop in shops))


def serve_with_faults(answer):
    """An exception in place of each step but a release, and errors of other kinds in the middle of a round."""
    return break_off_each_step(answer, _team(answer, (2, 2))) or broken_off_otherwise(
        answer, lambda cash: _team(answer, (2,), cash=cash)[0], "cash", PRICE * _STARTS
    )


def _every_order(team, judge):
    wanted = _wanted(team)
    values = {"tickets": wanted, "cash": PRICE * wanted}
    return Question(team, ends_with(values), partial(_bad_end, team), judge=judge)


# ---- the slow work: read from the pauses that were asked for


def all_work(found):
    """The Failure where slow work was left out, shortened, or put into one pause with other work."""
    wanted = _ROUNDS * _WORKS
    done = min(sum(s > 0.99 * _WORK for s, _ in way) for way in found.pauses["A"])
    if done >= wanted:
        return None
    reason = f"A clerk who serves {counted(_ROUNDS, 'time')} has slow work to do {wanted} times, and one asked for it {counted(done, 'time')}. Keep each pause(work)."
    return Failure("no_work", reason)


def no_work_under_the_lock(found):
    """The Failure where slow work lies under the lock."""
    for way in found.pauses["A"]:
        slow = [(1000 * seconds, held) for seconds, held in way if seconds != _THINK]
        if under := sum(ms for ms, held in slow if held):
            done = sum(ms for ms, _ in slow)
            reason = f"It is right but slow: {under:g} of {done:g} ms of slow work are done while the lock is held. Slow work that needs no file belongs outside the lock."
            return Failure("too_wide", reason)
    return None


# ---- how it may end


def _bad_end(team, run):
    """The Failure for a run in which not each ticket was drawn and paid once, or None."""
    tickets, cash, wanted = run.accounts["tickets"], run.accounts["cash"], _wanted(team)
    failure = after_a_refusal(run) or waits_for_ever(run) or _seen_by_the_auditor(run) or death(run)
    say = f"Each ticket adds 1 to 'tickets' and {PRICE} to 'cash'"
    if failure := failure or unreal_update(run, _CHANGES, "no_real_ticket", say):
        return failure
    if (tickets.observed, cash.observed) == (wanted, PRICE * wanted):
        return None
    reason = f"{counted(wanted, 'ticket')} should be drawn and paid with {PRICE} each. The files say {tickets.observed} tickets, {cash.observed} in the cash box."
    return lost_update(run) or Failure("wrong_count", reason, run)


def _seen_by_the_auditor(run):
    for crash in run.crashes:
        if "in the cash box" in crash.message:
            reason = f"Somebody acquires the lock between your two updates and sees {crash.message}. What belongs together must change in one critical section."
            return Failure("split_invariant", reason, run)
    return None


# ---- at full speed


def serve_in_real_runs(answer):
    """Some runs under each of two start methods, with an auditor: every ticket drawn and paid once."""
    team = _team(answer, (_TIMES, _TIMES), is_audited=True)
    asked = 2 * _TIMES * (_THINK + _WORKS * _WORK)
    return answer.first_bad_run(team, _bad_end, asked=asked)


EXERCISE = Exercise(
    functions=("serve",),
    asks=(
        Ask("Every ticket is drawn and paid once, in every order of the steps: it adds 1 to the number in `tickets` and 5 to the one in `cash`.", serve_in_turn, partial(serve_in_every_order, _SHOPS)),
        Ask("Whenever nobody holds the lock, `cash` is 5 times `tickets`: an auditor may look at any time.", partial(serve_in_every_order, _AUDITED)),
        Ask("Each `pause(work)` stays: three for each ticket.", partial(serve_in_every_order, [_LONG], judge=all_work)),
        Ask("No slow work is done while the lock is held; a clerk may still think there.", partial(serve_in_every_order, [_LONG_AUDITED], judge=no_work_under_the_lock)),
        Ask("Whatever goes wrong at any step comes out, and nobody waits for ever.", serve_with_faults),
        Ask("At full speed every ticket is drawn and paid once, too.", serve_in_real_runs),
    ),
)  # fmt: skip
