"""A semaphore: as many inside at once as it has permits. Pages on some printers, their picture and panel."""

from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from helpers import analysis, lab
from helpers.events import counted, permits_of
from helpers.lab.settings import Settings, Worded, ms, whole
from helpers.panels.experiment import ExperimentPanel
from helpers.pictures import mpl, new_figure, picture, style
from helpers.pictures.run_picture import has_locks, inch_axes, plot_lock_timeline
from helpers.pictures.timeline import end_of
from helpers.resources import Semaphore
from helpers.workers import contention


@dataclass(frozen=True, kw_only=True)
class PrinterSettings(Settings):
    """Settings of one experiment with printers; times in ms. `permits` is how many printers there are, each prints one page at a time."""

    processes: int = whole(5, 1, 26, "processes", slider=(1, 8))
    permits: int = whole(2, 1, 26, "permits", slider=(1, 8))
    pages: int = whole(3, 1, 1000, "pages each", slider=(1, 20))
    page_ms: float = ms(10.0, words="time of a page", slider=(1, 50))
    think_ms: float = ms(2.0, words="pause before it", slider=(0, 50))

    worker = staticmethod(contention.print_pages)


@PrinterSettings.by_name
def run_printers(settings, stop):
    """One experiment with printers: the Run. Keywords are those of PrinterSettings; `stop` is a threading.Event."""
    times = settings.page_ms / 1000, settings.think_ms / 1000
    args = Semaphore(settings.permits), settings.pages, *times
    asked = settings.processes * settings.pages * sum(times)
    return settings.run(settings.worker, *args, asked=asked, stop=stop)


@dataclass(frozen=True, repr=False)
class Occupancy(Worded):
    """How many processes held a permit at once, and how many waited for one, in a run with one semaphore."""

    run: lab.Run

    @cached_property
    def counts(self):
        """(ms since the start, how many were inside, how many waited), at the start and after each change."""
        changes = [(self.run.started, 0, 0)]
        for hold in analysis.holds(self.run.events):
            changes += [(hold.start, 1, 0), (hold.end, -1, 0)]
        for wait in analysis.waits(self.run.events):
            changes += [(wait.start, 0, 1), (wait.end, 0, -1)]
        changes = [change for change in changes if change[0]]  # not the end of what goes on
        stamps, inside, waiting = zip(*sorted(changes), strict=True)
        times = ((stamp - self.run.started) / 1e6 for stamp in stamps)
        return list(zip(times, accumulate(inside), accumulate(waiting), strict=True))

    @property
    def permits(self):
        """How many permits the semaphore has."""
        return max((permits_of(event) or 0 for event in self.run.events), default=0)

    @property
    def most(self):
        """The most processes that were inside at once."""
        return max(inside for _, inside, _ in self.counts)

    @property
    def sentence(self):
        holds = len(analysis.holds(self.run.events))
        say = f"{counted(holds, 'hold')} with {counted(self.permits, 'permit')}: at most {self.most} inside at once"
        return say if self.run.verdict == "correct" else f"{self.run.sentence}; {say}"


_ABOVE, _COUNTS, _BETWEEN, _ROW, _BELOW = 0.35, 1.3, 0.75, 0.3, 0.55  # inches
_FEWEST = 3  # rows: a picture of one process is as high as one of three
_WIDE = 0.055, 0.925  # left end and width of both axes, as shares of the picture


def _alt(inside):
    waited = max(waiting for *_, waiting in inside.counts)
    return f"How many processes are inside and how many wait, over time, and a timeline. {inside}; at most {waited} waited at once."


@picture(Occupancy, alt=_alt, shows=lambda inside: has_locks(inside.run))
def draw_inside(inside):
    """Above, how many were inside and how many waited; below, who it was."""
    under = _BELOW + max(len(inside.run.processes), _FEWEST) * _ROW
    over = _BETWEEN + _COUNTS + _ABOVE
    figure = new_figure(style.WIDTH, under + over)
    _plot_counts(inch_axes(figure, *_WIDE, under + _BETWEEN, _ABOVE), inside)
    plot_lock_timeline(inch_axes(figure, *_WIDE, _BELOW, over), inside.run)
    return figure


def _plot_counts(counts, inside):
    end = end_of(inside.run)
    times, within, waiting = zip(*inside.counts, (end, *inside.counts[-1][1:]), strict=True)
    both = [one + other for one, other in zip(within, waiting, strict=True)]
    counts.fill_between(times, within, step="post", lw=0.8, facecolor=style.KEPT, label="inside")
    look = style.outlined(style.WAIT, "////")
    counts.fill_between(times, within, both, step="post", label="waiting", **look)
    words = counted(inside.permits, "permit")
    counts.axhline(inside.permits, color=style.LOST, ls="--", lw=1.5, label=words)
    counts.set(xlim=(0, end), ylim=(0, max(*both, inside.permits) + 0.4))
    counts.yaxis.set_major_locator(mpl.MaxNLocator(6, integer=True))
    counts.tick_params(labelbottom=False)
    style.legend(counts, None, (1, 1), "lower right", ncols=3, borderaxespad=0.1)
    style.bare(counts, y="processes")


class SemaphorePanel(ExperimentPanel):
    """Controls that run the printers anew on every move. `value` is the latest Run.

    Keywords set the first values of the controls, by their names in PrinterSettings.
    Raises TypeError or ValueError for a value that no control can show; a `deadline` holds for every run.
    """

    call = staticmethod(run_printers)
    view = Occupancy
    in_sight = ("processes", "permits", "pages", "page_ms")
    history_words = "most inside at once; dashed: permits"

    def _outcome(self, run, settings):
        return Occupancy(run).most, settings.permits, run.verdict
