"""my_recursive_worker.py: count_down_reentrant and count_down_split, both (counter, lock, depth)."""

from functools import partial

from helpers.analysis import holds
from helpers.exercises.checking import Ask, Exercise
from helpers.exercises.every_order import Question, ends_with, first_failure, in_turn
from helpers.exercises.findings import Failure, in_order, named
from helpers.exercises.findings import death as death_of
from helpers.exercises.injected_faults import break_off_each_step
from helpers.exercises.lock_endings import after_a_refusal, death, gives_up, stands, waits_for_ever
from helpers.exercises.lost_updates import is_passed, lost_update, unreal_update
from helpers.resources import CounterFile, Lock, RLock

_REENTRANT, _SPLIT = "count_down_reentrant", "count_down_split"
_LOCKS = {_REENTRANT: RLock, _SPLIT: Lock}
_START = 9
_DEPTHS = (2, 1), (3, 6), (4, 5)  # of A and B, one after the other
_IN_MODEL = (2, 2), (1, 3), (2, 1, 1), (5, 4)
_REAL_DEPTHS = 4, 1, 6, 2


def _of(function):
    """Gives the team for some depths: a process for each, with one counter and one lock for all teams."""

    def team(answer, depths, calls=1):
        worker = answer.worker(function, calls)
        return [(worker, (*things, depth)) for depth in depths]

    things = CounterFile(start=_START), _LOCKS[function]()
    return team


def _total(team):
    """What the file must say when the team has counted."""
    return _START + sum(worker.calls * depth for worker, (_, _, depth) in team)


# ---- step by step: in the model, and on real processes


def count_in_turn(function, answer):
    """One process alone, then two one after the other, with depths of 1 to 6: all layers are counted."""
    teams_of = [partial(_of(function), answer, depths) for depths in _DEPTHS]
    return named(function, in_turn(answer, teams_of, _bad_turn))


def _bad_turn(team, run):
    return _bad_end(team, run) or _writes_without(run)


def count_in_every_order(function, answer):
    """All orders of two and three processes, with several depths."""
    team_of = _of(function)
    teams = [team_of(answer, depths) for depths in _IN_MODEL]
    questions = (
        Question(team, ends_with({"counter": _total(team)}), partial(_bad_end, team))
        for team in teams
    )
    return named(function, first_failure(answer, questions))


def count_with_faults(function, answer):
    """An exception in place of each step of A but a release."""
    return break_off_each_step(answer, _of(function)(answer, (2, 2)), about=function)


def _bad_end(team, run):
    """The Failure for a run after which the file does not say what the team should have counted, or None."""
    failure = (
        after_a_refusal(run)
        or waits_for_ever(run)
        or death(run)
        or unreal_update(run, {"counter": 1}, "no_real_update", "Each layer adds 1")
        or lost_update(run)
    )
    wanted = _total(team)
    if failure or run.account.observed == wanted:
        return failure
    reason = f"The file said {_START}, and each layer adds 1: it should say {wanted}, and says {run.account.observed}."
    return gives_up(run, "nothing was counted") or Failure("wrong_count", reason, run)


def _writes_without(run):
    """The Failure for a run in which a process writes and holds no lock, or None."""
    for event, held, _ in stands(run):
        if event.op == "write" and not held:
            reason = f"{event.process} writes {event.thing!r} without holding the lock."
            return Failure("outside_lock", reason, run)
    return None


def in_one_section(answer, function, run, process, depth):
    """The Failure for a process that lets others in between two layers, shown by an order in which B comes in."""
    mine = [event for event in run.events if event.process == process]
    spans = [span for span in holds(mine) if is_passed(span)]
    steps = [event for event in mine if event.op in ("read", "write")]
    if any(span.start < steps[0].start and steps[-1].end < span.end for span in spans):
        return None
    end = next(span.end for span in spans if span.end > steps[0].end)
    before = sum(event.start <= end for event in mine)
    reason = f"{function}: with {depth} layers, A releases the lock between two of them, and B counts in between. The whole recursion must be one critical section."
    team, schedule = _of(function)(answer, (depth, 1)), f"{'A' * before}B"
    return Failure("split_section", reason, answer.run(team=team, processes=2, schedule=schedule))


def in_each_layer(_, function, run, process, depth):
    """The Failure for a process that is not one level deeper in the lock with each layer, or None."""
    levels = _levels(run, process)
    if len(set(levels)) == depth:
        return None
    reason = f"{function}: {process} counts with {depth} layers, and at its updates it has taken the lock {', '.join(map(str, levels))} times. Let each layer take the lock itself, for its own update and for the layers below it."
    return Failure("not_reentrant", reason, run)


def _levels(run, process):
    """How often the process has acquired the passed lock, and not yet released it, at each of its writes."""
    depth, levels = 0, []
    for event in run.events:
        if event.process != process or event.outcome != "done":
            continue
        if is_passed(event) and event.op in ("acquire", "release"):
            depth += 1 if event.op == "acquire" else -1
        elif event.op == "write":
            levels.append(depth)
    return levels


def taken_once(_, function, run, process, depth):
    """The Failure for a process that takes a lock more often than once, or never, or None."""
    taken = sum(
        (event.process, event.op, event.outcome) == (process, "acquire", "done")
        for event in run.events
    )
    if taken == 1:
        return None
    reason = f"{function}: with {depth} layers, {process} takes a lock {taken} times. Take it once, and leave the recursion to a function that takes no lock."
    return Failure("takes_it_again", reason, run)


def _look(failure_of, function, answer):
    """The first Failure that `failure_of` sees in a process that counts with a depth of 1 to 6, or None."""
    team_of = _of(function)
    with answer.processes(2) as run:
        for depths in _DEPTHS:
            done = run(team=team_of(answer, depths), schedule="")
            if failure := death_of(done):
                return failure
            for process, depth in zip(done.processes, depths, strict=True):
                if failure := failure_of(answer, function, done, process, depth):
                    return in_order(failure, failure.run)
    return None


# ---- at full speed


def count_in_real_runs(function, answer):
    """Some runs of four processes under each of two start methods."""
    return named(function, answer.first_bad_run(_of(function)(answer, _REAL_DEPTHS), _bad_end))


def _asks(function, words, judge):
    """What is asked of one function, which is a part of its own."""
    attacks = {
        f"`{function}` adds 1 in each of its `depth` layers, in every order of the steps.": (count_in_turn, count_in_every_order, count_in_real_runs),
        f"The whole recursion of `{function}` is one critical section.": (partial(_look, in_one_section),),
        words: (partial(_look, judge),),
        f"An exception at any step of `{function}` comes out, and leaves the lock free.": (count_with_faults,),
    }  # fmt: skip
    return [
        Ask(say, *(partial(attack, function) for attack in those), part=function)
        for say, those in attacks.items()
    ]


EXERCISE = Exercise(
    functions=(_REENTRANT, _SPLIT),
    asks=(
        *_asks(_REENTRANT, f"Each layer of `{_REENTRANT}` takes the `RLock` itself, for its own read and write and for the layers below it.", in_each_layer),
        *_asks(_SPLIT, f"`{_SPLIT}` takes the `Lock` once, and leaves the recursion to a function that takes no lock.", taken_once),
    ),
)  # fmt: skip
