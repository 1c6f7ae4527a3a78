"""How much a program with a lock gets done, against the number of its processes and of its locks, and what a lock costs."""

import json
import os
from dataclasses import dataclass
from statistics import median

from helpers import analysis, lab
from helpers.events import counted, pause
from helpers.lab import check
from helpers.lab.programs import run_program
from helpers.lab.settings import Settings, ms, whole
from helpers.pictures import dots, mpl, note, picture, style
from helpers.resources import CounterFile, Lock
from helpers.topics.race import Bench, runs_of_each
from helpers.workers import bank, contention


@dataclass(frozen=True, kw_only=True)
class LoadSettings(Settings):
    """Settings of one measurement; times in ms. With `computing` the work takes processor time, else it sleeps.

    With `one_core`, all processes share one core; Linux can do that.
    """

    times: int = whole(8, 1, 1000)
    hold_ms: float = ms(1.0)
    work_ms: float = ms(4.0)
    computing: bool = False
    one_core: bool = False

    def __post_init__(self):
        super().__post_init__()
        if self.one_core and not hasattr(os, "sched_setaffinity"):
            say = "one_core=True: this system cannot tie a process to one core"
            raise ValueError(f"{say}; Linux can. Leave it out")


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
        """The share of each round that lies under the lock when a process runs alone.

        One over it is how many times as much as one process any number of them can do at most.
        Source: G. M. Amdahl, Validity of the single processor approach, AFIPS 1967.
        """
        return self.alone.throughput / self.alone.processes / self.serial_limit

    def __str__(self):
        if not self.loads:
            return "stopped before anything was measured"
        reported = [f"{load.processes}: {load.throughput:.0f}" for load in self.loads]
        most = f"at most {self.serial_limit:.0f}, {1 / self.serial_share:.1f} times as many as one process"
        share = f"{self.serial_share:.0%} of each round is under the lock when a process runs alone: {most}"
        return f"updates per second by processes: {', '.join(reported)} · {share} · {counted(self.cores, 'core')}"


def measure_contention(processes=(1, 2, 4, 8), count=3, progress=None, stop=None, **settings):
    """Throughput, hold time and wait time for each number of processes, from `count` runs each: a LoadSweep.

    Keywords are those of LoadSettings. `progress(done, all)` is called after each run. A set `stop` ends it
    and keeps what was measured. Runs that do not end well are left out.
    """
    settings = LoadSettings(**settings)
    pauses = settings.hold_ms / 1000, settings.work_ms / 1000
    on_core = [contention.on_one_core] if settings.one_core else []
    spend = contention.compute if settings.computing else pause  # with the lock and without it
    worker = *on_core, contention.work_and_count, spend
    args = *worker, CounterFile(), Lock(), settings.times, *pauses
    with Bench() as bench:

        def run_one(number, stop):
            how = {"asked": number * settings.times * sum(pauses), "deadline": settings.deadline}
            return bench.set_of(number, settings.start_method).run(*args, **how, stop=stop)

        found = runs_of_each(run_one, processes, count, progress, stop)
    loads = tuple(_load(number, right) for number, right in _right_runs(processes, found))
    return LoadSweep(settings, loads, 1 if settings.one_core else lab.usable_cores())


def _right_runs(numbers, found):
    """Each of the numbers with those of its runs that ended well, if any."""
    for number, runs in zip(numbers, found, strict=False):
        if right := [run for run in runs if run.verdict == "correct"]:
            yield number, right


def _load(count, runs):
    reported = [analysis.contention(run.events) for run in runs]
    rates = [one.holds / run.elapsed for one, run in zip(reported, runs, strict=True)]
    held = median(1000 * one.hold_time / one.holds for one in reported)
    waited = median(1000 * one.wait_time / one.holds for one in reported)
    return Load(count, median(rates), held, waited)


@dataclass(frozen=True)
class Granularity:
    """What a number of deposits takes under more and more locks: for each number of locks, the seconds of each run and the wait in ms."""

    accounts: int
    processes: int
    seconds: dict[int, list[float]]
    wait_ms: dict[int, float]

    def __str__(self):
        medians = ((locks, 1000 * median(seconds)) for locks, seconds in self.seconds.items())
        reported = [f"{counted(locks, 'lock')}: {ms:.0f} ms" for locks, ms in medians]
        return f"{counted(self.processes, 'process')}, {counted(self.accounts, 'account')}: {' · '.join(reported)}"


