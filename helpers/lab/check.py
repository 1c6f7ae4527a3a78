"""What can be run and what cannot: every refusal names the value, the range and what to do."""

import ast
import builtins
import inspect
import os
import re
import sys
import textwrap
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import cache
from threading import Event
from typing import Any, NamedTuple, TypeVar

from helpers import events
from helpers.lab.arguments import is_sendable

E = TypeVar("E", bound=Enum)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"  # the names of processes
CODE = re.compile(r"(?ai)((?:\d\d:)?[a-z\d-]+):(\d\d?):([a-z]+):([a-f\d]{3})([a-f\d]{3})")
_OTHER = "the program is not the one that the code was made for"
LONGEST = 600.0  # seconds that a run may be given


class WorkerFile(NamedTuple):
    """A worker in a learner's file, read anew by every child: the file's path, the function's name.

    It calls the function `calls` times in a row, and gives back a tuple of what they gave where that is more than once.
    """

    path: str
    name: str
    calls: int = 1


Worker = Callable[..., object] | WorkerFile
Stop = Event | None
Member = tuple[Worker, tuple]  # one of a team: a worker and its arguments


def whole(name: str, value: object, low: int, high: int) -> int:
    """`value` if it is a whole number from `low` to `high`. Raises TypeError or ValueError."""
    return _within(name, value, low, high, int, "a whole number", f"{low} to {high}")


def span(name: str, value: object, low: float, high: float, unit: str) -> float:
    """`value` if it is a number from `low` to `high`. Raises TypeError or ValueError."""
    return _within(name, value, low, high, int | float, "a number", f"{low:g} to {high:g} {unit}")


def _within(name, value, low, high, kind, words, choice):
    if isinstance(value, bool) or not isinstance(value, kind):
        raise TypeError(f"{name}={value!r}: give {words} from {choice}")
    if not low <= value <= high:  # NaN is not, either
        raise ValueError(f"{name}={value!r}: choose {choice}")
    return value


def member(name: str, value: object, kind: type[E]) -> E:
    """The member of the Enum `kind` that `value` is, or whose words it is. Raises ValueError."""
    try:
        return kind(value)
    except ValueError:
        words = ", ".join(repr(known.value) for known in kind)
        raise ValueError(f"{name}={value!r}: choose one of {words}") from None


class ScheduleError(ValueError):
    """A schedule asks a process to move that cannot: `number` counts its steps from 1."""

    def __init__(self, schedule: str, number: int, letter: str, why: str):
        say = f"schedule {schedule!r:.80}: step {number} asks {letter} to move, but {why}"
        super().__init__(f"{say}: {_OTHER}" if getattr(schedule, "steps", "") else say)


class OtherSetup(ValueError):
    """The code of a schedule was made for other processes, arguments or files, or for another fault."""


class Schedule(str):
    """The letters of a schedule, one for each step; where they came as a `code`, `steps` is the sum of its steps."""

    steps = ""

    def confirm(self, recorded: Iterable[events.Event], over: list[str]) -> None:
        """Raises ValueError where a code was made for other steps, or for others that were `over` after them."""
        if self.steps not in ("", _sum_of_steps(recorded, over)):
            raise ValueError(f"schedule {self!r:.80}: the steps are other ones: {_OTHER}")


def schedule(text: object, team: list[Member], fault: events.Fault | None = None) -> Schedule:
    """`text` as a schedule for a team: one capital letter for each step, without spaces; or the `code` of one.

    Raises TypeError or ValueError, and OtherSetup for a code that was made for something else.
    """
    if not isinstance(text, str):
        raise TypeError(f'schedule={text!r}: give the letters of the processes, as in "ABBA"')
    letters, steps = "".join(text.split()).upper(), ""
    if ":" in letters:
        if not (found := CODE.fullmatch(letters)):
            raise ValueError(f"schedule={text!r:.80}: no whole code, such as 07:title:2:AB:d438e9")
        setup, count, letters, given, steps = found.groups()
        is_other = int(count) != len(team)
        if is_other or given.lower() != _sum_of_setup(team, fault, letters):
            why = f"are {len(team)}" if is_other else "setup, arguments, fault or letters differ"
            raise OtherSetup(f"the code is for processes={count}, {setup.lower():.60}; here {why}")
    order, known = Schedule(letters), LETTERS[: len(team)]
    order.steps = steps.lower()
    for number, letter in enumerate(order, 1):
        if letter not in known:
            say = f"schedule={text!r:.80}: {letter!r} at step {number} is not a process of this run"
            raise ValueError(f"{say}; they are {', '.join(known)}")
    return order


