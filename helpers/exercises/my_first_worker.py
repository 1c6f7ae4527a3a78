"""my_first_worker.py: work(numbers) gives back (process id, sum)."""

import json
import os
import subprocess
from dataclasses import replace

from helpers import experiments
from helpers.exercises.checking import Ask, Exercise
from helpers.exercises.findings import ALL_METHODS, Failure, Unfinished, death, never_ends

_LISTS = [3, 4, 5], [], [7], [-3, 10, -20], list(range(40)), [2, 2]


def call_in_children(answer):
    """Two children under the default start method, once with each list: pairs of two values."""
    with answer.processes(2) as run:
        for numbers in _LISTS:
            done = run(answer.worker("work"), numbers)
            failure = _starts_a_process(done) or never_ends(done) or death(done)
            if failure := failure or _no_pairs(done) or _wrong_sum(done, numbers):
                return failure
    return None


def start_by_every_method(answer):
    """Two children by each start method: each must give back its own process id and the right sum."""
    for method in ALL_METHODS:
        numbers = [3, 4, len(method)]
        run = answer.run(answer.worker("work"), numbers, processes=2, start_method=method)
        failure = death(run) or _no_pairs(run) or _wrong_sum(run, numbers) or _wrong_process(run)
        if isinstance(failure, Failure):
            return Failure(failure.name, f"Under {method}: {failure.reason}", failure.run)
        if failure:
            return failure
    return None


def call_twice(answer):
    """The function called twice in a row by the same process: each answer counts."""
    run = answer.run(answer.worker("work", calls=2), [3, 4, 5], processes=2)
    if failure := death(run):
        return failure
    for call in (0, 1):
        returned = {letter: given[call] for letter, given in run.returned.items()}
        once = replace(run, returned=returned)
        if failure := _no_pairs(once) or _wrong_sum(once, [3, 4, 5]) or _wrong_process(once):
            return failure
    return None


def import_before_the_start(answer):
    """A program imports the file and starts children after that: a forked child finds what was computed then."""
    folder, name = os.path.split(os.path.splitext(answer.path)[0])
    try:
        told = json.loads(experiments.run_program("start_imported.py", folder, name, "3", "4", "5").splitlines()[-1])
    except subprocess.TimeoutExpired as error:
        return Unfinished(f"the machine was too busy: the program did not end in {error.timeout:g} s")
    except (RuntimeError, ValueError) as error:
        return Failure("fails_in_a_program", f"A program that imports the file and starts children fails: {error}.")
    for method, found in told.items():
        answer.tried.runs[method] += 1
        if found and found[0] != found[1][0]:
            return Failure(
                "asked_at_import",
                f"A program imports the file, then starts a child under {method}: that is process {found[0]}, and it says {found[1][0]}. Ask os.getpid() inside the function.",
            )
    return None


def _starts_a_process(run):
    if not any("daemonic processes" in crash.message for crash in run.crashes):
        return None
    where = "the function starts" if run.started else "the file itself, when it is imported, starts"
    return Failure("starts_a_process", f"{where[0].upper()}{where[1:]} a process. The course starts the processes; a worker does the work.", run)


def _no_pairs(run):
    given = list(run.returned.values())
    if len(given) < len(run.processes) or any(answer is None for answer in given):
        return Failure(
            "returns_nothing",
            "the function gave nothing back. Use return: print does not come home, nor does an exit.",
            run,
        )
    if not all(isinstance(answer, (tuple, list)) and len(answer) == 2 for answer in given):
        return Failure("no_pair", f"it gave back {given[0]!r}, not a pair (process id, sum).", run)
    return None


def _wrong_sum(run, numbers):
    for _, total in run.returned.values():
        if isinstance(total, bool) or total != sum(numbers):
            say = f"the sum of {numbers} is {sum(numbers)}, it gave back {total!r}."
            return Failure("wrong_sum", say, run)
    return None


def _wrong_process(run):
    pids = [pid for pid, _ in run.returned.values()]
    if pids != list(run.pids.values()):
        return Failure(
            "wrong_process",
            f"the children were the processes {list(run.pids.values())} and said {pids}: ask os.getpid() inside the function.",
            run,
        )
    return None


EXERCISE = Exercise(
    functions=("work",),
    asks=(
        Ask("`work(numbers)` gives back a pair: the id of the process that runs it, and the sum of the numbers, however many there are.", call_in_children, call_twice),
        Ask("It does so in a child of each start method that your system has.", start_by_every_method),
        Ask("It does so in a program that imports your file before it starts its children.", import_before_the_start),
    ),
)  # fmt: skip
