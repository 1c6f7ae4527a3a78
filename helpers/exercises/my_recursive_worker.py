"""my_recursive_worker.py: count_down_reentrant and count_down_split, both (counter, lock, depth)."""

from helpers.analysis import holds
from helpers.exercises import findings
from helpers.exercises.attacks import Workload
from helpers.exercises.findings import Ask, Exercise, steps
from helpers.resources import CounterFile, Lock, RLock

_REENTRANT, _SPLIT = "count_down_reentrant", "count_down_split"
_START = 9
_LOCKS = {_REENTRANT: RLock, _SPLIT: Lock}
_DEPTHS = (2, 1), (3, 6), (4, 5)  # of A and B, one after the other
_IN_MODEL = (2, 2), (1, 3), (2, 1, 1), (5, 4)


def _team(answer, function, depths, calls=1):
    shared_objects = answer.once(CounterFile, "counter", _START), answer.once(_LOCKS[function])
    return [(answer.worker(function, calls), (*shared_objects, depth)) for depth in depths]


def _wrong_count(wanted, run):
    say = f"wrong_count: The file said {_START}, and each layer adds 1: it should say {wanted['counter']}, but it says {run.account.observed}."
    return next(findings.gives_up(run, "nothing was counted"), say)


_EACH = {"counter": 1}, "no_real_update", "Each layer adds 1"
_COUNTING = Workload(_team, _wrong_count, _EACH)


def _writes_without(run):
    """The Failure for a run in which a process writes and holds no lock."""
    for event, held, _ in findings.states(run):
        if event.op == "write" and not held:
            yield f"outside_lock: {event.process} writes {event.shared!r} without holding the lock."


# ---- how the lock is taken: seen in a process that counts with a depth of 1 to 6


def _look(function, judge):
    """The attack that looks at each process by `judge(run, process, depth)`."""

    def bad_end(answer, team, run):
        yield from findings.death(run)
        for process, (_, args) in zip(run.processes, team, strict=True):
            found = judge(run, process, args[-1])
            yield from findings.in_order(run, found)

    return _COUNTING.seen_in_turn(*((function, depths) for depths in _DEPTHS), bad_end=bad_end)


def in_one_section(run, process, depth):
    """The Failure for a process that lets others in between two layers."""
    mine = [event for event in run.events if event.process == process]
    spans = [span for span in holds(mine) if findings.is_passed(span.identity)]
    updates = [event for event in mine if event.op in ("read", "write")]
    if not any(span.start < updates[0].start and updates[-1].end < span.end for span in spans):
        yield f"split_section: with {depth} layers, {process} releases the lock between two of them, and others may count in between. The whole recursion must be one critical section."


def in_each_layer(run, process, depth):
    """The Failure for a process that is not one level deeper in the lock with each layer."""
    level, levels = 0, []
    for event in steps(run, process):
        if event.op == "write":
            levels.append(level)
        elif findings.is_passed(event.identity):
            level += {"acquire": 1, "release": -1}.get(event.op, 0)
    if len(set(levels)) != depth:
        yield f"not_reentrant: {process} counts with {depth} layers, and at its updates it has taken the lock {', '.join(map(str, levels))} times. Let each layer take the lock itself, for its own update and for the layers below it."


def taken_once(run, process, depth):
    """The Failure for a process that takes a lock more often than once, or never."""
    taken = len(steps(run, process, "acquire"))
    if taken != 1:
        yield f"takes_it_again: with {depth} layers, {process} takes a lock {taken} times. Take it once, and leave the recursion to a function that takes no lock."


def _asks(function, words, judge):
    """What is asked of one function, which is a part of its own."""
    in_turn, in_model = ([(function, depths) for depths in cases] for cases in (_DEPTHS, _IN_MODEL))
    return (
        Ask(f"`{function}` adds 1 in each of its `depth` layers, in every order of the steps.", _COUNTING.in_turn(*in_turn, judge=_writes_without),
            _COUNTING.in_every_order(*in_model), _COUNTING.in_real_runs((function, (4, 1, 6, 2))), part=function),
        Ask(f"The whole recursion of `{function}` is one critical section.", _look(function, in_one_section), part=function),
        Ask(words, _look(function, judge), part=function),
        Ask(f"An exception at any step of `{function}` comes out, and leaves the lock free.", _COUNTING.with_faults((function, (2, 2))), part=function),
    )  # fmt: skip


EXERCISE = Exercise(functions=(_REENTRANT, _SPLIT), asks=(
    *_asks(_REENTRANT, f"Each layer of `{_REENTRANT}` takes the `RLock` itself, for its own read and write and for the layers below it.", in_each_layer),
    *_asks(_SPLIT, f"`{_SPLIT}` takes the `Lock` once, and leaves the recursion to a function that takes no lock.", taken_once),
))  # fmt: skip
