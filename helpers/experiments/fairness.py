"""The fairness experiment: processes take one lock again and again for a fixed time, and who gets it?"""

from dataclasses import dataclass
from enum import Enum
from functools import cached_property

from helpers import analysis, events, lab
from helpers.events import counted
from helpers.lab import check
from helpers.resources import Lock
from helpers.workers import fairness


class Inside(Enum):
    """How a process spends its hold."""

    COMPUTING = "computing"
    SLEEPING = "sleeping"


class Outside(Enum):
    """What a process does between its release and its next acquire."""

    NOTHING = "nothing"
    SLEEP_ZERO = "time.sleep(0)"
    SLEEP = "a sleep of some ms"


_WORKERS = {
    Outside.NOTHING: fairness.take_it_again_at_once,
    Outside.SLEEP_ZERO: fairness.sleep_for_nothing_outside,
    Outside.SLEEP: fairness.sleep_outside,
}


@dataclass(frozen=True)
class FairnessSettings:
    """Of one fairness experiment; times in ms. All want the lock until `duration_ms` are over.

    `outside_ms` counts only where `outside` is a sleep of some ms.
    """

    processes: int = 4
    hold_ms: float = 0.1
    inside: Inside | str = Inside.COMPUTING
    outside: Outside | str = Outside.NOTHING
    outside_ms: float = 1.0
    duration_ms: int = 400
    start_method: str | None = None
    deadline: float | None = None

    def __post_init__(self):
        check.processes(self.processes)
        check.span("hold_ms", self.hold_ms, 0.1, 100, "ms")
        check.span("outside_ms", self.outside_ms, 0.1, 100, "ms")
        check.whole("duration_ms", self.duration_ms, 50, 1000)
        check.deadline(self.deadline)
        object.__setattr__(self, "inside", check.member("inside", self.inside, Inside))
        object.__setattr__(self, "outside", check.member("outside", self.outside, Outside))

    @property
    def worker(self):
        """The function that all processes run, as the learner reads it."""
        return _WORKERS[self.outside]

    @property
    def arguments(self):
        """What the worker is given: the lock, for how long, what it does inside and for how long."""
        work = fairness.compute if self.inside is Inside.COMPUTING else events.pause
        shared = (Lock(), self.duration_ms / 1000, work, self.hold_ms / 1000)
        return (*shared, self.outside_ms / 1000) if self.outside is Outside.SLEEP else shared

    @property
    def slots(self):
        """Steps that one process takes at the most: no hold is shorter than it should be."""
        return 2 * (int(self.duration_ms / self.hold_ms) + 2)


def run_fairness(stop=None, **settings):
    """One fairness experiment: the Run. Keywords are those of FairnessSettings; `stop` is a threading.Event."""
    settings = FairnessSettings(**settings)
    return lab.run(
        settings.worker,
        *settings.arguments,
        processes=settings.processes,
        start_method=settings.start_method,
        deadline=settings.deadline,
        asked=settings.processes * settings.duration_ms / 1000,
        stop=stop,
        slots=settings.slots,
    )


@dataclass(frozen=True)
class Fairness:
    """How the turns at the lock went round in a run of the fairness experiment.

    Here everyone gets a turn in the end, some of them late. Nothing promises so much.
    """

    run: lab.Run

    @cached_property
    def turns(self):
        """The analysis.Turns of each process, by letter."""
        told = analysis.turns(self.run.events)
        return {name: told.get(name, analysis.Turns()) for name in self.run.processes}

    @property
    def smallest_share(self):
        """The fewest holds of a process, and how many would be an equal share, rounded."""
        held = [turn.holds for turn in self.turns.values()]
        return min(held), round(sum(held) / len(held))

    @property
    def extremes(self):
        """Who had the lock most often in a row, who least often, and who waited longest, in words."""
        turns = self.turns
        keeper = max(turns, key=lambda name: turns[name].longest_streak)
        loser = min(turns, key=lambda name: turns[name].holds)
        waiter = max(turns, key=lambda name: turns[name].longest_wait_ms)
        return (
            f"most holds in a row: {turns[keeper].longest_streak} ({keeper}); "
            f"fewest in all: {turns[loser].holds} ({loser}); "
            f"longest wait: {turns[waiter].longest_wait_ms:,.1f} ms ({waiter})"
        )

    @property
    def sentence(self):
        count = sum(turn.holds for turn in self.turns.values())
        if not count:
            return self.run.sentence
        overlaps = analysis.overlaps(self.run.events)
        pairs = f"{overlaps} of them overlap" if overlaps else "no two at a time"
        say = f"{counted(count, 'hold')}, {pairs}; {self.extremes}"
        return say if self.run.verdict == "correct" else f"{self.run.sentence}; {say}"

    def __str__(self):
        return self.sentence
