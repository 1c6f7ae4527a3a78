"""One function per experiment: plain values in, a frozen result out."""

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from statistics import median

from helpers import analysis, lab
from helpers.lab import check
from helpers.resources import CounterFile, Lock
from helpers.workers import counter as counter_workers
from helpers.workers import scopes
from helpers.workers import start as start_workers

PROGRAMS = Path(__file__).parent / "programs"


class Scope(Enum):
    """Which lines of the loop the lock covers."""

    NOTHING = "nothing"
    WRITE_ONLY = "write only"
    EACH_STEP = "each step"
    READ_TO_WRITE = "read to write"
    SLOW_WORK_TOO = "read to write and slow work"
    WHOLE_LOOP = "whole loop"

    @property
    def worker(self):
        return getattr(scopes, f"lock_{self.name.lower()}")


def checked_scope(scope):
    """A Scope from itself or its words; None stays None. Raises ValueError for unknown words."""
    try:
        return scope if scope is None else Scope(scope)
    except ValueError:
        words = ", ".join(repr(known.value) for known in Scope)
        raise ValueError(f"scope={scope!r}: choose one of {words}") from None


@dataclass(frozen=True)
class Settings:
    """Of one counter experiment; times in ms. `scope` None: the worker that knows no lock at all."""

    processes: int = 4
    times: int = 10
    pause_ms: float = 1.0
    scope: Scope | str | None = None
    slow_ms: float = 0.0
    write: str = "replace"
    empty: str = "zero"
    start_method: str | None = None
    deadline: float = 5.0

    def __post_init__(self):
        check.processes(self.processes)
        check.whole("times", self.times, 1, 1000)
        check.span("pause_ms", self.pause_ms, 0, 1000, "ms")
        check.span("slow_ms", self.slow_ms, 0, 1000, "ms")
        check.deadline(self.deadline)
        object.__setattr__(self, "scope", checked_scope(self.scope))

    @property
    def expected(self):
        return self.processes * self.times

    @property
    def worker(self):
        """The function that these settings run, as the learner reads it."""
        return self.scope.worker if self.scope else counter_workers.increment_without_lock


class _Bench:
    """Runs counter experiments one after the other in one set of processes, as long as it fits."""

    def __init__(self):
        self._made_for = self._set = None

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        if self._set:
            self._set.__exit__(*exc_info)

    def run(self, settings, stop=None):
        """One Run with `settings`."""
        made_for = (settings.processes, settings.start_method, settings.write, settings.empty)
        if made_for != self._made_for:
            self.__exit__()
            self._made_for = made_for
            self._set = lab.ProcessSet(settings.processes, settings.start_method)
            self._counter = CounterFile(write=settings.write, empty=settings.empty)
            self._lock = Lock()
        pauses = settings.pause_ms / 1000, settings.slow_ms / 1000
        args = (self._counter, settings.times, pauses[0])
        if settings.scope:
            args = (self._counter, self._lock, settings.times, *pauses)
        return self._set.run(settings.worker, *args, deadline=settings.deadline, stop=stop)


def run_counter(stop=None, **settings):
    """One counter experiment: the Run. Keywords are those of Settings; `stop` is a threading.Event."""
    with _Bench() as bench:
        return bench.run(Settings(**settings), stop)


@dataclass(frozen=True)
class Trials:
    """Several runs with the same settings, in order; fewer than wanted where they were stopped."""

    settings: Settings
    wanted: int
    runs: tuple[lab.Run, ...]

    @property
    def observed(self):
        """The number in the file at the end of each run."""
        return [run.account.observed for run in self.runs]

    @property
    def failures(self):
        """How many runs did not end correct."""
        return sum(run.verdict != "correct" for run in self.runs)

    @property
    def sentence(self):
        done = len(self.runs)
        say = f"{self.failures} of {done} runs went wrong (expected {self.settings.expected})"
        if done < self.wanted:
            say += f"; stopped after {done} of {self.wanted}"
        if done >= 10 and not self.failures:  # with fewer the rule of three says too much
            say += f"; 0 of {done} still allows a failure rate of about 3/{done} = {3 / done:.0%}"
        return say

    def __str__(self):
        return self.sentence


def repeat_counter(count, progress=None, stop=None, **settings):
    """`count` trials of one counter experiment: Trials.

    `progress(done, count)` is called after each. A set `stop` ends them and keeps what is there.
    """
    check.whole("count", count, 1, 10_000)
    settings = Settings(**settings)
    with _Bench() as bench:
        runs = tuple(_until_stopped(bench, [settings] * count, progress, stop))
    return Trials(settings, count, runs)


