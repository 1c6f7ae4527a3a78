"""Every order in the model, and the one that goes wrong on real processes, before the learner's eyes."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from helpers import lab
from helpers.course.attacks import parts
from helpers.course.attacks.parts import Failure
from helpers.schedules import Outcome, explore

_LIMIT = 50_000
_PATIENCE = 3.0  # seconds for all questions about one file


class Question(NamedTuple):
    """One exploration: each order of a team, a list of (worker, args), must end as `holds` says.

    `explain(run)` gives the Failure for a real run that took an order which does not. Orders in which a
    process is refused more than `tries` times are not followed.
    """

    team: list
    holds: Callable[[Outcome], bool]
    explain: Callable[[lab.Run], Failure]
    fault: tuple | None = None
    tries: int = 3


def first_failure(questions):
    """The Failure for the first of the questions with an order that goes wrong, shown by real processes.

    None where all orders are right, and also where there are too many of them to tell: then it is
    for real runs to find out.
    """
    end = time.monotonic() + _PATIENCE
    with lab.ProcessSet(1) as child:
        for question in questions:
            found = explore(
                team=question.team,
                processes=len(question.team),
                holds=question.holds,
                fault=question.fault,
                tries=question.tries,
                limit=_LIMIT,
                deadline=max(end - time.monotonic(), 0.1),
                within=child,
            )
            if found.ended == "timed out":
                return None
            if failure := _not_explored(found):
                return failure
            if found.failing:
                return _shown(question, found.failing)
    return None


def _not_explored(found):
    if found.ended == "stopped":
        return parts.stopped()
    if found.ended == "failed":
        return Failure("crashed", f"While the check tried every order, {found.reason}.")
    if found.doubt:
        return Failure("unsteady", f"The orders cannot be tried one by one: {found.doubt}.")
    return None


def _shown(question, outcome):
    """The Failure for an outcome: real processes take its order, and their run explains it."""
    try:
        run = lab.run(
            team=question.team,
            processes=len(question.team),
            deadline=parts.DEADLINE,
            schedule=outcome.schedule,
            fault=question.fault,
        )
    except lab.ScheduleError as error:
        return _not_confirmed(outcome, f"real processes could not take it: {error}")
    if run.verdict == "stopped":
        return parts.stopped(run)
    if not _confirms(run, outcome):
        return _not_confirmed(outcome, "real processes took it, and it ended otherwise", run)
    return replace(question.explain(run), schedule=outcome.schedule)


def _confirms(run, outcome):
    """Whether a real run ended as the model says: who waits for ever, who died, what the files hold."""
    verdict = run.verdict if run.verdict in ("deadlock", "orphaned_lock", "timed_out") else "ended"
    values = {name: account.observed for name, account in run.accounts.items()}
    deaths = sum(crash.exit_code != 0 for crash in run.crashes)  # who ends well may keep a lock
    return (verdict, deaths, values) == (
        outcome.verdict,
        len(outcome.errors),
        outcome.values,
    )


def _not_confirmed(outcome, what, run=None):
    return Failure(
        "not_confirmed",
        f"In the model this order goes wrong; {what}. So the function also does something that is "
        "no step. Use only what is passed to it.",
        run,
        outcome.schedule,
    )
