"""How much a program with a lock gets done, against the number of its processes and of its locks."""

import os
from dataclasses import dataclass
from functools import partial
from statistics import median

from helpers import analysis, lab
from helpers.events import counted
from helpers.experiments.trials import until_stopped
from helpers.lab import check
from helpers.resources import CounterFile, Lock
from helpers.workers import contention, granularity


@dataclass(frozen=True)
class LoadSettings:
    """Of one measurement; times in ms. With `computing` the work takes processor time, else it sleeps.

    With `one_core`, all processes share one core; Linux can do that.
    """

    times: int = 8
    hold_ms: float = 1.0
    work_ms: float = 4.0
    computing: bool = False
    one_core: bool = False
    start_method: str | None = None
    deadline: float | None = None

    def __post_init__(self):
        check.whole("times", self.times, 1, 1000)
        check.span("hold_ms", self.hold_ms, 0, 1000, "ms")
        check.span("work_ms", self.work_ms, 0, 1000, "ms")
        check.deadline(self.deadline)
        if self.one_core and not hasattr(os, "sched_setaffinity"):
            raise ValueError(
                "one_core=True: this system cannot tie a process to one core; Linux can. Leave it out"
            )

    @property
    def worker(self):
        """The function that each process runs, as the learner reads it."""
        kind = "compute" if self.computing else "sleep"
        if self.one_core:
            return getattr(contention, f"{kind}_on_one_core")
        return {"compute": contention.work_by_computing, "sleep": contention.work_by_sleeping}[kind]


@dataclass(frozen=True)
class Load:
    """What so many processes get done: updates per second, hold and wait time in ms per update, medians."""

    processes: int
    throughput: float
    hold_ms: float
    wait_ms: float


@dataclass(frozen=True)
class LoadSweep:
    """Loads by number of processes, in the order measured, on so many usable cores."""

    settings: LoadSettings
    loads: tuple[Load, ...]
    cores: int

    @property
    def alone(self):
        """The Load of the fewest processes."""
        return min(self.loads, key=lambda load: load.processes)

    @property
    def serial_limit(self):
        """Updates per second that no number of processes can exceed: one hold after the other.

        The hold time is the shortest that was measured.
        """
        return 1000 / min(load.hold_ms for load in self.loads)

    @property
    def serial_share(self):
        """The share of a lonely process's round that lies under the lock.

        One over it is how many times as much as one process any number of them can do at most.
        Source: G. M. Amdahl, Validity of the single processor approach, AFIPS 1967.
        """
        return self.alone.throughput / self.alone.processes / self.serial_limit

    def __str__(self):
        if not self.loads:
            return "stopped before anything was measured"
        told = [f"{load.processes}: {load.throughput:.0f}" for load in self.loads]
        return (
            f"updates per second by processes: {', '.join(told)} · {self.serial_share:.0%} of a lonely round is "
            f"under the lock: at most {self.serial_limit:.0f}, {1 / self.serial_share:.1f} times as many as one "
            f"process · {counted(self.cores, 'core')}"
        )


def measure_contention(processes=(1, 2, 4, 8), count=3, progress=None, stop=None, **settings):
    """Throughput, hold time and wait time for each number of processes, from `count` runs each: a LoadSweep.

    Keywords are those of LoadSettings. `progress(done, all)` is called after each run. A set `stop` ends it
    and keeps what was measured. Runs that do not end well are left out.
    """
    check.whole("count", count, 1, 1000)
    settings = LoadSettings(**settings)
    loads = []
    for number in processes:
        report = _shifted(progress, len(loads) * count, len(processes) * count)
        with lab.ProcessSet(number, settings.start_method) as team:
            run_one = partial(_run, team, number, (CounterFile(), Lock()))
            runs = list(until_stopped(run_one, [settings] * count, report, stop))
        if right := [run for run in runs if run.verdict == "correct"]:
            loads.append(_load(number, right))
        if len(runs) < count:
            break
    return LoadSweep(settings, tuple(loads), 1 if settings.one_core else lab.usable_cores())


def _shifted(progress, before, count):
    """What tells `progress` of one part of `count` runs, when `before` of them are done."""
    return progress and (lambda done, _: progress(before + done, count))


def _run(team, processes, things, settings, stop):
    pauses = settings.hold_ms / 1000, settings.work_ms / 1000
    return team.run(
        settings.worker,
        *things,
        settings.times,
        *pauses,
        deadline=settings.deadline,
        asked=processes * settings.times * sum(pauses),
        stop=stop,
    )


def _load(count, runs):
    told = [analysis.contention(run.events) for run in runs]
    return Load(
        count,
        median(one.holds / run.elapsed for one, run in zip(told, runs, strict=True)),
        median(1000 * one.hold_time / one.holds for one in told),
        median(1000 * one.wait_time / one.holds for one in told),
    )


@dataclass(frozen=True)
class Granularity:
    """The same deposits under more and more locks: for each number of locks, the seconds of each run and the wait in ms."""

    accounts: int
    processes: int
    seconds: dict[int, list[float]]
    wait_ms: dict[int, float]

    def __str__(self):
        told = [
            f"{counted(locks, 'lock')}: {1000 * median(seconds):.0f} ms"
            for locks, seconds in self.seconds.items()
        ]
        return f"{counted(self.processes, 'process')}, {counted(self.accounts, 'account')}: {' · '.join(told)}"


def measure_granularity(
    locks=(1, 2, 4, 8), accounts=8, processes=4, times=10, pause_ms=2.0, count=3, stop=None
):
    """The time of the same deposits with one lock for all accounts, and with more, up to one each: a Granularity.

    Each of the processes makes `times` deposits, to one account after the other, and begins with another one.
    `pause_ms` lies between read and write. A set `stop` ends it and keeps what is there.
    """
    check.whole("accounts", accounts, 1, 26)
    check.whole("times", times, 1, 1000)
    check.whole("count", count, 1, 100)
    check.processes(processes)
    think = check.span("pause_ms", pause_ms, 0, 1000, "ms") / 1000
    files = [CounterFile(f"account {number}") for number in range(1, accounts + 1)]
    firsts = [place * accounts // processes for place in range(processes)]
    seconds, waits = {}, {}
    for number in locks:
        guards = [Lock(f"lock {i + 1}") for i in range(check.whole("locks", number, 1, accounts))]
        team = [(granularity.deposit, (files, guards, first, times, think)) for first in firsts]
        with lab.ProcessSet(processes) as workers:
            run_one = partial(_deposit, workers, processes * times * think)
            runs = list(until_stopped(run_one, [team] * count, None, stop))
        if right := [run for run in runs if run.verdict == "correct"]:
            seconds[number] = [run.elapsed for run in right]
            waits[number] = _load(processes, right).wait_ms
        if len(runs) < count:
            break
    return Granularity(accounts, processes, seconds, waits)


def _deposit(workers, asked, team, stop):
    return workers.run(None, team=team, asked=asked, stop=stop)
