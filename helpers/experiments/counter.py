"""The counter experiment: one run, many, and a sweep over one of its settings."""

from dataclasses import dataclass
from enum import Enum
from statistics import median

from helpers import analysis, lab
from helpers.experiments.trials import Repeated, until_stopped
from helpers.lab import check
from helpers.resources import CounterFile, Lock
from helpers.workers import counter as counter_workers
from helpers.workers import scopes


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
    deadline: float | None = None

    def __post_init__(self):
        check.processes(self.processes)
        check.whole("times", self.times, 1, 1000)
        check.span("pause_ms", self.pause_ms, 0, 1000, "ms")
        check.span("slow_ms", self.slow_ms, 0, 1000, "ms")
        check.deadline(self.deadline)
        if self.scope is not None:
            object.__setattr__(self, "scope", check.member("scope", self.scope, Scope))

    @property
    def expected(self):
        return self.processes * self.times

    @property
    def asked(self):
        """Seconds of all pauses."""
        return self.expected * (self.pause_ms + self.slow_ms) / 1000

    @property
    def worker(self):
        """The function that these settings run, as the learner reads it."""
        return self.scope.worker if self.scope else counter_workers.increment_without_lock


class Bench:
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
        return self._set.run(
            settings.worker, *args, deadline=settings.deadline, asked=settings.asked, stop=stop
        )


def run_counter(stop=None, **settings):
    """One counter experiment: the Run. Keywords are those of Settings; `stop` is a threading.Event."""
    with Bench() as bench:
        return bench.run(Settings(**settings), stop)


class Trials(Repeated):
    """Several counter runs with the same Settings."""

    @property
    def observed(self):
        """The number in the file at the end of each run."""
        return [run.account.observed for run in self.runs]

    @property
    def sentence(self):
        done = len(self.runs)
        say = f"{self.failures} of {done} runs went wrong (expected {self.settings.expected})"
        say += self.stopped_words
        if done >= 10 and not self.failures:  # with fewer the rule of three says too much
            say += f"; 0 of {done} still allows a failure rate of about 3/{done} = {3 / done:.0%}"
        return say


def repeat_counter(count, progress=None, stop=None, **settings):
    """`count` trials of one counter experiment: Trials.

    `progress(done, count)` is called after each. A set `stop` ends them and keeps what is there.
    """
    check.whole("count", count, 1, 10_000)
    settings = Settings(**settings)
    with Bench() as bench:
        runs = tuple(until_stopped(bench.run, [settings] * count, progress, stop))
    return Trials(settings, count, runs)


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
    with Bench() as bench:
        runs = list(until_stopped(bench.run, plan, progress, stop))
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
