"""What became of each process: how it died or why it could not start, and how it went on for the others.

Decided from exit codes, errors and records of who held and who wanted which lock, and from no clock.
"""

import os
import re
import signal
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from enum import Enum
from multiprocessing import process
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from helpers import analysis, refused
from helpers.events import listed

if TYPE_CHECKING:
    from helpers.lab.verdict import Run

_ROOT = Path(__file__).resolve().parents[2]
_START_DIR = process.ORIGINAL_DIR  # type: ignore[attr-defined]
_WINDOWS_ERRORS = 0xC0000000  # from here on, an exit code is one of Windows' NTSTATUS errors

# A pattern for the text of an error at the start, and what it means. The first that fits counts.
_REASONS = {
    r"'_thread\.": "a lock for threads cannot be sent to another process; pass a multiprocessing.Lock",
    "SemLock created in a": "the lock was made in another context; make the lock and the processes from one context",
    "through inheritance": "a lock cannot be sent in a message; pass it to a process when that starts, as an argument",
    "No module named": "the child did not find a module",
    "module '(?!__).* has no attribute": "the worker's module has no function of that name",
    # From 3.14 on, what a child does not find in __main__ is reported in the second way.
    "pickle|get (attribute|local object)|module '__.*' has no attribute": "an argument cannot be sent to another process",
    r"No such file or directory: .*\.py'$": "the worker's file is gone",
    "No such file or directory$": "the lock was gone before the child opened it; keep a name for it in the parent",
}


class Crash(NamedTuple):
    """How a process died: by a signal or an exception, and what it held. `trace` is its traceback.

    `at_start` says that it died before its worker began.
    `cause` names what was found in its way then, beside the worker: a moved folder, a file that shadows a module.
    """

    process: str
    exit_code: int
    error: str = ""
    message: str = ""
    trace: str = ""
    held: tuple[str, ...] = ()
    at_start: bool = False
    cause: str = ""

    @property
    def is_killed(self) -> bool:
        """Whether a signal ended it, or Windows did, after an error such as a wrong memory access."""
        return not 0 <= self.exit_code < _WINDOWS_ERRORS

    @property
    def sentence(self) -> str:
        return self.befell([self.process])

    def befell(self, processes: Sequence[str]) -> str:
        """What befell the processes with these letters, all of which died like this one."""
        if self.error:
            say = f"ended with {self.error}: {self.message or 'no message'}"
            say = failed_start(self.error, self.message) if self.at_start else say
        elif self.exit_code < 0:
            was = "was" if len(processes) == 1 else "were"
            known = {int(number): number.name for number in signal.Signals}
            say = f"{was} killed by {known.get(-self.exit_code, f'signal {-self.exit_code}')}"
        else:
            say = f"ended with exit code {self.exit_code}"
            say = f"could not start: {say}" if self.at_start else say
        if self.cause:
            say += f"; {self.cause}"
        if self.held:
            say += f" and held {listed(map(analysis.lock_words, self.held))} when it died"
        return f"{listed(processes)} {say}"


def crashes_sentence(crashes: Iterable[Crash]) -> str:
    """All deaths in one sentence; starts that failed for one reason stand together."""
    groups: dict[Crash, list[str]] = {}
    for crash in crashes:
        key = crash._replace(process="", trace="") if crash.at_start else crash
        groups.setdefault(key, []).append(crash.process)
    return "; ".join(crash.befell(names) for crash, names in groups.items())


# ---- why a process could not start, in the words of the lessons


def failed_start(error: str, message: str) -> str:
    """The end of a sentence such as "A could not start: why (error: message)"."""
    found = (meaning for words, meaning in _REASONS.items() if re.search(words, message))
    why = refused.way_out(message) or next(found, None)
    reported = f"{error}: {message}" if message else error
    return f"could not start: {why} ({reported})" if why else f"could not start: {reported}"


def in_the_way(error: str = "") -> str:
    """What, beside the worker, explains that a child died before its work, by an `error` of that name or none.

    "" where nothing was found: a folder that was moved, or a file that has the name of a module.
    """
    for folder, what in ((_ROOT, "the course's folder"), (_START_DIR, "the folder")):
        if not os.path.isdir(folder):
            return f"{what} {folder} was moved or deleted: open the course where it is now, and restart the kernel"
    is_import = error in ("", "ImportError", "ModuleNotFoundError", "AttributeError")
    if is_import and (files := " and ".join(_shadows())):
        return f"perhaps because {files} stands in the way of a module of that name: rename it, and restart the kernel"
    return ""


def _shadows() -> Iterator[str]:
    """Paths of files that Python would import in place of modules of its own or of the course."""
    names = sys.stdlib_module_names | {"helpers"}
    library = os.path.dirname(os.__file__)
    before = sys.path[: sys.path.index(library)] if library in sys.path else sys.path[:1]
    for folder in dict.fromkeys(os.path.abspath(path or _START_DIR) for path in before):
        with suppress(OSError):
            for entry in sorted(os.listdir(folder)):
                if entry.endswith(".py") and entry[:-3] in names:
                    yield os.path.join(folder, entry)


# ---- how it went on for those that nobody killed


class Fate(Enum):
    """How it went on for a process that nobody killed. The first of those that fit counts for several together."""

    WAITS = "waits for the lock of a dead process"
    CUT_OFF = "still working when the time was up"
    FINISHED = "finished"

    @classmethod
    def of_all(cls, fates: Iterable["Fate"]) -> "Fate":
        """The Fate of several together: the first in the order above; FINISHED for none."""
        return min(fates, key=list(cls).index, default=cls.FINISHED)


def fates_in(run: "Run") -> dict[str, Fate]:
    """The Fate of each process of a Run that did not die, by letter."""
    dead = {crash.process for crash in run.crashes}
    waiting = {o.process for o in (run.stuck.orphans if run.stuck else ()) if dead & set(o.takers)}
    ends = dict.fromkeys(waiting, Fate.WAITS) | dict.fromkeys(run.returned, Fate.FINISHED)
    living = (letter for letter in run.processes if letter not in dead)
    return {letter: ends.get(letter, Fate.CUT_OFF) for letter in living}