def measure_granularity(
    locks=(1, 2, 4, 8), accounts=8, processes=4, times=10, pause_ms=2.0, count=3, stop=None
):
    """The time of the same deposits with one lock for all accounts, and with more, up to one each: a Granularity.

    Each of the processes makes `times` deposits, to one account after the other, and begins with another one.
    `pause_ms` lies between read and write. A set `stop` ends it and keeps what is there.
    """
    check.whole("accounts", accounts, 1, 26)
    check.whole("times", times, 1, 1000)
    check.processes(processes)
    think = check.span("pause_ms", pause_ms, 0, 1000, "ms") / 1000
    files = [CounterFile(f"account {number}") for number in range(1, accounts + 1)]
    firsts = [place * accounts // processes for place in range(processes)]

    teams = {}
    for number in locks:
        guards = [Lock(f"lock {i + 1}") for i in range(check.whole("locks", number, 1, accounts))]
        teams[number] = [(bank.deposit, (files, guards, first, times, think)) for first in firsts]
    asked = processes * times * think
    with lab.ProcessSet(processes) as workers:

        def run_one(number, stop):
            return workers.run(team=teams[number], asked=asked, stop=stop)

        right_runs = dict(_right_runs(locks, runs_of_each(run_one, locks, count, stop=stop)))
    seconds = {number: [run.elapsed for run in runs] for number, runs in right_runs.items()}
    waits = {number: _load(processes, runs).wait_ms for number, runs in right_runs.items()}
    return Granularity(accounts, processes, seconds, waits)


_GROUND = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # behind words that stand on a line
_WAITING = {"color": "white", "edgecolor": style.WAIT, "hatch": "////"}


def _alt(sweep):
    times = "{0.processes}: held {0.hold_ms:.1f}, waited {0.wait_ms:.1f}"
    found = "; ".join(map(times.format, sweep.loads))
    return f"Throughput, hold time and wait time against processes. {sweep}. In ms per update: {found}."


@picture(LoadSweep, _alt, 5.4, [(0.075, 0.45, 0.9, 0.47), (0.075, 0.09, 0.9, 0.29)])
def plot_contention(throughput, times, sweep):
    """Above, updates per second against the number of processes, with the limits; below, hold and wait time."""
    counts = [load.processes for load in sweep.loads]
    if counts:
        _draw_throughput(throughput, sweep, counts)
        _draw_times(times, sweep, counts)
        _draw_cores(throughput, sweep.cores, max(counts))
    for ax in (throughput, times):
        ax.set_xlim(0.4, max([2, *counts]) + 0.6)
        ax.xaxis.set_major_locator(mpl.MaxNLocator(10, integer=True))
    kind = "compute" if sweep.settings.computing else "sleep"
    say = f"What is done in a second, by processes that {kind}, with one lock"
    style.finish(throughput, say, y="updates per second")
    style.bare(times, "processes", "ms per update")


def _draw_throughput(ax, sweep, counts):
    found = [load.throughput for load in sweep.loads]
    each, limit = sweep.alone.throughput / sweep.alone.processes, sweep.serial_limit
    look = {"color": style.KEPT, "lw": 2, "ms": 7, "zorder": 3, "gid": "measured"}
    ax.plot(counts, found, "o-", label="measured", **look)
    for count, value in zip(counts, found, strict=True):
        look = {"ha": "center", "color": style.KEPT, "fontweight": "bold"}
        note(ax, f"{value:.0f}", count, value, (0, -15), bbox=_GROUND, **look)
    top = 1.6 * max(limit, *found)
    words = "as many times as much as one process does"
    ax.plot([0, top / each], [0, top], ":", color=style.INK, lw=1.5, label=words)
    words = f"serial limit: {limit:.0f}, one hold after the other"
    ax.axhline(limit, color=style.LOST, ls="--", lw=1.5, label=words)
    ax.set_ylim(0, top)
    ax.legend(loc="upper right", facecolor="white", framealpha=1, edgecolor="none", fontsize=9)


def _draw_cores(ax, cores, most):
    words, is_far = f"{counted(cores, 'core')} to compute on", cores > most
    if not is_far:
        ax.axvline(cores, color=style.GOOD, ls="-.", lw=1.5, zorder=1, gid="cores")
    look = {"xycoords": ("data", "axes fraction"), "color": style.GOOD, "va": "top"}
    note(ax, words, ax.get_xlim()[0] if is_far else cores, 1, (4, -2), **look)


def _draw_times(ax, sweep, counts):
    hold, wait = [load.hold_ms for load in sweep.loads], [load.wait_ms for load in sweep.loads]
    ax.bar(counts, hold, 0.55, color=style.KEPT, label="hold time")
    ax.bar(counts, wait, 0.55, bottom=hold, label="wait time", **_WAITING)
    for count, one, other in zip(counts, hold, wait, strict=True):
        note(ax, f"{one:.1f} + {other:.1f}", count, one + other, (0, 3), ha="center")
    ax.set_ylim(0, 1.3 * max(one + other for one, other in zip(hold, wait, strict=True)))
    ax.legend(loc="upper left", ncols=2, frameon=False, fontsize=9, borderaxespad=0.1)


@picture(Granularity, "Bar chart of the time for the same deposits", 3.4, (0.075, 0.1, 0.9, 0.77))
def plot_granularity(ax, result):
    """The time of the same deposits for each number of locks: a dot is a run, the bar the median."""
    for place, (locks, seconds) in enumerate(result.seconds.items()):
        ms = [1000 * one for one in seconds]
        look = {"color": style.KEPT} if locks > 1 else _WAITING
        ax.bar(place, median(ms), 0.6, **look)
        dots(ax, place, ms, color=style.INK, mfc="white", ms=4, zorder=3)
        words = f"{median(ms):.0f} ms\nwaits {result.wait_ms[locks]:.1f} ms for each"
        note(ax, words, place, max(ms), (0, 6), ha="center")
    names = [counted(locks, "lock") for locks in result.seconds]
    ax.set_xticks(range(len(names)), names)
    ax.set_xlim(-0.6, max(len(names), 1) - 0.4)
    ax.set_ylim(0, 1.35 * max([1, *(1000 * max(seconds) for seconds in result.seconds.values())]))
    processes, accounts = counted(result.processes, "process"), counted(result.accounts, "account")
    say = f"{processes} deposit in {accounts}: one lock, or more"
    style.finish(ax, say, y="ms for all deposits")


# ---- what the locks themselves cost, where nobody waits for them


@dataclass(frozen=True)
class LockPrices:
    """Nanoseconds for one acquire and release by kind of lock: medians, and nobody else wants it.

    Even the dearest costs less than a short hold: what makes a lock expensive is the waiting for it.
    """

    ns: dict[str, float]

    def __str__(self):
        return "; ".join(f"{kind}: {_price(ns)}" for kind, ns in self.ns.items())


def measure_lock_prices():
    """The price of each kind of lock, measured in an interpreter of its own: LockPrices."""
    return LockPrices(json.loads(run_program("lock_price.py")))


def _price(ns):
    return mpl.EngFormatter("s")(float(f"{ns:.2g}") / 1e9)


_HOLD = 1e6  # ns: a hold of 1 ms
_MARKS = [10**power for power in range(7)]  # ns
_AXES = (0.185, 0.19, 0.795, 0.7)


@picture(LockPrices, "Chart of what locks cost, on an axis of powers of ten", 2.7, _AXES)
def plot_lock_prices(ax, prices):
    """A bar with its number for the price of each kind of lock; a line where a hold of 1 ms would be."""
    bars = ax.barh(list(prices.ns), prices.ns.values(), 0.5, color=style.KEPT)
    ax.bar_label(bars, map(_price, prices.ns.values()), padding=5, fontsize=9, bbox=_GROUND)
    ax.axvline(_HOLD, color=style.LOST, ls="--", lw=1.2, zorder=0, label="a hold of 1 ms")
    ax.set_xscale("log")
    ax.set_xticks(_MARKS, map(_price, _MARKS))
    ax.minorticks_off()
    ax.set_xlim(1, 10 * max(*prices.ns.values(), _HOLD))
    ax.invert_yaxis()
    style.legend(ax, None, (1, 1), "lower right")
    words = "price of one acquire and release; each mark is ten times the one before"
    style.bare(ax, words)
