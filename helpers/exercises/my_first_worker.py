"""my_first_worker.py: work(numbers) gives back (process id, sum)."""

import json
import os
import subprocess
from itertools import chain

from helpers import lab
from helpers.exercises import looking
from helpers.exercises.checking import Ask, Exercise
from helpers.exercises.findings import Failure, Unfinished, death, named, never_ends
from helpers.lab.programs import run_program

_TOLD = "told: "  # begins the line in which programs/start_imported.py says what came back
_IN_A_ROW = [3, 4, 5], [7, 8, 9], [3, 4, 5]
_LISTS = [3, 4, 5], [], [7], [-3, 10, -20], list(range(40)), [2, 2]


def call_in_children(answer):
    """Two children under the default start method, once with each list: pairs of two values."""
    with answer.processes(2) as run:
        for numbers in _LISTS:
            done = run(looking.call, answer.path, "work", numbers)
            if any("daemonic processes" in crash.message for crash in done.crashes):
                reason = "The function starts a process. The course starts processes; a worker does the work."
                yield Failure("starts_a_process", reason, done)
            yield from never_ends(done)
            yield from death(done)
            yield from _no_pairs(done)
            yield from _wrong_sum(done, numbers)


def start_by_every_method(answer):
    """Two children by each start method: each must give back its own process id and the right sum."""
    for method in lab.start_methods():
        numbers = [3, 4, len(method)]
        call = looking.call, answer.path, "work", numbers
        done = answer.run(*call, processes=2, start_method=method)
        judges = death(done), _no_pairs(done), _wrong_sum(done, numbers), _wrong_process(done)
        yield from named(f"Under {method}", chain(*judges))


def import_before_the_start(answer):
    """A program imports the file and starts children after that, each of which calls the function twice.

    A forked child finds what was computed at the import; the second call finds what the first one left.
    """
    folder, name = os.path.split(os.path.splitext(answer.path)[0])
    try:
        printed = run_program("start_imported.py", folder, name, json.dumps(_IN_A_ROW))
    except subprocess.TimeoutExpired as error:
        say = f"the program did not end in {error.timeout:g} s"
        raise Unfinished(f"the machine was too busy: {say}") from None
    except RuntimeError as error:
        reason = f"A program that imports the file and starts children fails: {error}."
        yield Failure("fails_in_a_program", reason)
        return
    reported = [line for line in printed.splitlines() if line.startswith(_TOLD)]
    if not reported:
        reason = "A program that imports the file ends before it has started its children."
        yield Failure("fails_in_a_program", reason)
    for method, found in json.loads(reported[-1].removeprefix(_TOLD)).items():
        answer.tried.runs[method] += 1
        where = f"A program imports the file, then starts a child under {method}"
        if not found:
            yield Failure("fails_in_a_program", f"{where}, and the child dies without an answer.")
        yield from _wrong_in_a_program(where, *found)


def _wrong_in_a_program(where, pid, given):
    for numbers, pair in zip(_IN_A_ROW, given, strict=True):
        if not isinstance(pair, list) or len(pair) != 2:
            reason = f"{where}: called with {numbers}, the function gave back {pair!r}, not a pair (process id, sum)."
            yield Failure("no_pair", reason)
        said, total = pair
        if said != pid:
            reason = f"{where}: that is process {pid}, but it says {said}. Ask os.getpid() inside the function."
            yield Failure("asked_at_import", reason)
        if total != sum(numbers):
            reason = f"{where}, which calls the function with {' and then with '.join(map(str, _IN_A_ROW))}: the sum of {numbers} is {sum(numbers)}, but it gave back {total!r}."
            yield Failure("wrong_sum", reason)


def _no_pairs(run):
    given = list(run.returned.values())
    if len(given) < len(run.processes) or any(answer is None for answer in given):
        reason = "the function gave nothing back. Use return: what a child prints, or passes to exit, does not reach its parent."
        yield Failure("returns_nothing", reason, run)
    if not all(isinstance(answer, (tuple, list)) and len(answer) == 2 for answer in given):
        yield Failure("no_pair", f"it gave back {given[0]!r}, not a pair (process id, sum).", run)


def _wrong_sum(run, numbers):
    for _, total in run.returned.values():
        if isinstance(total, bool) or total != sum(numbers):
            say = f"the sum of {numbers} is {sum(numbers)}, but it gave back {total!r}."
            yield Failure("wrong_sum", say, run)


def _wrong_process(run):
    pids = [pid for pid, _ in run.returned.values()]
    if pids != list(run.pids.values()):
        reason = f"the children were the processes {list(run.pids.values())} but said {pids}: ask os.getpid() inside the function."
        yield Failure("wrong_process", reason, run)


EXERCISE = Exercise(functions=("work",), asks=(
    Ask("`work(numbers)` gives back a pair: the id of the process that runs it, and the sum of the numbers, however many there are.", call_in_children),
    Ask("It does so in a child of each start method that your system has.", start_by_every_method),
    Ask("It does so in a program that imports your file before it starts its children.", import_before_the_start),
))  # fmt: skip
