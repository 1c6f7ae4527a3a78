"""The bank experiment: transfers between accounts in a ring, and the cures for its deadlock."""

from dataclasses import dataclass
from enum import Enum
from statistics import median

from helpers import analysis, lab
from helpers.experiments.trials import Repeated, until_stopped
from helpers.lab import check
from helpers.resources import AccountFile, Lock
from helpers.workers import bank, philosophers, waiting

_AMOUNT = 10
_MOST = 7  # processes; with more, nobody can read the picture


class Cure(Enum):
    """What the transfers do against deadlock."""

    NONE = "none"
    GLOBAL_ORDER = "global order"
    BACK_OFF = "try and back off"
    SINGLE_LOCK = "single lock"
    TIMEOUT = "timeout"

    @property
    def worker(self):
        return _WORKERS[self]


_WORKERS = {
    Cure.NONE: bank.transfer_in_given_order,
    Cure.GLOBAL_ORDER: bank.transfer_in_global_order,
    Cure.BACK_OFF: bank.transfer_with_back_off,
    Cure.SINGLE_LOCK: bank.transfer_under_single_lock,
    Cure.TIMEOUT: bank.transfer_with_timeout,
}


class FirstLock(Enum):
    """Which of its two locks each process is given first."""

    OWN = "all: the source's lock"
    LAST_TURNED = "the last one: the target's lock"


@dataclass(frozen=True)
class TransferSettings:
    """Of one bank experiment: `processes` in a ring, each moves money `times` over to the next account.

    `pause_ms` is the time between the two acquires.
    """

    processes: int = 2
    times: int = 20
    pause_ms: float = 1.0
    cure: Cure | str = Cure.NONE
    first: FirstLock | str = FirstLock.OWN
    start_method: str | None = None
    deadline: float | None = None

    def __post_init__(self):
        check.whole("processes", self.processes, 2, _MOST)
        check.whole("times", self.times, 1, 1000)
        check.span("pause_ms", self.pause_ms, 0, 1000, "ms")
        check.deadline(self.deadline)
        object.__setattr__(self, "cure", check.member("cure", self.cure, Cure))
        object.__setattr__(self, "first", check.member("first", self.first, FirstLock))

    @property
    def worker(self):
        """The function that these settings run, as the learner reads it."""
        return self.cure.worker


def transfer_team(
    worker=bank.transfer_in_given_order, processes=2, times=1, think=0, turn_last=False
):
    """The team whose processes move money from account 1 to 2, from 2 to 3, and from the last to 1.

    Each account has its lock; a worker of six arguments gets one for the whole bank. With `turn_last`,
    the last process gets its two locks in the other order.
    """
    numbers = range(1, processes + 1)
    accounts = [AccountFile(f"account {n}") for n in numbers]
    locks = [Lock(f"{n}") for n in numbers]
    if worker is bank.transfer_under_single_lock:
        locks = [Lock("bank lock")] * processes
    team = []
    for place in range(processes):
        there = (place + 1) % processes
        pair = [locks[place], locks[there]]
        if turn_last and place == processes - 1:
            pair.reverse()
        if worker is bank.transfer_under_single_lock:
            pair = pair[:1]
        team.append((worker, (accounts[place], accounts[there], *pair, _AMOUNT, times, think)))
    return team


def philosopher_team(worker=philosophers.dine_naively, count=5, meals=1, think=0):
    """The team of `count` philosophers: each takes the fork at its own place, then the next one."""
    check.whole("count", count, 2, _MOST)
    forks = [Lock(f"fork {place + 1}") for place in range(count)]
    return [
        (worker, (forks[place], forks[(place + 1) % count], meals, think)) for place in range(count)
    ]


def run_transfers(stop=None, **settings):
    """One bank experiment: the Run. Keywords are those of TransferSettings; `stop` is a threading.Event."""
    return _run(TransferSettings(**settings), stop)


def _run(settings, stop=None):
    team = transfer_team(
        settings.worker,
        settings.processes,
        settings.times,
        settings.pause_ms / 1000,
        settings.first is FirstLock.LAST_TURNED,
    )
    return lab.run(
        team=team,
        processes=settings.processes,
        start_method=settings.start_method,
        deadline=settings.deadline,
        asked=2 * settings.processes * settings.times * settings.pause_ms / 1000,
        stop=stop,
    )


