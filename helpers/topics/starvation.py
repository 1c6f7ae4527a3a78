"""Fairness: processes take one lock again and again for a fixed time, and who gets it?"""

from dataclasses import dataclass
from functools import cached_property

from helpers import analysis, events, lab
from helpers.events import counted
from helpers.lab.settings import Settings, WayToWork, Worded, ms, one_of, whole
from helpers.panels.experiment import ExperimentPanel
from helpers.pictures import below, html_table, mpl, new_figure, picture, style
from helpers.pictures.run_picture import has_locks, inch_axes
from helpers.pictures.timeline import box_of, name_rows
from helpers.resources import Lock
from helpers.workers import contention


class Inside(WayToWork):
    """How a process spends its hold: what it calls for so many seconds."""

    COMPUTING = "computing", contention.compute
    SLEEPING = "sleeping", events.pause


class Outside(WayToWork):
    """What a process does between its release and its next acquire."""

    NOTHING = "nothing", contention.take_it_again_at_once
    SLEEP_ZERO = "time.sleep(0)", contention.sleep_outside
    SLEEP = "a sleep of some ms", contention.sleep_outside


@dataclass(frozen=True, kw_only=True)
class FairnessSettings(Settings):
    """Settings of one fairness experiment; times in ms. All want the lock until `duration_ms` are over.

    `outside_ms` counts only where `outside` is a sleep of some ms.
    """

    processes: int = whole(4, 1, 26, "processes", slider=(2, 8))
    hold_ms: float = ms(0.1, 0.1, 100, "hold time", slider=(0.1, 20))
    outside: Outside | str = one_of(Outside.NOTHING, "outside the lock")
    outside_ms: float = ms(1.0, 0.1, 100, "that sleep", slider=(0.1, 20))
    inside: Inside | str = one_of(Inside.COMPUTING, "inside the lock")
    duration_ms: int = whole(400, 50, 1000, "length in ms")

    @property
    def slots(self):
        """Steps that one process takes at the most: no hold is shorter than it should be."""
        return 2 * (int(self.duration_ms / self.hold_ms) + 2)


@FairnessSettings.by_name
def run_fairness(settings, stop):
    """One fairness experiment: the Run. Keywords are those of FairnessSettings; `stop` is a threading.Event."""
    length = settings.duration_ms / 1000
    args = Lock(), length, settings.inside.worker, settings.hold_ms / 1000
    if settings.outside is not Outside.NOTHING:
        args += (settings.outside_ms / 1000 if settings.outside is Outside.SLEEP else 0,)
    how = {"asked": settings.processes * length, "slots": settings.slots, "stop": stop}
    return settings.run(settings.worker, *args, **how)


@dataclass(frozen=True, repr=False)
class Fairness(Worded):
    """How the turns at the lock went round in a run of the fairness experiment.

    Here everyone gets a turn in the end, some of them late. Nothing promises so much.
    """

    run: lab.Run

    @cached_property
    def turns(self):
        """The analysis.Turns of each process, by letter."""
        reported = analysis.turns(self.run.events)
        return {name: reported.get(name, analysis.Turns()) for name in self.run.processes}

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


_ROW, _ABOVE, _BELOW = 0.34, 0.4, 0.5  # inches
_FEWEST = 3  # rows: a picture of two processes is as high as one of three
_LEFT, _WIDTH = 0.045, 0.93  # of the strip, as shares of the picture
_APART = 3  # points: holds that are wider on average are drawn apart
_WAIT = style.outlined(style.WAIT, "////")


@picture(Fairness, "Strip of holds over time", shows=lambda fairness: has_locks(fairness.run))
def draw_turns(fairness):
    """The holds of each process over time, its longest wait hatched."""
    rows = {name: row for row, name in enumerate(fairness.run.processes)}
    figure = new_figure(style.WIDTH, max(len(rows), _FEWEST) * _ROW + _ABOVE + _BELOW)
    ax = inch_axes(figure, _LEFT, _WIDTH, _BELOW, _ABOVE)
    ax.set(xlim=(0, max(fairness.run.elapsed * 1000, 1)), ylim=(len(rows) - 0.5, -0.5))
    _draw_spans(ax, fairness, rows)
    name_rows(ax, range(len(rows)), rows)
    look = {"ncols": 2, "handlelength": 1.4, "borderaxespad": 0.2}
    held = mpl.Patch(color=style.KEPT, label="its holds")
    waited = mpl.Patch(label="its longest wait", **_WAIT)
    style.legend(ax, [held, waited], (0, 1), "lower left", **look)
    return figure


def _draw_spans(ax, fairness, rows):
    """Holds and longest waits as two collections of bars; where holds are thin, a streak is one bar."""
    run, streaks = fairness.run, analysis.streaks(fairness.run.events)
    waits = [turn.longest_wait for turn in fairness.turns.values() if turn.longest_wait]
    holds = [hold for streak in streaks for hold in streak]
    edges = {"edgecolor": "white", "linewidth": 0.8}
    if len(holds) * _APART > style.size(ax)[0]:
        holds = [streak[0]._replace(end=streak[-1].end) for streak in streaks]
        edges = {"linewidth": 0, "snap": False}
    for spans, half, look in (
        (waits, 0.42, {**_WAIT, "gid": "waits"}),
        (holds, 0.36, {"facecolor": style.KEPT, "gid": "holds", **edges}),
    ):
        boxes = [box_of(run, span, rows[span.process] - half, 2 * half) for span in spans]
        ax.add_collection(mpl.PolyCollection([box.corners for box in boxes], **look), autolim=False)


@below(Fairness)
def turns_table(fairness):
    """One row for each process, with its holds and its waits, as HTML; "" where nothing was recorded of them."""
    if not has_locks(fairness.run):
        return ""
    rows = [
        [name, f"{turn.holds:,}", f"{turn.longest_streak:,}", f"{turn.longest_wait_ms:,.1f} ms"]
        for name, turn in fairness.turns.items()
    ]
    heads = ["process", "holds", "most in a row", "longest wait"]
    return html_table(heads, rows, label="how the turns went round")


class FairnessPanel(ExperimentPanel):
    """Controls that run the fairness experiment anew on every move. `value` is the latest Run.

    Keywords set the first values of the controls, by their names in FairnessSettings.
    Raises TypeError or ValueError for a value that no control can show; a `deadline` holds for every run.
    """

    call = staticmethod(run_fairness)
    view = Fairness
    in_sight = ("processes", "hold_ms", "outside")
    history_words = "fewest holds of a process; dashed: an equal share"

    def _outcome(self, run, settings):
        return *Fairness(run).smallest_share, run.verdict
