"""A race on one file, without a lock and with one: the counter experiment once, many times and swept over one setting."""

from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache

from helpers import lab
from helpers.events import counted
from helpers.lab import check
from helpers.lab.settings import Settings, WayToWork, choice, ms, one_of, whole
from helpers.panels.challenge import declare, ends_with, taking_turns
from helpers.panels.experiment import ExperimentPanel
from helpers.pictures import mpl, note, picture, style
from helpers.pictures.charts import show_outcomes, wilson_interval
from helpers.resources import CounterFile, Lock
from helpers.workers import counter, scopes

_WRITES = {"replaced, in one step": "replace", "emptied, then filled": "truncate"}
_EMPTY = {"counts as 0, as tutorials do": "zero", "raises ValueError": "raise"}


class Scope(WayToWork):
    """Which lines of the loop the lock covers."""

    NOTHING = "nothing", scopes.lock_nothing
    WRITE_ONLY = "write only", scopes.lock_write_only
    EACH_STEP = "each step", scopes.lock_each_step
    READ_TO_WRITE = "read to write", scopes.lock_read_to_write
    SLOW_WORK_TOO = "read to write and slow work", scopes.lock_slow_work_too
    WHOLE_LOOP = "whole loop", scopes.lock_whole_loop


@dataclass(frozen=True, kw_only=True)
class RaceSettings(Settings):
    """Settings of one counter experiment; times in ms. `scope` None: the worker that knows no lock at all."""

    processes: int = whole(4, 1, 26, "processes", slider=(1, 16))
    times: int = whole(10, 1, 1000, "increments each", slider=(1, 200))
    pause_ms: float = ms(1.0, words="pause", slider=(0, 20))
    scope: Scope | str | None = one_of(None, "the lock covers", kind=Scope)
    slow_ms: float = ms(0.0, words="slow work", slider=(0, 20))
    write: str = choice("replace", "how the file is written", _WRITES)
    empty: str = choice("zero", "what an empty read does", _EMPTY)

    expected = property(lambda its: its.processes * its.times)

    @property
    def asked(self):
        """Seconds of all pauses."""
        return self.expected * (self.pause_ms + self.slow_ms) / 1000

    @property
    def worker(self):
        """The function that these settings run, as the learner reads it."""
        return self.scope.worker if self.scope else counter.increment_without_lock


# What the counter experiments share. Equal settings have the same file: processes that know it can be kept.
_file, _lock = cache(CounterFile), Lock()


class Bench(ExitStack):
    """Runs experiments one after the other in one set of processes, as long as it fits."""

    _made_for = None

    def set_of(self, *made_for):
        """The ProcessSet of so many processes by a start method: the one in use, if it is such a one."""
        if made_for != self._made_for:
            self.close()
            self._made_for = made_for
            self._set = self.enter_context(lab.ProcessSet(*made_for))
        return self._set

    def run(self, settings, stop=None):
        """One Run of the counter experiment with these RaceSettings."""
        file = _file(write=settings.write, empty=settings.empty)
        pauses = settings.pause_ms / 1000, settings.slow_ms / 1000
        args = (file, settings.times, pauses[0])
        if settings.scope:
            args = (file, _lock, settings.times, *pauses)
        limits = {"deadline": settings.deadline, "asked": settings.asked}
        workers = self.set_of(settings.processes, settings.start_method)
        return workers.run(settings.worker, *args, **limits, stop=stop)


def runs_of_each(run_one, plan, count, progress=None, stop=None, keep=lambda run: run):
    """A list of what `keep` gives of `count` Runs of `run_one(settings, stop)`, for each of the settings in `plan`.

    `progress(done, all)` is called after each run. A set `stop` ends them: the last list is shorter, others are missing.
    """
    check.whole("count", count, 1, 10_000)
    every = [settings for settings in plan for _ in range(count)]
    runs = list(map(keep, lab.until_stopped(run_one, every, progress, stop)))
    return [runs[first : first + count] for first in range(0, len(runs), count)]


@RaceSettings.by_name
def run_counter(settings, stop):
    """One counter experiment: the Run. Keywords are those of RaceSettings; `stop` is a threading.Event."""
    with Bench() as bench:
        return bench.run(settings, stop)


class Trials(lab.Repeated):
    """Several counter runs with the same RaceSettings."""

    @property
    def observed(self):
        """The number in the file at the end of each run."""
        return [run.account.observed for run in self.runs]

    @property
    def sentence(self):
        done = len(self.runs)
        say = f"{self.failures} of {counted(done, 'run')} went wrong (expected {self.settings.expected})"
        say += self.stopped_words
        if done >= 10 and not self.failures:  # with fewer the rule of three says too much
            say += f"; 0 of {done} still allows a failure rate of about 3/{done} = {3 / done:.0%}"
        return say


def repeat_counter(count, progress=None, stop=None, **settings):
    """`count` trials of one counter experiment: Trials.

    `progress(done, count)` is called after each. A set `stop` ends them and keeps what is there.
    """
    with Bench() as bench:
        return Trials.of(count, bench.run, RaceSettings(**settings), progress, stop)


show_outcomes(Trials)


@dataclass(frozen=True)
class Point:
    """One value of a sweep: how many of its trials went wrong."""

    value: object
    trials: int
    failures: int