def _until_stopped(bench, plan, progress, stop):
    for done, settings in enumerate(plan, 1):
        run = bench.run(settings, stop)
        if run.verdict == "stopped":
            return
        yield run
        if progress:
            progress(done, len(plan))


@dataclass(frozen=True)
class Point:
    """One value of a sweep: how many of its trials went wrong, median seconds and lost updates."""

    value: object
    trials: int
    failures: int
    elapsed: float
    lost: float

    @property
    def interval(self):
        """The failure rates that fit these trials: low and high, Wilson's 95 % interval."""
        return analysis.wilson_interval(self.failures, self.trials)


@dataclass(frozen=True)
class Sweep:
    """How a counter experiment changes with one of its settings, the others kept."""

    parameter: str
    points: tuple[Point, ...]

    def __str__(self):
        return "; ".join(f"{p.value}: {p.failures} of {p.trials} wrong" for p in self.points)


def sweep_counter(parameter, values, count=20, progress=None, stop=None, **settings):
    """`count` trials for each of `values` of `parameter` (a name in Settings): a Sweep.

    A set `stop` ends it and keeps what is there.
    """
    if parameter not in Settings.__dataclass_fields__:
        raise ValueError(
            f"parameter={parameter!r}: choose one of {', '.join(Settings.__dataclass_fields__)}"
        )
    check.whole("count", count, 1, 10_000)
    plan = [Settings(**{**settings, parameter: value}) for value in values for _ in range(count)]
    with _Bench() as bench:
        runs = list(_until_stopped(bench, plan, progress, stop))
    groups = [runs[i : i + count] for i in range(0, len(runs), count)]
    return Sweep(parameter, tuple(_point(*pair) for pair in zip(values, groups, strict=False)))


def _point(value, runs):
    return Point(
        value,
        len(runs),
        sum(run.verdict != "correct" for run in runs),
        median(run.elapsed for run in runs),
        median(run.account.lost_count for run in runs),
    )


@dataclass(frozen=True)
class Starts:
    """Children that told where they came from; `run` holds what they said and how long they took."""

    run: lab.Run

    @property
    def sentence(self):
        ready = [end * 1000 for _, end in self.run.startup.values()]
        if self.run.verdict != "correct" or not ready:
            return str(self.run)
        method = self.run.machine.start_method
        if len(ready) == 1:
            return f"1 child by {method}, ready after {ready[0]:.0f} ms"
        return f"{len(ready)} children by {method}: one ready after {min(ready):.0f} ms, all after {max(ready):.0f} ms"

    def __str__(self):
        return self.sentence


def start_children(count=3, start_method=None, stop=None):
    """Start `count` children that tell their process id, their parent's, and a note: Starts.

    The note stands in a module. This process changes it before the start: only a child that was
    copied from this process sees the change.
    """
    before, start_workers.note = start_workers.note, "as the parent changed it"
    try:
        return Starts(
            lab.run(start_workers.tell, processes=count, start_method=start_method, stop=stop)
        )
    finally:
        start_workers.note = before


@dataclass(frozen=True)
class StartTimes:
    """Milliseconds from start() to the child's first line: one list for each start method, in order."""

    children: dict[str, list[float]]

    @property
    def medians(self):
        """By method, the median of all starts after the first."""
        return {method: median(times[1:]) for method, times in self.children.items()}

    @property
    def server(self):
        """What the fork server's own start took: its first child's time over a later one's; or None."""
        if "forkserver" not in self.children:
            return None
        return self.children["forkserver"][0] - self.medians["forkserver"]

    def __str__(self):
        return ", ".join(f"{method} {ms:.1f} ms" for method, ms in self.medians.items())


def measure_start_times(count=6):
    """Start `count` children by each method in a fresh interpreter, with plain multiprocessing."""
    check.whole("count", count, 2, 100)
    return StartTimes(json.loads(run_program("start_times.py", str(count))))


def run_program(name, *args, timeout=60):
    """Run a script of `programs/` in an interpreter and a folder of its own: what it printed.

    Raises RuntimeError with what it wrote to the error stream where it fails.
    """
    done = run_python(str(PROGRAMS / name), *args, timeout=timeout)
    if done.returncode:
        raise RuntimeError(f"{name} ended with exit code {done.returncode}:\n{done.stderr}")
    return done.stdout


def run_python(*args, timeout):
    """Run a fresh interpreter in a folder of its own, which is gone after: the finished process.

    Raises subprocess.TimeoutExpired where it does not end in `timeout` seconds.
    """
    command = [sys.executable, *args]
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run(
            command, cwd=folder, capture_output=True, text=True, timeout=timeout, check=False
        )
