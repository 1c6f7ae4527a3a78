"""The sharing experiment: programs that look alike, and which locks guard their file in truth."""

import importlib.util
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from helpers import analysis, lab
from helpers.events import counted
from helpers.experiments.trials import Repeated, until_stopped
from helpers.lab import check
from helpers.resources import CounterFile, Lock, ThreadLock


class Program(Enum):
    """How the lock reaches the processes: five ways that go wrong, and the right one."""

    MODULE_LOCK = "a lock at the top of the module"
    OWN_LOCK = "a lock made in each process"
    THREAD_LOCK = "a threading.Lock"
    TWO_LOCKS = "two locks for one file"
    FORGOTTEN_PATH = "a path that forgets the lock"
    ONE_LOCK = "one lock, passed to all"

    @property
    def module(self):
        """The full name of the program's module."""
        if self is Program.ONE_LOCK:
            return "helpers.workers.sharing"
        return f"helpers.workers.broken.{self.name.lower()}"

    @property
    def source(self):
        """The text of the program's module."""
        return Path(importlib.util.find_spec(self.module).origin).read_text(encoding="utf-8")


@dataclass(frozen=True)
class SharingSettings:
    """Of one sharing experiment: `processes` count up in one file, each `times` over.

    `pause_ms` is the time between read and write.
    """

    program: Program | str = Program.MODULE_LOCK
    processes: int = 4
    times: int = 5
    pause_ms: float = 1.0
    start_method: str | None = None
    deadline: float | None = None

    def __post_init__(self):
        object.__setattr__(self, "program", check.member("program", self.program, Program))
        check.whole("processes", self.processes, 2, 16)
        check.whole("times", self.times, 1, 20)
        check.span("pause_ms", self.pause_ms, 0, 1000, "ms")
        check.deadline(self.deadline)

    @property
    def expected(self):
        return self.processes * self.times

    @property
    def worker(self):
        """The whole program, as the learner reads it."""
        return self.program.source

    def team(self, module):
        """Workers and arguments of all processes; `module` is that of the program."""
        rest = (self.times, self.pause_ms / 1000)
        if self.program is Program.TWO_LOCKS:
            pair = (module.count_up_left, module.count_up_right)
            args = (CounterFile(), Lock("left"), Lock("right"), *rest)
            return [(pair[place % 2], args) for place in range(self.processes)]
        locks = {
            Program.MODULE_LOCK: (),
            Program.OWN_LOCK: (),
            Program.THREAD_LOCK: (ThreadLock(),),
        }
        args = (CounterFile(), *locks.get(self.program, (Lock(),)), *rest)
        return [(module.count_up, args)] * self.processes


# Verdicts of runs whose diagnosis alone does not say how they ended.
_CUT_SHORT = ("stopped", "deadlock", "orphaned_lock", "timed_out", "crashed")


@dataclass(frozen=True)
class Diagnosis:
    """What a Run of a counter tells about its lock. `guards` is None where no process began its work."""

    run: lab.Run
    guards: analysis.Guards | None

    @property
    def sentence(self):
        return self.guards.sentence if self.guards else self.run.sentence

    @property
    def loss(self):
        """How many updates were lost, in words; "" where there was none."""
        if not self.guards or not self.guards.updates:
            return ""
        account = self.run.account
        if not account.lost_count:
            return "no update lost"
        return f"{account.lost_count} of {counted(account.total, 'update')} lost"

    def __str__(self):
        end = self.run.sentence if self.guards and self.run.verdict in _CUT_SHORT else ""
        return " · ".join(filter(None, [self.sentence, self.loss, end]))


def diagnose(run):
    """The Diagnosis of a Run with one counter: which locks guard its file."""
    if not run.events or not run.accounts:
        return Diagnosis(run, None)
    return Diagnosis(run, analysis.find_guards(run.events, run.account.updates))


def run_sharing(stop=None, **settings):
    """One sharing experiment: the Run. Keywords are those of SharingSettings; `stop` is a threading.Event."""
    return _run(SharingSettings(**settings), stop)


def _run(settings, stop=None):
    with _imported(settings.program.module) as module:
        return lab.run(
            team=settings.team(module),
            processes=settings.processes,
            start_method=settings.start_method,
            deadline=settings.deadline,
            asked=settings.expected * settings.pause_ms / 1000,
            stop=stop,
        )


@contextmanager
def _imported(name):
    """The module, imported anew for one run: a lock at its top may still be held from a run that was stopped."""
    spec = importlib.util.find_spec(name)
    before = sys.modules.get(name)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        yield module
    finally:
        del sys.modules[name]
        if before:
            sys.modules[name] = before


class SharingTrials(Repeated):
    """Several sharing runs with the same SharingSettings."""

    @property
    def observed(self):
        """The number in the file at the end of each run that began."""
        return [run.account.observed for run in self.runs if run.events]

    @property
    def diagnoses(self):
        """How many runs have which diagnosis."""
        return Counter(diagnose(run).sentence for run in self.runs)

    @property
    def sentence(self):
        count = len(self.runs)
        told = [f"{number} of {count} runs: {say}" for say, number in self.diagnoses.items()]
        if self.observed:
            lost = sum(run.verdict == "lost_updates" for run in self.runs)
            told.append(f"updates lost in {lost} of {count}")
        return "; ".join(told) + self.stopped_words


def repeat_sharing(count, progress=None, stop=None, **settings):
    """`count` sharing runs with the same settings, each in new processes: SharingTrials.

    `progress(done, count)` is called after each. A set `stop` ends them and keeps what is there.
    """
    check.whole("count", count, 1, 10_000)
    settings = SharingSettings(**settings)
    runs = tuple(until_stopped(_run, [settings] * count, progress, stop))
    return SharingTrials(settings, count, runs)
