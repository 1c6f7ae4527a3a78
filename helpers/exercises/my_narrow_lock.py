"""my_narrow_lock.py: serve(tickets, cash, lock, times, think, work)."""

from helpers.events import counted
from helpers.exercises.attacks import Workload
from helpers.exercises.findings import Ask, Exercise, observed
from helpers.resources import CounterFile, Lock
from helpers.workers.bank import PRICE, audit_tickets

_THINK, _WORK = 0.001, 0.01
_WORKS = 3  # slow works for each ticket
_STARTS = 2  # tickets drawn before
# The rounds of each clerk, with an auditor or without, called so many times. The shortest orders first.
_SHOPS = ((1, 1),), ((1, 1, 1),), ((2, 2),), ((1, 1), False, 2)
_AUDITED = ((1,), True), ((1, 1), True)
# In these the slow work is judged, too: each of seven rounds meets somebody, in few orders.
_ROUNDS = 7
_LONG, _LONG_AUDITED = ((_ROUNDS, 1),), ((_ROUNDS,), True)


def _team(answer, rounds, is_audited=False, calls=1):
    shared = CounterFile("tickets", _STARTS), CounterFile("cash", PRICE * _STARTS), Lock()
    team = [(answer.worker("serve", calls), (*shared, times, _THINK, _WORK)) for times in rounds]
    return [*team, (audit_tickets, shared)] if is_audited else team


def _seen_by_the_auditor(run):
    for crash in run.crashes:
        if "in the cash box" in crash.message:
            yield f"split_invariant: Somebody acquires the lock between your two updates and sees {crash.message}. What belongs together must change in one critical section."


def _wrong_count(wanted, run):
    found = observed(run)
    return f"wrong_count: {counted(wanted['tickets'], 'ticket')} should be drawn, and {PRICE} paid for each. The files say {found['tickets']} tickets, {found['cash']} in the cash box."


_CHANGES = {"tickets": 1, "cash": PRICE}
_EACH = _CHANGES, "no_real_ticket", f"Each ticket adds 1 to 'tickets' and {PRICE} to 'cash'"
SERVING = Workload(_team, _wrong_count, _EACH, judge=_seen_by_the_auditor)


# ---- the slow work: read from the pauses that were asked for


def all_work(found):
    """The Failure where slow work was left out, shortened, or put into one pause with other work."""
    wanted = _ROUNDS * _WORKS
    done = min(sum(s > 0.99 * _WORK for s, _ in way) for way in found.pauses["A"])
    if done < wanted:
        yield f"no_work: A clerk who serves {counted(_ROUNDS, 'time')} has slow work to do {wanted} times, and one asked for it {counted(done, 'time')}. Keep each pause(work)."


def no_work_under_the_lock(found):
    """The Failure where slow work lies under the lock."""
    for way in found.pauses["A"]:
        slow = [(1000 * seconds, held) for seconds, held in way if seconds != _THINK]
        if under := sum(ms for ms, held in slow if held):
            done = sum(ms for ms, _ in slow)
            yield f"too_wide: It is right but slow: {under:g} of {done:g} ms of slow work are done while the lock is held. Slow work that needs no file belongs outside the lock."


EXERCISE = Exercise(functions=("serve",), asks=(
    Ask("Every ticket is drawn and paid once, in every order of the steps: it adds 1 to the number in `tickets` and 5 to the one in `cash`.", SERVING.in_turn(((2, 2),), ((7, 7),)), SERVING.in_every_order(*_SHOPS)),
    Ask("Whenever nobody holds the lock, `cash` is 5 times `tickets`: an auditor may look at any time.", SERVING.in_every_order(*_AUDITED)),
    Ask("Each `pause(work)` stays: three for each ticket.", SERVING.in_every_order(_LONG, judge=all_work)),
    Ask("No slow work is done while the lock is held; a clerk may still think there.", SERVING.in_every_order(_LONG_AUDITED, judge=no_work_under_the_lock)),
    Ask("Whatever goes wrong at any step comes out, and nobody waits for ever.", SERVING.with_faults(((2, 2),), file="cash")),
    Ask("At full speed every ticket is drawn and paid once, too.", SERVING.in_real_runs(((4, 4), True), asked=0.3)),
))  # fmt: skip
