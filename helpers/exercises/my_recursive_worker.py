"""my_recursive_worker.py: count_down_reentrant and count_down_split, both (counter, lock, depth)."""

from dataclasses import replace
from functools import partial

from helpers import lab
from helpers.analysis import depths, holds
from helpers.course.attacks import orders, parts
from helpers.course.attacks.endings import after_a_refusal, death, waits_for_ever
from helpers.course.attacks.faults import broken_off
from helpers.course.attacks.orders import Question
from helpers.course.attacks.parts import Failure
from helpers.course.attacks.sections import is_passed, lost_update
from helpers.resources import CounterFile, Lock, RLock

_REENTRANT, _SPLIT = "count_down_reentrant", "count_down_split"
_LOCKS = {_REENTRANT: RLock, _SPLIT: Lock}
_DEPTH, _REAL_DEPTH, _RUNS = 2, 4, 3


def _team(path, name, processes, depth=_DEPTH):
    args = CounterFile(), _LOCKS[name](), depth
    return [(lab.WorkerFile(path, name), args)] * processes


# ---- step by step: in the model, and on real processes


def count_one_after_the_other(path):
    """Each function, two processes one after the other: all levels are counted, and the lock is given back."""
    for name in _LOCKS:
        run = _one_after_the_other(path, name)
        if failure := _bad_end(name, 2 * _DEPTH, run):
            return (
                failure if run.verdict == "timed_out" else replace(failure, schedule=run.schedule)
            )
    return None


def _one_after_the_other(path, name, schedule=""):
    team = _team(path, name, 2)
    return lab.run(team=team, processes=2, deadline=parts.DEADLINE / 2, schedule=schedule)


def count_in_every_order(path):
    """All orders of two processes with each function, and an exception at each step."""
    questions = []
    for name in _LOCKS:
        team = _team(path, name, 2)
        run = _one_after_the_other(path, name)
        questions += [_every_order(name, team), *broken_off(team, run)]
    return orders.first_failure(questions)


def _every_order(name, team):
    values = {"counter": len(team) * _DEPTH}
    return Question(
        team,
        holds=lambda outcome: (
            (outcome.verdict, outcome.errors, outcome.values) == ("ended", (), values)
        ),
        explain=partial(_bad_end, name, len(team) * _DEPTH),
    )


def _bad_end(name, wanted, run):
    """The Failure for a run after which the file does not say `wanted`, or None; the function is named."""
    if run.verdict == "stopped":
        return parts.stopped(run)
    failure = (
        after_a_refusal(run)
        or waits_for_ever(run)
        or death(run)
        or (run.account.observed != wanted and (lost_update(run) or _wrong_count(run, wanted)))
    )
    return replace(failure, reason=f"{name}: {failure.reason}") if failure else None


def _wrong_count(run, wanted):
    return Failure(
        "wrong_count",
        f"Each level adds 1: the file should say {wanted}, and says {run.account.observed}.",
        run,
    )


def count_in_one_section(path):
    """All updates of one call must lie in one hold of the lock; with an RLock, each level takes it again."""
    for name in _LOCKS:
        run = _one_after_the_other(path, name)
        mine = [event for event in run.events if event.process == "A"]
        spans = [span for span in holds(mine) if is_passed(span)]
        writes = [event.start for event in mine if event.op == "write"]
        if not any(span.start < writes[0] and writes[-1] < span.end for span in spans):
            return _split(path, name, mine)
    return _not_reentrant(path)


def _split(path, name, steps):
    """The Failure for a function that lets others in between two levels, shown by an order in which B comes in."""
    first = next(event.index for event in steps if event.op == "write")
    gap = next(e.index for e in steps if e.op == "release" and e.index > first) + 1
    run = _one_after_the_other(path, name, "A" * gap + "B" * len(steps))
    return Failure(
        "split_section",
        f"{name}: A releases the lock between two levels, and B counts in between. The whole recursion must be one critical section.",
        run,
        run.schedule,
    )


def _not_reentrant(path):
    run = _one_after_the_other(path, _REENTRANT)
    deepest = max(depth for _, _, depth in depths(run.events))
    if deepest < _DEPTH:
        return Failure(
            "not_reentrant",
            f"{_REENTRANT}: with {_DEPTH} levels the RLock is taken {deepest} deep. Let each level take it itself.",
            run,
        )
    return None


# ---- at full speed


def count_in_real_runs(path):
    """Some runs of three processes with each function under each of two start methods."""
    for method in parts.TWO_METHODS:
        for name in _LOCKS:
            team = _team(path, name, 3, _REAL_DEPTH)
            with lab.ProcessSet(3, method) as processes:
                for _ in range(_RUNS):
                    run = processes.run(None, team=team, deadline=parts.DEADLINE / 2)
                    if failure := _bad_end(name, 3 * _REAL_DEPTH, run):
                        return failure
    return None
