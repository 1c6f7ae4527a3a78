"""my_shared_locks.py: five functions, all (counter, lock, times, think), and the names of their faults."""

from functools import partial

from helpers.exercises.checking import Ask, Exercise
from helpers.exercises.every_order import Question, ends_with, first_failure, one_after_the_other
from helpers.exercises.findings import TWO_METHODS, Failure, named
from helpers.exercises.foreign_tools import hangs, own_lock
from helpers.exercises.injected_faults import break_off_each_step
from helpers.exercises.lock_endings import after_a_refusal, death, waits_for_ever
from helpers.exercises.lost_updates import is_passed, lost_update, unreal_update
from helpers.resources import CounterFile, Lock
from helpers.topics import diagnose

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
_START, _THINK = 9, 0.001
_TURNS = 7  # rounds of each, one after the other
_IN_MODEL = (2, 3), (3, 1)  # processes, rounds
_PROCESSES, _TIMES = 3, 4


def name_the_faults(answer):
    """Each function's fault must be called by its name."""
    told = answer.value("faults")
    if not isinstance(told, dict):
        return Failure("not_named", "The file must assign a dict to faults, at its top level.")
    for function, fault in _FAULTS.items():
        said = told.get(function, "?")
        if not isinstance(said, str) or said not in _LOOKS:
            known = ", ".join(map(repr, _LOOKS))
            reason = f"What is the fault of {function}? {said!r} is none of {known}."
            return Failure("not_named", reason)
        if said != fault:
            reason = f"{function} has another fault than {said!r}: {_LOOKS[said]}."
            return Failure("wrong_name", reason)
    return None


class _Programs:
    """The five functions with one counter and one lock for all of them."""

    def __init__(self, answer):
        self._answer = answer
        self._things = CounterFile(start=_START), Lock()

    def team(self, function, processes, times, calls=1):
        worker = self._answer.worker(function, calls)
        return [(worker, (*self._things, times, _THINK))] * processes


# ---- step by step: in the model, and on real processes


def count_in_turn(answer):
    """Two processes one after the other: the lock that is passed is held at every update, in every round."""
    programs = _Programs(answer)
    with answer.processes(1) as run:
        for function in FUNCTIONS:
            done = run(team=programs.team(function, 1, 2), schedule="")
            if failure := hangs(answer, done) or _no_lock_seen(answer, done):
                return named(function, failure)
    with answer.processes(2) as run:
        for function in FUNCTIONS:
            team_of = partial(programs.team, function, 2, _TURNS)
            if failure := one_after_the_other(answer, run, team_of, _bad_turns):
                return named(function, failure)
    return None


def _no_lock_seen(answer, run):
    if any(event.op == "acquire" for event in run.events):
        return None
    return own_lock(answer, run)


def _bad_turns(team, run):
    return _bad_step(team, run) or _not_guarded(run)


def _wanted(team):
    """How many updates the team makes."""
    return sum(worker.calls * times for worker, (_, _, times, _) in team)


def count_in_every_order(answer):
    """All orders of each function: two and three processes, one to seven rounds."""
    programs = _Programs(answer)
    questions = (
        _every_order(programs.team(function, processes, times)).about(function)
        for function in FUNCTIONS
        for processes, times in _IN_MODEL
    )
    return first_failure(answer, questions)


def _every_order(team):
    holds = ends_with({"counter": _START + _wanted(team)})
    return Question(team, holds, lambda run: _bad_step(team, run) or lost_update(run))


def count_with_faults(answer):
    """Each function: an exception in place of each step of A but a release."""
    programs = _Programs(answer)
    for function in FUNCTIONS:
        team = programs.team(function, 2, 2)
        if failure := break_off_each_step(answer, team, about=function):
            return failure
    return None


def _bad_step(team, run):
    """The Failure for a run whose processes do not each add 1 as often as the team should, or None."""
    failure = (
        after_a_refusal(run)
        or waits_for_ever(run)
        or death(run)
        or unreal_update(run, {"counter": 1}, "no_real_update", "Each round should add 1")
    )
    if failure or run.account.total == _wanted(team):
        return failure
    reason = f"{run.account.total} updates were made in place of {_wanted(team)}. Repair the lock, and leave the counting as it is."
    return Failure("wrong_count", reason, run)


def _not_guarded(run):
    """The Failure for a run in which not all updates lie under the passed lock, or None."""
    diagnosis = diagnose(run)
    guards = diagnosis.guards
    passed = [event for event in run.events if event.identity in guards.common]
    if guards.is_guarded and any(map(is_passed, passed)):
        return None
    if guards.is_guarded:
        mend = "But it is not the lock that is passed: it is one lock only as long as all processes happen to share it. Take the one you are given."
        return Failure("other_lock", f"{guards.sentence}. {mend}", run, shown=diagnosis)
    if guards.bare or guards.interrupted:
        mend = "Every update has to lie under the lock, from its read to its write."
        return Failure("outside_lock", f"{guards.sentence}. {mend}", run, shown=diagnosis)
    mend = "A process that takes another lock waits for nobody. All have to take the lock that is passed, in every round."
    return Failure("many_locks", f"{guards.sentence}. {mend}", run, shown=diagnosis)


# ---- at full speed


def count_in_real_runs(answer):
    """Each function under two start methods: no update is lost."""
    programs = _Programs(answer)
    for method in TWO_METHODS:
        with answer.processes(_PROCESSES, method) as run:
            for function in FUNCTIONS:
                team = programs.team(function, _PROCESSES, _TIMES)
                done = run(team=team, asked=_wanted(team) * _THINK)
                if failure := _bad_run(team, done):
                    return named(function, failure)
    return None


def _bad_run(team, run):
    """The Failure for a run that did not end, or in which updates are lost; the tapes need not hold every step."""
    if failure := waits_for_ever(run) or death(run):
        return failure
    wanted = _START + _wanted(team)
    if run.account.observed == wanted:
        return None
    reason = f"The file said {_START} and should say {wanted}; it says {run.account.observed}."
    return lost_update(run) or Failure("wrong_count", reason, run)


EXERCISE = Exercise(
    functions=FUNCTIONS,
    values=("faults",),
    asks=(
        Ask("`faults` names the fault of each function, by one of the five names in the file.", name_the_faults, part="Names"),
        Ask("Each function adds 1 in each of its `times` rounds, and holds the lock that it is given from each read to the write.", count_in_turn, part="Repairs"),
        Ask("In every order of the steps no update is lost.", count_in_every_order, count_in_real_runs, part="Repairs"),
        Ask("An exception at any step comes out, and leaves the lock free.", count_with_faults, part="Repairs"),
    ),
)  # fmt: skip
