"""How children start by each method: what they see, and how long it takes."""

import json
from dataclasses import dataclass
from statistics import median

from helpers import lab
from helpers.experiments.programs import run_program
from helpers.lab import check
from helpers.workers import start as start_workers


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
