"""my_narrow_lock.py: serve(tickets, cash, lock, times, think, work)."""

from dataclasses import replace
from functools import partial
from math import sqrt
from operator import itemgetter
from statistics import median

from helpers import lab
from helpers.analysis import holds
from helpers.course.attacks import orders, parts
from helpers.course.attacks.endings import death, waits_for_ever
from helpers.course.attacks.faults import broken_off
from helpers.course.attacks.orders import Question
from helpers.course.attacks.parts import Failure
from helpers.course.attacks.sections import lost_update, unreal_update
from helpers.course.attacks.speed import quickest, timed, unmeasured
from helpers.events import counted
from helpers.resources import CounterFile, Lock
from helpers.workers import scopes
from helpers.workers.tickets import PRICE, audit

_TIMES, _THINK, _WORK = 4, 0.001, 0.01
_WORKS = 3  # slow works in a round
_LONG = 0.03  # the slow work of a clerk alone: what a busy machine adds is little beside it
_SLOW = _TIMES * _WORKS * _LONG  # seconds of it in all
_CLERKS = 6  # so many that one slow work under the lock takes twice the time of none
_RUNS = 2
# In the model: so many clerks, so many rounds each, with an auditor or without. The shortest orders first.
_SHOPS = ((2, 1, False), (1, 1, True), (3, 1, False), (2, 2, False), (2, 1, True))
_CHANGES = {"tickets": 1, "cash": PRICE}


def _team(path, things, clerks, times, is_audited=False):
    args = (*things, times, _THINK, _THINK)
    team = [(lab.WorkerFile(path, "serve"), args)] * clerks
    return [*team, (audit, things)] if is_audited else team


def _things():
    return CounterFile("tickets"), CounterFile("cash"), Lock()


# ---- step by step: in the model, and on real processes


def serve_in_every_order(path):
    """All orders of one to three clerks, with and without an auditor; and an exception at each step.

    First one clerk after the other: what goes wrong there needs no special order.
    """
    team = _team(path, _things(), 2, 2)
    run = lab.run(team=team, processes=2, deadline=parts.DEADLINE / 2, schedule="")
    if failure := _bad_end(4, run):
        return failure if run.verdict == "timed_out" else replace(failure, schedule=run.schedule)
    things = _things()
    shops = [_shop(path, things, *shop) for shop in _SHOPS]
    return orders.first_failure([*shops, *broken_off(_team(path, things, 2, 2), run)])


def _shop(path, things, clerks, times, is_audited):
    wanted = clerks * times
    values = {"tickets": wanted, "cash": PRICE * wanted}
    return Question(
        _team(path, things, clerks, times, is_audited),
        holds=lambda outcome: (
            (outcome.verdict, outcome.errors, outcome.values) == ("ended", (), values)
        ),
        explain=partial(_bad_end, wanted),
    )


def _bad_end(wanted, run):
    """The Failure for a run in which not each of `wanted` tickets was drawn and paid once, or None."""
    tickets, cash = run.accounts["tickets"], run.accounts["cash"]
    if failure := waits_for_ever(run) or _seen_by_the_auditor(run) or death(run):
        return failure
    if failure := _unreal(run):
        return failure
    if (tickets.observed, cash.observed) == (wanted, PRICE * wanted):
        return None
    wrong = Failure(
        "wrong_count",
        f"{counted(wanted, 'ticket')} should be drawn and paid with {PRICE} each. The files say {tickets.observed} tickets, {cash.observed} in the cash box.",
        run,
    )
    return lost_update(run) or wrong


def _seen_by_the_auditor(run):
    for crash in run.crashes:
        if "in the cash box" in crash.message:
            return Failure(
                "split_invariant",
                f"Somebody acquires the lock between your two updates and sees {crash.message}. What belongs together must change in one critical section.",
                run,
            )
    return None


def _unreal(run):
    say = f"Each ticket adds 1 to 'tickets' and {PRICE} to 'cash'"
    return unreal_update(run, _CHANGES, "no_real_ticket", say)


# ---- at full speed


def serve_in_real_runs(path):
    """Some runs under each of two start methods, with an auditor: every ticket drawn and paid once."""
    for method in parts.TWO_METHODS:
        team = _team(path, _things(), 2, _TIMES, is_audited=True)
        with lab.ProcessSet(len(team), method) as shop:
            for _ in range(_RUNS):
                run = shop.run(None, team=team, deadline=parts.DEADLINE)
                if failure := _bad_end(2 * _TIMES, run):
                    return failure
    return None


def serve_with_all_the_work(path):
    """A clerk alone must take the time of its slow work, wherever in the function that lies."""
    runs = timed(1, lab.WorkerFile(path, "serve"), *_things(), _TIMES, _THINK, _LONG)
    for run in runs:
        if failure := _bad_end(_TIMES, run):
            return failure
    took, run = min(((_between_steps(run), run) for run in runs), key=itemgetter(0))
    if took < 0.9 * _SLOW:
        return Failure(
            "no_work",
            f"A clerk has {_SLOW * 1000:.0f} ms of slow work to do, and one was done with it after {took * 1000:.0f} ms. Keep each pause(work).",
            run,
        )
    return None


def _between_steps(run):
    """The seconds of a run in which its only process was at no step."""
    return run.elapsed - sum(event.end - event.start for event in run.events) / 1e9


def serve_in_time(path):
    """No slow work under the lock: holds shorter than it, or faster than the middle of none and one in it, measured now."""
    args = CounterFile(), Lock(), _TIMES, 2 * _THINK
    none = timed(_CLERKS, scopes.lock_read_to_write, *args, _WORKS * _WORK)
    one = timed(_CLERKS, scopes.lock_slow_work_too, *args, _WORK)
    if failure := unmeasured([*none, *one]):
        return failure
    runs = timed(_CLERKS, lab.WorkerFile(path, "serve"), *_things(), _TIMES, _THINK, _WORK)
    for run in runs:
        if failure := _bad_end(_CLERKS * _TIMES, run):
            return failure
    outside, inside, took = map(quickest, (none, one, runs))
    hold = min(map(_usual_hold, runs))
    # Load stretches a run, but only slow work makes every run's holds as long as itself.
    if took.elapsed > sqrt(outside.elapsed * inside.elapsed) and hold >= _WORK:
        return _too_wide(took, outside.elapsed, hold)
    return None


def _usual_hold(run):
    """The median hold time in seconds."""
    return median(span.end - span.start for span in holds(run.events) if span.end) / 1e9


def _too_wide(run, outside, hold):
    count = min(int(hold / _WORK), _WORKS * _TIMES)
    lies = "lies" if count == 1 else "lie"
    return Failure(
        "too_wide",
        f"It is right but slow: {run.elapsed * 1000:.0f} ms, where {outside * 1000:.0f} ms will do. A hold lasts {hold * 1000:.0f} ms, so {counted(count, 'pause')}(work) of {_WORK * 1000:.0f} ms {lies} in it. Slow work that needs no file belongs outside the lock.",
        run,
    )