def code(team: list[Member], fault: Any, order: str, recorded: Iterable, over: list[str]) -> str:
    """The code of the schedule `order`: a text that `schedule` accepts in its place, such as 07:into-the-deadlock:2:AB:d438e9.

    Its parts: the lesson, two digits, left out with its colon where none is known; the setup; the number of processes;
    the letters; two sums of three characters each. The setup is a challenge's title, the name of a learner's file or
    those of the workers, as a `slug`; it says what the code is about, and leads a panel there. The sums decide whether
    it fits. The first is of the letters, of the workers' names, of the texts and whole numbers among their arguments, of
    those with which files begin, of calls and of the fault: what is given. The second is of the steps that were
    `recorded` (whose each is, on what, its operation) and of who was `over` after them: what the program makes of it.
    So a challenge can be renamed and a module moved, and no code needs quotes in an address or a shell.

    Of an empty order the code is "".
    """
    names = dict.fromkeys(source(worker)[not isinstance(worker, WorkerFile)] for worker, _ in team)
    sums = _sum_of_setup(team, fault, order) + _sum_of_steps(recorded, over)
    return order and f"{slug(' '.join(names))}:{len(team)}:{order}:{sums}"


def slug(name: str) -> str:
    """A name in small letters, digits and single hyphens."""
    return re.sub("[^a-z0-9]+", "-", name.lower()).strip("-") or "worker"


def _sum_of_setup(team, fault, order):
    # No fractions: they are lengths of pauses, which change no step. No 0, which may be one of them.
    rows = [[*source(w)[1::2], *(getattr(a, "start", a) for a in args)] for w, args in team]
    return _sum([[n for n in row if type(n) in (int, str) and n] for row in rows], fault, order)


def _sum_of_steps(recorded, over):
    return _sum(sorted((*e[:3], e.op) for e in recorded if e.end is not None), over)


def _sum(*facts):
    return f"{zlib.crc32(repr(facts).encode()) % 16**3:03x}"


def fault(value: object, count: int) -> events.Fault | None:
    """`value` as a Fault of one of `count` processes, or None. Raises TypeError or ValueError."""
    if value is None:
        return None
    if not (isinstance(value, tuple) and len(value) == 2):
        say = "give a process and the number of its step"
        raise TypeError(f'fault={value!r}: {say}, as in ("A", 0)')
    process, index = value
    if process not in LETTERS[:count]:
        raise ValueError(f"fault={value!r}: the processes are {', '.join(LETTERS[:count])}")
    return events.Fault(process, whole("the step of the fault", index, 0, 1_000_000))


def processes(value: object) -> int:
    """`value` if it is a number of processes. Raises TypeError or ValueError."""
    return whole("processes", value, 1, len(LETTERS))


def deadline(value: object) -> float | None:
    """`value` if it is a number of seconds, or None: computed. Raises TypeError or ValueError."""
    return None if value is None else span("deadline", value, 0.01, LONGEST, "seconds")


def team(members: Iterable[tuple], count: int) -> list[Member]:
    """A list of (worker, args), one for each process, of workers that a child can find."""
    checked = members_of(members, count)
    for worker, _ in checked:
        if not isinstance(worker, WorkerFile):
            _function(worker)
    return checked


