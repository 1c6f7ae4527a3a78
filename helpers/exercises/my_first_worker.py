"""my_first_worker.py: work(numbers) gives back (process id, sum)."""

import json
import os
import subprocess

from helpers import lab
from helpers.exercises import looking
from helpers.exercises.findings import Ask, Exercise, Unfinished, about, death, named, never_ends
from helpers.lab.programs import run_program

_TOLD = "told: "  # begins the line in which programs/start_imported.py says what came back
_IN_A_ROW = [3, 4, 5], [7, 8, 9], [3, 4, 5]
_LISTS = [3, 4, 5], [], [7], [-3, 10, -20], list(range(40)), [2, 2]


def call_in_children(answer, method=None, lists=_LISTS):
    """Two children, once with each list: each must give back its own process id and the right sum."""
    with answer.processes(2, method) as run:
        for numbers in lists:
            done = run(looking.call, answer.path, "work", numbers)
            yield from about(_wrong_answers(done, numbers), run=done)


def start_by_every_method(answer):
    """Two children by each start method."""
    for method in lab.start_methods():
        found = call_in_children(answer, method, [[3, 4, len(method)]])
        yield from named(f"Under {method}", found)


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
        yield f"fails_in_a_program: A program that imports the file and starts children fails: {error}."
        return
    reported = [line for line in printed.splitlines() if line.startswith(_TOLD)]
    if not reported:
        yield "fails_in_a_program: A program that imports the file ends before it has started its children."
    for method, found in json.loads(reported[-1].removeprefix(_TOLD)).items():
        answer.tried.runs[method] += 1
        where = f"A program imports the file, then starts a child under {method}"
        if not found:
            yield f"fails_in_a_program: {where}, and the child dies without an answer."
        pid, given = found
        lists = " and then with ".join(map(str, _IN_A_ROW))
        called = f"{where}, which calls the function with {lists}"
        for numbers, pair in zip(_IN_A_ROW, given, strict=True):
            yield from named(called, _wrong_pair(pair, pid, numbers, "asked_at_import"))


def _wrong_answers(run, numbers):
    """The Failure where not every child gave back its own process id and the right sum."""
    yield from never_ends(run)
    yield from death(run)
    for process, pid in run.pids.items():
        pair = run.returned.get(process)
        if pair is None:
            yield "returns_nothing: the function gave nothing back. Use return: what a child prints, or passes to exit, does not reach its parent."
        yield from _wrong_pair(pair, pid, numbers, "wrong_process")


def _wrong_pair(pair, pid, numbers, name):
    """The Failure for what process `pid` gave back; `name` is that of a wrong process id."""
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        yield f"no_pair: it gave back {pair!r}, not a pair (process id, sum)."
    said, total = pair
    if isinstance(total, bool) or total != sum(numbers):
        yield f"wrong_sum: the sum of {numbers} is {sum(numbers)}, but it gave back {total!r}."
    if said != pid:
        yield f"{name}: that is process {pid}, but it says {said}. Ask os.getpid() inside the function."


EXERCISE = Exercise(functions=("work",), asks=(
    Ask("`work(numbers)` gives back a pair: the id of the process that runs it, and the sum of the numbers, however many there are.", call_in_children),
    Ask("It does so in a child of each start method that your system has.", start_by_every_method),
    Ask("It does so in a program that imports your file before it starts its children.", import_before_the_start),
))  # fmt: skip
