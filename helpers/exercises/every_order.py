"""Every order in the model, and the one that goes wrong on real processes, before the learner's eyes."""

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from typing import NamedTuple

from helpers import lab
from helpers.events import counted
from helpers.exercises.findings import Failure, Stopped, Unfinished, named
from helpers.exercises.foreign_tools import hangs, own_lock_alone
from helpers.lab import limits
from helpers.schedules import Outcome, explore

LIMIT = 50_000  # situations that one question may need: the model's patience knows no clock
_HANGS = 20.0  # seconds for one question, and more on a slow machine: a worker hangs that waits for what is no step


class Question(NamedTuple):
    """One exploration: each order of a team, a list of (worker, args), must end as `holds` says.

    `explain(run)` gives the Failure for a real run that took an order which does not. Orders in which a
    process is refused more than `tries` times are not followed. `judge(exploration)` gives the Failure that
    only all orders together show, such as what lies under the lock in some of them, or None.
    """

    team: list
    holds: Callable[[Outcome], bool]
    explain: Callable[[lab.Run], Failure]
    fault: tuple | None = None
    tries: int = 3
    judge: Callable | None = None

    def about(self, function):
        """The same question; the Failure for an order names the function."""
        return self._replace(explain=lambda run: named(function, self.explain(run)))


def ends_with(values):
    """For `Question.holds`: whether everybody ends, nobody with an error, and the files hold `values`, by name."""
    return lambda outcome: (
        (outcome.verdict, outcome.errors, outcome.values) == ("ended", (), values)
    )


def in_turn(answer, teams_of, bad_end):
    """The Failure for one process that runs alone, and for processes one after the other, each called once and twice; else None.

    `teams_of` are functions that give the team for so many calls, `bad_end(team, run)` gives the Failure, Unfinished
    or None for its run. The first team tells whether the passed lock is used at all.
    """
    if failure := own_lock_alone(answer, teams_of[0](1)[0]):
        return failure
    for count, some in groupby(teams_of, key=lambda team_of: len(team_of(1))):
        with answer.processes(count) as run:
            for team_of in some:
                if failure := one_after_the_other(answer, run, team_of, bad_end):
                    return failure
    return None


def one_after_the_other(answer, run, team_of, bad_end):
    """The Failure for processes that run one after the other, each called once and then twice; else None.

    `run` gives one real run after another (see Answer.processes), `team_of(calls)` the team, and
    `bad_end(team, run)` the Failure, Unfinished or None for its run.
    """
    for calls in (1, 2):
        team = team_of(calls)
        done = run(team=team, schedule="")
        failure = hangs(answer, done) or bad_end(team, done)
        if not isinstance(failure, Failure):
            if failure:
                return failure
            continue
        say = "Called twice in a row: " if calls > 1 else ""
        schedule = "" if done.verdict == "timed_out" else done.schedule
        return replace(failure, reason=f"{say}{failure.reason}", schedule=schedule)
    return None


def first_failure(answer, questions):
    """The Failure for the first of the questions with an order that goes wrong, shown by real processes.

    Unfinished where a question could not be answered and no other one shows a Failure; None where all orders are right.
    """
    unfinished = None
    with lab.ProcessSet(1) as child:
        for question in questions:
            found = _failure(answer, question, child)
            if isinstance(found, Failure):
                return found
            unfinished = unfinished or found
    return unfinished


def _failure(answer, question, child):
    found = explore(
        team=question.team,
        processes=len(question.team),
        holds=question.holds,
        fault=question.fault,
        tries=question.tries,
        limit=LIMIT,
        deadline=limits.for_run(least=_HANGS),
        within=child,
    )
    answer.tried.orders += found.schedules
    answer.tried.faults += found.schedules if question.fault else 0
    if failure := _not_explored(found):
        return failure
    if found.failing:
        return _shown(answer, question, found.failing)
    if found.ended == "waits in a loop":
        say = "What it waits for may never come: look again each time, and wait only for what is passed."
        return Failure("never_ends", f"In some order it never ends: {found.reason}. {say}")
    if found.ended != "complete":
        return Unfinished(f"not every order could be tried: {found.reason}")
    if not found.schedules:
        reason = f"In every order a process is refused a lock more than {counted(question.tries, 'time')}, so none could be followed to its end. Do not ask again and again for a lock that is not free: wait for it."
        return Failure("tries_too_often", reason)
    return question.judge(found) if question.judge else None


def _not_explored(found):
    if found.ended == "stopped":
        raise Stopped
    if found.ended == "failed":
        return Failure("crashed", f"While the check tried every order, {found.reason}.")
    if found.ended == "timed out":
        reason = f"The orders cannot be tried one by one: {found.reason}. Wait only for what is passed to the function."
        return Failure("waits_elsewhere", reason)
    # Where each process died before its first step, that is what to tell.
    takes_no_step = found.failing and not found.failing.schedule
    if found.doubt and not takes_no_step:
        return Failure("unsteady", f"The orders cannot be tried one by one: {found.doubt}.")
    return None


def _shown(answer, question, outcome):
    """The Failure for an outcome: real processes take its order, and their run explains it."""
    try:
        run = answer.run(
            team=question.team,
            processes=len(question.team),
            schedule=outcome.schedule,
            fault=question.fault,
        )
    except lab.ScheduleError as error:
        return _not_confirmed(outcome, f"real processes could not take it: {error}")
    if run.verdict == "timed_out" and outcome.verdict == "ended":
        return Unfinished(
            f"the machine was too busy to show an order that goes wrong: {run.sentence}"
        )
    if not _confirms(run, outcome):
        return _not_confirmed(outcome, "real processes took it, and it ended otherwise", run)
    return replace(question.explain(run), schedule=outcome.schedule)


def _confirms(run, outcome):
    """Whether a real run ended as the model says: who waits for ever, who died, what the files hold."""
    verdict = run.verdict if run.verdict in ("deadlock", "orphaned_lock", "timed_out") else "ended"
    values = {name: account.observed for name, account in run.accounts.items()}
    deaths = sum(crash.exit_code != 0 for crash in run.crashes)  # who ends well may keep a lock
    return (verdict, deaths, values) == (outcome.verdict, len(outcome.errors), outcome.values)


def _not_confirmed(outcome, what, run=None):
    return Failure(
        "not_confirmed",
        f"In the model this order goes wrong; {what}. So the function also does something that is "
        "no step. Use only what is passed to it.",
        run,
        outcome.schedule,
    )
