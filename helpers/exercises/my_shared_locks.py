"""my_shared_locks.py: five functions, all (counter, lock, times, think), and the names of their faults."""

from helpers.exercises.answers import own_lock
from helpers.exercises.attacks import Workload
from helpers.exercises.findings import Ask, Exercise, Failure, is_passed
from helpers.resources import CounterFile, Lock
from helpers.topics import diagnose

# The fault of each function of the stub, and what it would look like in the file.
_FAULTS = {
    "count_visits": ("two locks", "it would sometimes take one lock and sometimes another for the same file"),
    "count_likes": ("thread lock", "its lock would be a lock for threads"),
    "count_posts": ("forgotten path", "it would change the file in one place without any lock"),
    "count_views": ("module lock", "it would take one lock, made at the top of the file, in every round"),
    "count_shares": ("own lock", "it would make its lock itself, each time that it is called"),
}  # fmt: skip
_LOOKS = dict(sorted(_FAULTS.values()))
_START, _THINK = 9, 0.001


def name_the_faults(answer):
    """Each function's fault must be called by its name."""
    reported = answer.value("faults")
    if not isinstance(reported, dict):
        yield "not_named: The file must assign a dict to faults, at its top level."
    for function, (fault, _) in _FAULTS.items():
        said = reported.get(function, "?")
        if not isinstance(said, str) or said not in _LOOKS:
            yield f"not_named: What is the fault of {function}? {said!r} is none of {', '.join(map(repr, _LOOKS))}."
        if said != fault:
            yield f"wrong_name: {function} has a different fault. If its fault were {said!r}, {_LOOKS[said]}."


def _team(answer, function, processes, times, calls=1):
    shared_objects = answer.once(CounterFile, "counter", _START), answer.once(Lock)
    return [(answer.worker(function, calls), (*shared_objects, times, _THINK))] * processes


def _wrong_count(wanted, run):
    return f"wrong_count: {run.account.total} updates were made in place of {wanted['counter'] - _START}. Repair the lock, and leave the counting as it is."


_EACH = {"counter": 1}, "no_real_update", "Each round should add 1"
COUNTING = Workload(_team, _wrong_count, _EACH)


def _cases(*cases):
    """Each of the cases for each function."""
    return [(function, *case) for function in _FAULTS for case in cases]


def _no_lock_seen(answer, run):
    return () if any(event.op == "acquire" for event in run.events) else own_lock(answer, run)


def _not_guarded(run):
    """The Failure for a run in which not all updates lie under the passed lock."""
    diagnosis = diagnose(run)
    guards = diagnosis.guards
    if not guards.is_guarded or not any(map(is_passed, guards.common)):
        reason = f"{guards.sentence}. Every update has to lie, from its read to its write, under the lock that is passed: it is the one that all processes share."
        yield Failure("not_guarded", reason, run, shown=diagnosis)


count_in_turn = COUNTING.in_turn(*_cases((2, 7)), judge=_not_guarded, alone=_no_lock_seen)
REAL_RUNS = _cases((3, 4))

EXERCISE = Exercise(functions=tuple(_FAULTS), values=("faults",), asks=(
    Ask("`faults` names the fault of each function, by one of the five names in the file.", name_the_faults, part="Names"),
    Ask("Each function adds 1 in each of its `times` rounds, and holds the lock that it is given from each read to the write.", count_in_turn, part="Repairs"),
    Ask("In every order of the steps no update is lost.", COUNTING.in_every_order(*_cases((2, 3), (3, 1))), COUNTING.in_real_runs(*REAL_RUNS, runs=1, asked=0.02), part="Repairs"),
    Ask("An exception at any step comes out, and leaves the lock free.", COUNTING.with_faults(*_cases((2, 2))), part="Repairs"),
))  # fmt: skip