@dataclass(frozen=True)
class Sweep:
    """How a counter experiment changes with one of its settings, the others kept."""

    parameter: str
    points: tuple[Point, ...]

    def __str__(self):
        return "; ".join(f"{p.value}: {p.failures} of {p.trials} wrong" for p in self.points)


def sweep_counter(parameter, values, count=20, progress=None, stop=None, **settings):
    """`count` trials for each of `values` of `parameter` (a name in RaceSettings): a Sweep.

    A set `stop` ends it and keeps what is there.
    """
    names = RaceSettings.rules()
    if parameter not in names:
        raise ValueError(f"parameter={parameter!r}: choose one of {', '.join(names)}")
    plan = [RaceSettings(**settings | {parameter: value}) for value in values]
    with Bench() as bench:
        found = runs_of_each(bench.run, plan, count, progress, stop, _is_wrong)
    points = [Point(value, len(its), sum(its)) for value, its in zip(values, found, strict=False)]
    return Sweep(parameter, tuple(points))


def _is_wrong(run):
    return run.verdict != "correct"


def _alt(sweep):
    return f"Wrong runs against {sweep.parameter.replace('_', ' ')}. {sweep}."


@picture(Sweep, _alt, places=(0.075, 0.13, 0.9, 0.74))
def plot_failure_rate(ax, sweep):
    """Share of wrong runs for each value of a setting, with the range that fits the trials."""
    places = range(len(sweep.points))
    rates = [point.failures / point.trials for point in sweep.points]
    ends = [wilson_interval(point.failures, point.trials) for point in sweep.points]
    look = {"color": style.LOST, "ecolor": style.INK, "capsize": 4, "ms": 7}
    ax.errorbar(places, rates, yerr=abs(mpl.np.transpose(ends) - rates), fmt="o", **look)
    for place, point, rate in zip(places, sweep.points, rates, strict=True):
        note(ax, f"{point.failures} of {point.trials}", place, rate, (9, 0), va="center")
    ax.set_xticks(places, [f"{point.value}" for point in sweep.points])
    ax.set(xlim=(-0.4, max(len(sweep.points), 1) - 0.4), ylim=(-0.06, 1.06))
    ax.set_yticks([0, 0.5, 1], ["none", "half", "all"])
    say = "Wrong runs, and the range of rates that fits these trials (95 %)"
    parameter = sweep.parameter.replace("_ms", " in ms").replace("_", " ")
    style.finish(ax, say, x=parameter, y="runs that went wrong")


class RacePanel(ExperimentPanel):
    """Sliders that run the counter experiment anew on every move. `value` is the latest result.

    With a `scope`, a lock may cover some lines of the loop. Keywords set the first values of
    the controls, by their names in RaceSettings. Raises TypeError or ValueError for
    what no control can show; a `deadline` holds for every run.
    """

    call = staticmethod(run_counter)
    repeat_call = staticmethod(repeat_counter)
    in_sight = ("processes", "times", "pause_ms")

    def __init__(self, **settings):
        if RaceSettings(**settings).scope:
            self.in_sight = ("scope", *self.in_sight)
        else:
            self.without = ("scope", "slow_ms")
        super().__init__(**settings)

    def _sentence(self, run):
        account = run.account
        return f"{run.sentence} (kept {account.kept_count}, lost {account.lost_count})"


def _race(processes, times, **file):
    return lambda: [(counter.increment_without_lock, (CounterFile(**file), times, 0))] * processes


def _loses(*letters):
    """Whether a walk is over and the lost updates are those of these processes, as a function of the walk."""
    return lambda walk: (
        walk.is_over and [lost.process for lost in walk.accounts["counter"].lost] == [*letters]
    )


def _reads_nothing(walk):
    return any(event.op == "read" and event.seen == "" for event in walk.events)


def _twice(worker):
    return lambda: [(worker, (CounterFile(), Lock(), 1, 0))] * 2


def _two_locks():
    file = CounterFile()
    return [(counter.increment_with_lock, (file, Lock(name), 1, 0)) for name in ("red", "blue")]


def _one_without():
    locked, bare, file = counter.increment_with_lock, counter.increment_without_lock, CounterFile()
    return [(locked, (file, Lock(), 1, 0)), (bare, (file, 1, 0))]


def _somebody_waits(walk):
    return any("waits" in walk.why_not(letter) for letter in walk.processes)


declare(
    {
        "lose one update": (_race(2, 1), ends_with(1)),
        "keep all, and take turns": (_race(2, 2), taking_turns(ends_with(4))),
        "three that end with 1": (_race(3, 1), ends_with(1)),
        "lose exactly one of three": (_race(3, 1), ends_with(2)),
        "in step": (_race(2, 3), ends_with(3)),
        "lose only A's updates": (_race(2, 2), _loses("A", "A")),
        "the smallest number": (_race(2, 5), ends_with(2)),
        "an empty file": (_race(2, 1, start=17, write="truncate"), _reads_nothing),
        "a number that nobody wrote": (_race(3, 1, start=8, write="truncate"), ends_with(90)),
        "make somebody wait": (_twice(counter.increment_with_lock), _somebody_waits),
        "a lock for each step": (_twice(counter.increment_locking_each_step), ends_with(1)),
        "two locks for one file": (_two_locks, ends_with(1)),
        "one goes without": (_one_without, _loses("A")),
    }
)
