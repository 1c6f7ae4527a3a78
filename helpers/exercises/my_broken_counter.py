"""my_broken_counter.py: count(counter, times, think), SETTINGS and RIVALS."""

from collections import Counter

from helpers.exercises import findings
from helpers.exercises.findings import TWO_METHODS, Ask, Exercise, Unfinished
from helpers.resources import CounterFile
from helpers.schedules import Walk
from helpers.topics import RaceSettings
from helpers.workers.counter import increment_without_lock

_LEAST = 8  # updates
_RUNS, _MOST_RUNS = 3, 6  # so many runs must go well, of so many that may be tried
_LONG_ENOUGH = 0.1  # seconds of pause by which everybody has read, unless the machine is too busy
_STARTS = -7, 0  # numbers in the file: each update adds 1 to any of them
_PUZZLE = "BCACBBACBACA"  # a lost update was built on a lost one in it
_READS_IN_VAIN = 100  # reads of one process after which it waits in a loop, where nobody writes


# ---- task 1: a race that loses all updates but one


def ask_for_enough(answer):
    """SETTINGS must be those of a run, with at least 8 updates."""
    try:
        expected = _settings(answer).expected
    except (TypeError, ValueError) as error:
        yield f"bad_settings: SETTINGS must be a dict that gives processes, times and pause_ms, each in its range: {error}."
        return
    if expected < _LEAST:
        yield f"too_few_updates: {expected} updates are too easy: ask for at least {_LEAST}."


def _settings(answer):
    return RaceSettings(**answer.value("SETTINGS"))


def count_as_asked(answer):
    """The function called twice in a row, with another number at the start: each update reads, adds 1 and writes."""
    settings = _settings(answer)
    alone = settings.times * settings.pause_ms / 1000
    answer.say(f"each run of your settings asks for {alone:g} s of pauses in each process")
    with answer.processes(settings.processes, TWO_METHODS[0]) as run:
        done = _once(run, answer, settings, CounterFile(start=_STARTS[0]), calls=2)
    yield from findings.about(_bad_calls(done, 2 * settings.expected), run=done)


def _bad_calls(run, expected):
    """The Failure for two calls in a row; for a run that was cut off only where more time would not have helped."""
    if not run.events:
        yield from findings.never_ends(run)
    reads = Counter(event.process for event in run.events if event.op == "read")
    total = run.account.total
    is_idle = not total and min(reads[letter] for letter in run.processes) >= _READS_IN_VAIN
    if run.verdict == "timed_out" and (total > expected or is_idle):
        yield f"never_ends: It does not end: {expected} updates were asked for in two calls, and after {reads.total()} reads and {total} writes it goes on."
    yield from _no_update(run, expected, " in two calls")


def _no_update(run, expected, calls=""):
    yield from findings.death(run)
    total = run.account.total
    reads = sum(event.op == "read" for event in run.events)
    if total < expected or reads < total:
        yield f"no_real_update: {expected} updates were asked for{calls}; there were {reads} reads and {total} writes. Each update reads, adds 1 and writes."
    yield from findings.unreal_update(run, {"counter": 1}, "no_real_update", "Each update adds 1")


def _once(run, answer, settings, counter, calls=1):
    args = counter, settings.times, settings.pause_ms / 1000
    return run(answer.worker("count", calls), *args, asked=calls * settings.asked)


def lose_all_but_one(answer):
    """Some runs, under the other start method: each must keep exactly one of all updates."""
    settings, good = _settings(answer), 0
    # One counter for all runs: with another one the processes would have to be started anew, which takes longest.
    counter = CounterFile(start=_STARTS[1])
    with answer.processes(settings.processes, TWO_METHODS[-1]) as run:
        for _ in range(_MOST_RUNS):
            done = _once(run, answer, settings, counter)
            found = _no_update(done, settings.expected), _kept_too_many(done)
            yield from findings.about(*found, run=done)
            good += len(done.account.kept) == 1
            if good == _RUNS:
                return
    say = f"in {_MOST_RUNS - good} of {_MOST_RUNS} runs a process began to read more than {_LONG_ENOUGH * 1000:g} ms late"
    raise Unfinished(f"the machine was too busy: {say}")


def _kept_too_many(run):
    """The Failure for a run that kept more than one update, unless only a busy machine can be the cause.

    So it is where nobody has written twice, and every process asked for a long enough pause after it had begun to read.
    """
    account = run.account
    writers = [update.process for update in account.updates]
    paused = {p.process for p in run.pauses if p.index and p.seconds >= _LONG_ENOUGH}
    is_busy = len(set(writers)) == len(writers) and paused == set(run.processes)
    if len(account.kept) != 1 and not is_busy:
        yield f"kept_too_many: {len(account.kept)} of {account.total} updates were kept; all but one must be lost."


# ---- task 2: who is whose rival in a small recorded race


def name_three_rivals(answer):
    """RIVALS must name the right rival for at least three lost updates of rival_puzzle()."""
    rivals = answer.value("RIVALS")
    account = puzzle().accounts["counter"]
    if not isinstance(rivals, dict) or len(rivals) < 3:
        yield "missing_rivals: RIVALS must name the rival of three lost updates of rival_puzzle()."
    for lost, rival in rivals.items():
        if lost not in [update.key for update in account.lost]:
            yield f"not_lost: {lost} was not lost: the final number descends from it, or there is no such update."
        if account.rivals[lost].key != rival:
            yield f"wrong_rival: The rival of {lost} is not {rival}. Which kept update started from the same number? Where a lost update was built on another lost one, both have the same rival."


def puzzle():
    """The Walk of three processes that count in one file without a lock, with three lost updates among its six."""
    race = increment_without_lock, CounterFile(), 2, 0
    return Walk(*race, processes=3, schedule=_PUZZLE)


EXERCISE = Exercise(functions=("count",), values=("SETTINGS", "RIVALS"), asks=(
    Ask("Task 1: at least 8 updates are asked for; their number is `processes` times `times`.", ask_for_enough, part="Task 1"),
    Ask("Task 1: each update reads the number, adds 1 and writes it.", count_as_asked, part="Task 1"),
    Ask("Task 1: all updates but one are lost, in every run. If every process pauses for 100 ms or more after its read, a late process is the machine's fault and not yours.", lose_all_but_one, part="Task 1"),
    Ask("Task 2: `RIVALS` names the rivals of three lost updates of the run below.", name_three_rivals, part="Task 2"),
))  # fmt: skip
