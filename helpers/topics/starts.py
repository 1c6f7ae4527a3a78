"""How children start by each method: what they see, and how long it takes."""

import json
from dataclasses import dataclass
from statistics import median

from helpers import lab
from helpers.lab import check
from helpers.lab.programs import run_program
from helpers.lab.settings import Settings, Worded, whole
from helpers.panels.experiment import ExperimentPanel
from helpers.pictures import below, html_table, picture, style
from helpers.workers import start as start_workers


@dataclass(frozen=True, repr=False)
class Starts(Worded):
    """Children that reported where they came from; `run` holds what they said and how long they took."""

    run: lab.Run
    verdict = property(lambda its: its.run.verdict)

    @property
    def sentence(self):
        ready = [end * 1000 for _, end in self.run.startup.values()]
        if self.run.verdict != "correct" or not ready:
            return str(self.run)
        method = self.run.machine.start_method
        if len(ready) == 1:
            return f"1 child with {method}, ready after {ready[0]:.0f} ms"
        return f"{len(ready)} children with {method}: one ready after {min(ready):.0f} ms, all after {max(ready):.0f} ms"


@dataclass(frozen=True, kw_only=True)
class StartSettings(Settings):
    """How many children are started, and by which method."""

    processes: int = whole(3, 1, 26, "children", slider=(1, 8))

    worker = staticmethod(start_workers.tell)


@StartSettings.by_name
def start_children(settings, stop):
    """Start children that report their process id, their parent's, and a note: Starts.

    Keywords are those of StartSettings; `stop` is a threading.Event. The note stands in a module. This process
    changes it before the start: only a child that was copied from this process sees the change.
    """
    before, start_workers.note = start_workers.note, "as the parent changed it"
    try:
        return Starts(settings.run(settings.worker, stop=stop))
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
    """Start `count` children with each method in a fresh interpreter, with plain multiprocessing."""
    check.whole("count", count, 2, 100)
    return StartTimes(json.loads(run_program("start_times.py", str(count))))


def _alt(times):
    say = f"Bar chart of start-up times, medians after the first start: {times}."
    if times.server is None:
        return say
    return f"{say} The fork server itself took {times.server:.0f} ms, once."


@picture(StartTimes, height=2.6, places=(0.2, 0.21, 0.77, 0.6), alt=_alt)
def plot_start_times(ax, times):
    """Milliseconds to a child's first line by start method; the fork server's own start apart."""
    bars = dict(sorted(times.medians.items(), key=lambda pair: pair[1]))
    fastest, slowest = next(iter(bars)), next(reversed(bars))
    if times.server is not None:
        bars["the fork server itself, once"] = times.server
    shapes = ax.barh(range(len(bars)), bars.values(), 0.6, color=style.KEPT, tick_label=[*bars])
    for shape in shapes[len(times.medians) :]:
        shape.set(facecolor="white", edgecolor=style.KEPT, hatch="xxx")
    ax.bar_label(shapes, fmt="%.1f ms", padding=5, fontsize=9)
    ax.invert_yaxis()
    ax.set_xlim(0, 1.15 * max(bars.values()))
    say = f"With {slowest}, a child takes {bars[slowest] / bars[fastest]:.0f} times as long as with {fastest}"
    if len(times.medians) == 1:  # Windows
        say = f"With {slowest}, a child takes {bars[slowest]:.0f} ms"
    style.finish(ax, say, x="milliseconds from start() to the child's first line (median)")


@picture(Starts, "Bar chart of start-ups", 2.2, (0.065, 0.25, 0.9, 0.71))
def plot_starts(ax, starts):
    """The start-up of each child, from its start() to when it was ready, on one time axis."""
    spans = starts.run.startup
    for place, (began, ready) in enumerate(spans.values()):
        bar = ax.barh(place, (ready - began) * 1000, 0.5, left=began * 1000, color=style.KEPT)
        ax.bar_label(bar, fmt="%.0f ms", padding=3, fontsize=9)
    ax.set_yticks(range(len(spans)), spans)
    latest = max((ready for _, ready in spans.values()), default=0.001)
    ax.set(xlim=(0, 1120 * latest), ylim=(len(spans) - 0.4, -0.6))
    style.bare(ax, "milliseconds since the first start()")


@below(Starts)
def children_table(starts):
    """What each child said, one row for each, as HTML."""
    rows = [[name, *map(str, facts.values())] for name, facts in starts.run.returned.items()]
    heads = ["child", "process id", "parent's id", "the note it sees"]
    return html_table(heads, rows, label="what each child said")


class StartPanel(ExperimentPanel):
    """Choices that start real children anew on every move. `value` is the latest Starts.

    Keywords set the first values of the controls, by their names in StartSettings.
    """

    call = staticmethod(start_children)
    in_sight = ("processes", "start_method")
    history_words = "children that were ready; dashed: all"

    def _outcome(self, starts, settings):
        return len(starts.run.startup), settings.processes, starts.verdict
