"""my_broken_counter.py: count(counter, times, think), SETTINGS and RIVALS."""

from collections import Counter

from helpers.exercises.checking import Ask, Exercise
from helpers.exercises.findings import TWO_METHODS, Failure, Unfinished, death, never_ends
from helpers.exercises.lost_updates import unreal_update
from helpers.exercises.rival_puzzle import rival_puzzle
from helpers.resources import CounterFile
from helpers.topics import RaceSettings

_LEAST = 8  # updates
_RUNS, _MOST_RUNS = 3, 6  # so many runs must go well, of so many that may be tried
_LONG_ENOUGH = 0.1  # seconds of pause by which everybody has read, unless the machine is too busy
_STARTS = -7, 0  # numbers in the file: each update adds 1 to any of them
_READS_IN_VAIN = 100  # reads of one process after which it waits in a loop, where nobody writes


def ask_for_enough(answer):
    """SETTINGS must be those of a run, with at least 8 updates."""
    given = answer.value("SETTINGS")
    if not isinstance(given, dict):
        return Failure(
            "bad_settings", 'SETTINGS must be plain, as in {"processes": 8, "times": 1}.'
        )
    try:
        settings = _settings(answer)
    except (TypeError, ValueError) as error:
        say = f"SETTINGS must hold processes, times and pause_ms in their ranges: {error}."
        return Failure("bad_settings", say)
    if settings.expected < _LEAST:
        say = f"{settings.expected} updates are too easy: ask for at least {_LEAST}."
        return Failure("too_few_updates", say)
    return None


def _settings(answer):
    return RaceSettings(**answer.value("SETTINGS"))


def count_as_asked(answer):
    """The function called twice in a row, with another number at the start: each update reads, adds 1 and writes."""
    settings = _settings(answer)
    alone = settings.times * settings.pause_ms / 1000
    answer.say(f"each run of your settings asks for {alone:g} s of pauses in each process")
    with answer.processes(settings.processes, TWO_METHODS[0]) as run:
        done = _once(run, answer, settings, CounterFile(start=_STARTS[0]), calls=2)
    expected = 2 * settings.expected
    return _goes_on(done, expected) or death(done) or _no_update(done, expected, " in two calls")


def _goes_on(run, expected):
    """The Failure for a run that was cut off where more time would not have helped; None for any other."""
    if run.verdict != "timed_out" or not run.events:
        return never_ends(run)
    reads = Counter(event.process for event in run.events if event.op == "read")
    total = run.account.total
    if total <= expected and (
        total or min(reads[letter] for letter in run.processes) < _READS_IN_VAIN
    ):
        return None
    say = f"It does not end: {expected} updates were asked for in two calls, and after {reads.total()} reads and {total} writes it goes on."
    return Failure("never_ends", say, run)


def _no_update(run, expected, calls=""):
    account = run.account
    reads = sum(event.op == "read" for event in run.events)
    if account.total < expected or reads < account.total:
        reason = f"{expected} updates were asked for{calls}; there were {reads} reads and {account.total} writes. Each update reads, adds 1 and writes."
        return Failure("no_real_update", reason, run)
    return unreal_update(run, {"counter": 1}, "no_real_update", "Each update adds 1")


def _once(run, answer, settings, counter, calls=1):
    think = settings.pause_ms / 1000
    asked = calls * settings.expected * think
    return run(answer.worker("count", calls), counter, settings.times, think, asked=asked)


def lose_all_but_one(answer):
    """Some runs, under the other start method: each must keep exactly one of all updates."""
    settings, good = _settings(answer), 0
    # One counter for all runs: with another one the processes would have to be started anew, which takes longest.
    counter = CounterFile(start=_STARTS[1])
    with answer.processes(settings.processes, TWO_METHODS[-1]) as run:
        for _ in range(_MOST_RUNS):
            done = _once(run, answer, settings, counter)
            failure = death(done) or _no_update(done, settings.expected) or _kept_too_many(done)
            if failure:
                return failure
            good += len(done.account.kept) == 1
            if good == _RUNS:
                return None
    return Unfinished(
        f"the machine was too busy: in {_MOST_RUNS - good} of {_MOST_RUNS} runs a process began to read more than {_LONG_ENOUGH * 1000:g} ms late"
    )


def _kept_too_many(run):
    """The Failure for a run that kept more than one update; None where only a busy machine can be the cause."""
    account = run.account
    if len(account.kept) == 1:
        return None
    writers = [update.process for update in account.updates]
    if len(set(writers)) == len(writers) and _all_paused(run):
        return None
    reason = f"{len(account.kept)} of {account.total} updates were kept; all but one must be lost."
    return Failure("kept_too_many", reason, run)


def _all_paused(run):
    """Whether every process asked for a long enough pause after it had begun to read."""
    long = {p.process for p in run.pauses if p.index and p.seconds >= _LONG_ENOUGH}
    return long == set(run.processes)


def name_three_rivals(answer):
    """RIVALS must name the right rival for at least three lost updates of rival_puzzle()."""
    rivals = answer.value("RIVALS")
    puzzle = rival_puzzle()
    if not isinstance(rivals, dict) or len(rivals) < 3:
        return Failure(
            "missing_rivals", "RIVALS must name the rival of three lost updates of rival_puzzle()."
        )
    for lost, rival in rivals.items():
        if lost not in puzzle.lost:
            reason = f"{lost} was not lost: the final number descends from it, or there is no such update."
            return Failure("not_lost", reason)
        if puzzle.rivals.get(lost) != rival:
            reason = f"The rival of {lost} is not {rival}. Which kept update started from the same number? Where a lost update was built on another lost one, both have the same rival."
            return Failure("wrong_rival", reason)
    return None


EXERCISE = Exercise(
    functions=("count",),
    values=("SETTINGS", "RIVALS"),
    asks=(
        Ask("Task 1: at least 8 updates are asked for; their number is `processes` times `times`.", ask_for_enough, part="Task 1"),
        Ask("Task 1: each update reads the number, adds 1 and writes it.", count_as_asked, part="Task 1"),
        Ask("Task 1: all updates but one are lost, in every run. If every process pauses for 100 ms or more after its read, a late process is the machine's fault and not yours.", lose_all_but_one, part="Task 1"),
        Ask("Task 2: `RIVALS` names the rivals of three lost updates of the run below.", name_three_rivals, part="Task 2"),
    ),
)  # fmt: skip
