"""my_narrow_lock.py: serve(tickets, cash, lock, times, think, work)."""

from dataclasses import replace
from functools import partial

from helpers import lab
from helpers.events import counted
from helpers.exercises.checking import Ask, Exercise
from helpers.exercises.every_order import Question, first_failure
from helpers.exercises.findings import TWO_METHODS, Failure, never_ends
from helpers.exercises.findings import death as death_of
from helpers.exercises.foreign_tools import own_lock
from helpers.exercises.injected_faults import broken_off
from helpers.exercises.lock_endings import death, waits_for_ever
from helpers.exercises.lost_updates import lost_update, unreal_update
from helpers.resources import CounterFile, Lock
from helpers.workers.tickets import PRICE, audit

_TIMES, _THINK, _WORK = 4, 0.001, 0.01
_WORKS = 3  # slow works in a round
_RUNS = 2
# In the model: so many clerks, so many rounds each, with an auditor or without. The shortest orders first.
_SHOPS = ((2, 1, False), (1, 1, True), (3, 1, False), (2, 2, False), (2, 1, True), (1, 7, False))
_CHANGES = {"tickets": 1, "cash": PRICE}


def _team(answer, things, clerks, times, is_audited=False):
    args = (*things, times, _THINK, _WORK)
    team = [(answer.worker("serve"), args)] * clerks
    return [*team, (audit, things)] if is_audited else team


def _things():
    return CounterFile("tickets"), CounterFile("cash"), Lock()


# ---- step by step: in the model, and on real processes


def serve_in_turn(answer):
    """One clerk after the other: what goes wrong there needs no special order."""
    run = answer.run(team=_team(answer, _things(), 2, 2), processes=2, schedule="")
    if failure := never_ends(run):
        return failure
    failure = own_lock(answer, run) or _bad_end(4, run)
    return replace(failure, schedule=run.schedule) if isinstance(failure, Failure) else failure


def serve_in_every_order(answer):
    """All orders of one to three clerks, with and without an auditor."""
    things = _things()
    return first_failure(answer, [_shop(answer, things, *shop) for shop in _SHOPS])


def serve_with_faults(answer):
    """An exception in place of each step but a release."""
    team = _team(answer, _things(), 2, 2)
    run = lab.run(team=team, processes=2, schedule="")
    return death_of(run) or first_failure(answer, broken_off(team, run))


def _shop(answer, things, clerks, times, is_audited):
    wanted = clerks * times
    values = {"tickets": wanted, "cash": PRICE * wanted}
    return Question(
        _team(answer, things, clerks, times, is_audited),
        holds=lambda outcome: (
            (outcome.verdict, outcome.errors, outcome.values) == ("ended", (), values)
        ),
        explain=partial(_bad_end, wanted),
        judge=partial(_slow_work, times),
    )


def _slow_work(times, found):
    """The Failure where some order leaves a clerk's slow work out, or has it under the lock; else None."""
    wanted = times * _WORKS
    for pauses in found.pauses["A"]:
        works = [held for seconds, held in pauses if seconds == _WORK]
        if len(works) != wanted:
            return Failure(
                "no_work",
                f"A clerk has {counted(wanted, 'slow work')} to do in {counted(times, 'round')}, and one did {len(works)}. Keep each pause(work).",
            )
        if under := sum(map(bool, works)):
            return Failure(
                "too_wide",
                f"It is right but slow: {under} of {wanted} slow works are done while the lock is held. Slow work that needs no file belongs outside the lock.",
            )
    return None


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


def serve_in_real_runs(answer):
    """Some runs under each of two start methods, with an auditor: every ticket drawn and paid once."""
    for method in TWO_METHODS:
        team = _team(answer, _things(), 2, _TIMES, is_audited=True)
        with answer.processes(len(team), method) as run:
            for _ in range(_RUNS):
                done = run(team=team, asked=2 * _TIMES * (_THINK + _WORKS * _WORK))
                if failure := _bad_end(2 * _TIMES, done):
                    return failure
    return None


EXERCISE = Exercise(
    functions=("serve",),
    asks=(
        Ask("Every ticket is drawn and paid once, in every order of the steps.", serve_in_turn, serve_in_every_order, serve_in_real_runs),
        Ask("Whatever goes wrong, nobody waits for ever.", serve_with_faults),
    ),
)  # fmt: skip
