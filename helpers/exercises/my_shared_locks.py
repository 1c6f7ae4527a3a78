"""my_shared_locks.py: five functions, all (counter, lock, times, think), and the names of their faults."""

from dataclasses import replace
from functools import partial

from helpers import lab
from helpers.course.attacks import orders, parts
from helpers.course.attacks.endings import after_a_refusal, death, waits_for_ever
from helpers.course.attacks.faults import broken_off
from helpers.course.attacks.orders import Question
from helpers.course.attacks.parts import Failure
from helpers.course.attacks.sections import is_passed, lost_update, unreal_update
from helpers.experiments import diagnose
from helpers.resources import CounterFile, Lock

# The fault of each function of the stub.
_FAULTS = {
    "count_visits": "two locks",
    "count_likes": "thread lock",
    "count_posts": "forgotten path",
    "count_views": "module lock",
    "count_shares": "own lock",
}
FUNCTIONS = tuple(_FAULTS)
# What each fault would look like in the file.
_LOOKS = {
    "module lock": "it would take one lock, made at the top of the file, in every round",
    "own lock": "it would make its lock itself, each time that it is called",
    "thread lock": "its lock would be a lock for threads",
    "two locks": "it would take now this lock and now that one for the same file",
    "forgotten path": "it would change the file in one place without any lock",
}
_THINK = 0.001
_PROCESSES, _TIMES, _RUNS = 3, 4, 2
_MANY_REFUSALS = 1000  # half of what a tape has room for


def name_the_faults(path):
    """Each function's fault must be called by its name."""
    told = parts.constant(path, "faults")
    if not isinstance(told, dict):
        return Failure("not_named", "The file must assign a dict to faults, at its top level.")
    for function, fault in _FAULTS.items():
        said = told.get(function, "?")
        if not isinstance(said, str) or said not in _LOOKS:
            known = ", ".join(map(repr, _LOOKS))
            return Failure(
                "not_named", f"What is the fault of {function}? {said!r} is none of {known}."
            )
        if said != fault:
            return Failure(
                "wrong_name", f"{function} has another fault than {said!r}: {_LOOKS[said]}."
            )
    return None


def _team(path, function, things, processes, times):
    return [(lab.WorkerFile(path, function), (*things, times, _THINK))] * processes


# ---- step by step: in the model, and on real processes


def count_in_every_order(path):
    """Each function: all orders of two processes, and an exception at each step of one."""
    questions = []
    for function in FUNCTIONS:
        things = CounterFile(), Lock()
        team = _team(path, function, things, 2, 2)
        run = lab.run(team=team, processes=2, deadline=parts.DEADLINE / 2, schedule="")
        if failure := _bad_end(function, 4, run):
            return failure
        faults = [_named(function, question) for question in broken_off(team, run)]
        questions += [_every_order(function, team), *faults]
    return orders.first_failure(questions)


def _every_order(function, team):
    return Question(
        team,
        holds=lambda outcome: (
            (outcome.verdict, outcome.errors, outcome.values) == ("ended", (), {"counter": 4})
        ),
        explain=partial(_bad_end, function, 4),
    )


def _named(function, question):
    return question._replace(explain=lambda run: _of(function, question.explain(run)))


# ---- at full speed


def count_in_real_runs(path):
    """Each function under two start methods: one lock, the one that is passed, is held at every update."""
    for method in parts.TWO_METHODS:
        things = CounterFile(), Lock()
        with lab.ProcessSet(_PROCESSES, method) as processes:
            for function in FUNCTIONS * _RUNS:
                team = _team(path, function, things, _PROCESSES, _TIMES)
                run = processes.run(None, team=team, deadline=parts.DEADLINE)
                if failure := _bad_end(function, _PROCESSES * _TIMES, run):
                    return failure
    return None


def _bad_end(function, wanted, run):
    """The Failure for a run in which not all of `wanted` updates lie under the passed lock, or None."""
    failure = (
        _asks_too_often(run)
        or after_a_refusal(run)
        or waits_for_ever(run)
        or death(run)
        or unreal_update(run, {"counter": 1}, "no_real_update", "Each round should add 1")
    )
    if failure:
        return _of(function, failure)
    if run.account.total != wanted:
        return Failure(
            "wrong_count",
            f"{function} made {run.account.total} updates in place of {wanted}. Repair the lock, and leave the counting as it is.",
            run,
        )
    return _not_guarded(function, run) or _of(function, lost_update(run))


def _asks_too_often(run):
    """The Failure for a run in which the lock was refused so often that the tapes do not hold all steps, or None."""
    refused = sum(event.outcome == "refused" for event in run.events)
    if refused < _MANY_REFUSALS:
        return None
    return Failure(
        "busy_waiting",
        f"The lock was asked for {refused:,} times in vain. An acquire without arguments waits by itself, and costs nothing.",
        run,
    )


def _not_guarded(function, run):
    diagnosis = diagnose(run)
    guards = diagnosis.guards
    passed = [event for event in run.events if event.identity in guards.common]
    if guards.is_guarded and any(map(is_passed, passed)):
        return None
    say = f"{function}, {run.machine.start_method}: {guards.sentence}"
    if guards.is_guarded:
        mend = "But it is not the lock that is passed: it is one lock only as long as all processes happen to share it. Take the one you are given."
        return Failure("other_lock", f"{say}. {mend}", run, shown=diagnosis)
    if guards.bare or guards.interrupted:
        mend = "Every update has to lie under the lock, from its read to its write."
        return Failure("outside_lock", f"{say}. {mend}", run, shown=diagnosis)
    mend = "Who takes another lock waits for nobody. All have to take the lock that is passed, in every round."
    return Failure("many_locks", f"{say}. {mend}", run, shown=diagnosis)


def _of(function, failure):
    return failure and replace(failure, reason=f"{function}: {failure.reason}")