def transfers_done(run):
    """How many transfers a bank run completed: each writes to two accounts."""
    return sum(event.op == "write" and event.outcome == "done" for event in run.events) // 2


def wasted_tries(run):
    """How many acquires were refused."""
    return sum(event.outcome == "refused" for event in run.events)


class TransferTrials(Repeated):
    """Several bank runs with the same TransferSettings."""

    @property
    def transfers(self):
        """How many transfers each run should complete."""
        return self.settings.processes * self.settings.times

    @property
    def deadlocks(self):
        """How many runs ended in a deadlock."""
        return sum(run.verdict == "deadlock" for run in self.runs)

    @property
    def done(self):
        """How many transfers each run completed."""
        return [transfers_done(run) for run in self.runs]

    @property
    def wasted(self):
        """How many tries each run wasted."""
        return [wasted_tries(run) for run in self.runs]

    @property
    def sentence(self):
        count = len(self.runs)
        say = f"{self.deadlocks} of {count} runs ended in a deadlock"
        if self.deadlocks:
            stuck = [transfers_done(run) for run in self.runs if run.verdict == "deadlock"]
            say += f", after {min(stuck)} to {max(stuck)} of {self.transfers} transfers"
        others = sum(run.verdict not in ("deadlock", "correct") for run in self.runs)
        if others:
            say += f"; {others} went wrong in another way"
        if any(self.wasted):
            say += f"; {median(self.wasted):g} wasted tries each (median)"
        return say + self.stopped_words


def repeat_transfers(count, progress=None, stop=None, **settings):
    """`count` bank runs with the same settings: TransferTrials.

    `progress(done, count)` is called after each. A set `stop` ends them and keeps what is there.
    """
    check.whole("count", count, 1, 10_000)
    settings = TransferSettings(**settings)
    runs = tuple(until_stopped(_run, [settings] * count, progress, stop))
    return TransferTrials(settings, count, runs)


@dataclass(frozen=True)
class WastedTries:
    """Wasted tries of the back-off cure by the pause in ms: a list, one number for each run."""

    wasted: dict[float, list[int]]
    transfers: int

    def __str__(self):
        say = [f"{pause:g} ms: {median(tries):g}" for pause, tries in self.wasted.items() if tries]
        return f"wasted tries in {self.transfers} transfers, medians: {', '.join(say)}"


def measure_back_off(pauses_ms=(0, 0.1, 1, 5), count=10, stop=None, **settings):
    """How many tries the back-off cure wastes, for each pause between the two acquires: WastedTries.

    Of the other settings, as in `run_transfers`, `times` is 5 if not given.
    """
    wasted, transfers = {}, 0
    for pause in pauses_ms:
        trials = repeat_transfers(
            count, stop=stop, **{"times": 5, **settings, "cure": Cure.BACK_OFF, "pause_ms": pause}
        )
        wasted[pause] = trials.wasted
        transfers = trials.transfers
    return WastedTries(wasted, transfers)


@dataclass(frozen=True, repr=False)
class ProcessorUse:
    """Processor time in seconds of a process that computed with the lock, and of one that waited for it."""

    computing: float
    waiting: float
    waited: float

    def __repr__(self):
        return (
            f"the holder used {self.computing:.2f} s of processor time; the other waited for "
            f"{self.waited:.2f} s and used {self.waiting:.3f} s"
        )


def measure_waiting(seconds=0.5):
    """What the processor does for a process that holds a lock and computes, and for one that waits: ProcessorUse."""
    lock = Lock()
    think = check.span("seconds", seconds, 0.05, 5, "seconds") / 10
    team = [
        (waiting.hold_by_computing, (lock, seconds)),
        (waiting.wait_for_the_holder, (lock, think)),
    ]
    run = lab.run(team=team, processes=2, asked=seconds + 2 * think)
    waited = [wait for wait in analysis.waits(run.events) if wait.process == "B"]
    return ProcessorUse(
        run.returned["A"], run.returned["B"], (waited[0].end - waited[0].start) / 1e9
    )