def members_of(members: Iterable[tuple], count: int) -> list[Member]:
    """A list of (worker, args), one for each process. Raises ValueError or TypeError."""
    members = list(members)
    if len(members) != count:
        say = f"a team of {len(members)} for {count} processes"
        raise ValueError(f"{say}: give one (worker, args) each")
    for member in members:
        if not (isinstance(member, tuple) and len(member) == 2 and isinstance(member[1], tuple)):
            raise TypeError(f"{member!r} in the team: give (worker, args), args a tuple")
        if not (isinstance(member[0], WorkerFile) or callable(member[0])):
            raise TypeError(f"worker={member[0]!r}: give a function that is defined in a module")
    return members


def source(worker: Worker) -> tuple:
    """Where a child finds `worker`: module, name and, for a WorkerFile, the path and how often it is called."""
    if isinstance(worker, WorkerFile):
        path = file_of(worker)
        return os.path.splitext(os.path.basename(path))[0], worker.name, path, worker.calls
    return worker.__module__, worker.__qualname__, None


def file_of(worker: Worker) -> str:
    """The path of the file in which `worker` is written; "" where it does not tell."""
    if isinstance(worker, WorkerFile):
        return os.path.abspath(worker.path)
    code = getattr(worker, "__code__", None)
    return code.co_filename if code else ""


def worker_name(members: Iterable[Member]) -> str:
    """The names of a team's workers, each once."""
    return ", ".join(dict.fromkeys(source(worker)[1] for worker, _ in members))


def step_lines(worker: Worker) -> dict[str, int]:
    """By operation, the line of a worker that does it, from 1 at its `def`: where only one does, and it calls no function that may."""
    return _lines_in(getattr(worker, "__code__", None))


@cache  # by the code: a function would keep its module, and the locks in it
def _lines_in(code):
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(code)))
    except (OSError, TypeError, SyntaxError):  # it stands in no file, or in one that children read
        return {}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = {call.func.id for call in calls if isinstance(call.func, ast.Name)}
    if not all(name == "pause" or hasattr(builtins, name) for name in named):
        return {}
    asked = [(c.func.attr, c.lineno) for c in calls if isinstance(c.func, ast.Attribute)]
    counts = Counter(op for op, _ in asked)
    return {op: line for op, line in asked if counts[op] == 1}


def parameters(members: Sequence[Member]) -> dict[str, object]:
    """The plain arguments of a team's first member (no resources or locks), by name where its code tells it."""
    worker, args = members[0]
    code = getattr(worker, "__code__", None)
    names = code.co_varnames[: code.co_argcount] if code else ()
    names = [*names, *(f"argument {i + 1}" for i in range(len(names), len(args)))]
    found: dict[str, object] = {"processes": len(members)}
    for name, arg in zip(names, args, strict=False):
        if not isinstance(arg, events.SharedObject) and is_sendable(arg):
            found[name] = arg
    return found


def names(shared_objects: Iterable[events.SharedObject]) -> None:
    """Raises ValueError where two files of one run have the same name."""
    names = [shared.name for shared in shared_objects if shared.is_file]
    for number, name in enumerate(names):
        if name.lower() in map(str.lower, names[:number]):  # some systems take a and A for one file
            say = f"two files are called {name!r}: give them different names"
            raise ValueError(f'{say}, as in CounterFile("a")')


def _function(worker):
    module, name = getattr(worker, "__module__", None), getattr(worker, "__qualname__", "")
    if module == "__main__":
        raise TypeError(
            f"the worker {name!r} is defined in a notebook cell (or in the script itself), where a "
            "child process cannot find it. Put it in a module: write %%writefile my_worker.py as "
            f"the first line of its cell, run that, then: from my_worker import {name}"
        )
    if getattr(sys.modules.get(module), name, None) is not worker:
        raise TypeError(
            f"the worker {name!r} cannot be found by name in the module {module!r}: define it with "
            "def at the top level of a module, not inside another function and not as a lambda"
        )
