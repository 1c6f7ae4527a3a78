"""The scope of a lock: one job under six scopes, what each loses, how long it takes, and the dial."""

import textwrap
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from statistics import median

import ipywidgets as widgets

from helpers import lab
from helpers.events import counted
from helpers.lab import check
from helpers.lab.settings import Worded
from helpers.panels.experiment import ExperimentPanel
from helpers.panels.panel import WHOLE, Runner, Screen
from helpers.pictures import dots, image, mpl, note, picture, style
from helpers.topics.race import Bench, RaceSettings, Scope

# A round's slow work is long beside the rest: so it shows where the lock makes it serial.
DIAL = {"processes": 4, "times": 4, "pause_ms": 1.0, "slow_ms": 5.0}
ROUNDS = 6


@dataclass(frozen=True, repr=False)
class ScopeSweep(Worded):
    """The runs of a counter experiment under each lock scope, and all else equal.

    `settings` are those without any lock, `wanted` is how many runs each scope should have; fewer where they
    were stopped.
    """

    settings: RaceSettings
    wanted: int
    runs: dict[Scope, tuple[lab.Run, ...]]

    def losses(self, scope):
        """How many updates each run lost; also those that a torn file or a deadline swallowed."""
        return [self.settings.expected - run.account.kept_count for run in self._runs(scope)]

    def seconds(self, scope):
        """How long each run took."""
        return [run.elapsed for run in self._runs(scope)]

    def lost(self, scope):
        """The median of the losses."""
        return median(self.losses(scope))

    def elapsed(self, scope):
        """The median of the seconds."""
        return median(self.seconds(scope))

    def _runs(self, scope):
        return self.runs[check.member("scope", scope, Scope)]

    @property
    def scopes(self):
        """The scopes that have run at least once, from nothing to the whole loop."""
        return tuple(scope for scope in Scope if self.runs[scope])

    @property
    def sentence(self):
        found = ((it.value, self.lost(it), 1000 * self.elapsed(it)) for it in self.scopes)
        parts = " · ".join(f"{words}: {lost:g} lost, {ms:.0f} ms" for words, lost, ms in found)
        say = f"of {counted(self.settings.expected, 'update')} (medians): {parts}"
        done = len(self.runs[Scope.NOTHING])
        is_cut = any(len(runs) < self.wanted for runs in self.runs.values())
        return say + (f" · stopped in round {done} of {self.wanted}" if is_cut else "")


def sweep_scopes(count=ROUNDS, progress=None, stop=None, **settings):
    """`count` runs under each lock scope: a ScopeSweep.

    Keywords are those of RaceSettings but `scope`; if not given, four processes, four increments each,
    with 1 ms of pause and 5 ms of slow work. `progress(done, count)` is called after each run. A set
    `stop` ends it and keeps what is there.
    """
    *_, last = scope_sweeps(count, progress, stop, **settings)
    return last


def scope_sweeps(count=ROUNDS, progress=None, stop=None, **settings):
    """A growing ScopeSweep after each of `count` rounds, in which each scope runs once.

    `progress(done, count)` is called after each run, a set `stop` ends them. Keywords are those of RaceSettings.
    """
    check.whole("count", count, 1, 1000)
    plan = [RaceSettings(**{**DIAL, **settings, "scope": scope}) for scope in Scope]
    runs = {scope: () for scope in Scope}
    with Bench() as bench:
        found = lab.until_stopped(bench.run, plan * count, progress, stop)
        for done in range(count):
            for scope, run in zip(Scope, found, strict=False):
                runs[scope] += (run,)
            yield ScopeSweep(plan[0], count, dict(runs))
            if len(runs[Scope.WHOLE_LOOP]) == done:
                return


# What the scopes from one place to another are, with the look of the ground behind them.
_ZONES = (
    (-0.5, 2.5, "too narrow", {"facecolor": "#FBEBDD", "edgecolor": "#F0CDB0", "hatch": "///"}),
    (2.5, 3.5, "right", {"facecolor": "#E2F2EC"}),
    (3.5, 5.5, "too wide", {"facecolor": "#F1F1F1", "edgecolor": "#DADADA", "hatch": "..."}),
)


_AXES = [(0.075, 0.56, 0.9, 0.33), (0.075, 0.13, 0.9, 0.37)]
_ALT = "Two curves over six lock scopes, lost updates and elapsed time: {}."


@picture(ScopeSweep, _ALT.format, 4.6, _AXES)
def plot_scopes(losses, times, sweep, at=None):
    """Two axes over the six scopes: above the lost updates, below the milliseconds of each run.

    A dot is a run, the line goes through the medians. `at` is the scope at which the dial stands.
    """
    updates, seconds = sweep.settings.expected, [sweep.seconds(scope) for scope in sweep.scopes]
    _draw_curve(losses, map(sweep.losses, sweep.scopes), 1, style.LOST, "s", "{:g}")
    _draw_curve(times, seconds, 1000, style.KEPT, "o", "{:.0f}")
    losses.set_ylim(-0.08 * updates, 1.34 * updates)
    times.set_ylim(0, 1.3 * max([1, *(1000 * max(each) for each in seconds)]))
    losses.yaxis.set_major_locator(mpl.MaxNLocator(4, integer=True))
    for ax, words in (losses, f"lost of {updates}"), (times, "ms"):
        _draw_ground(ax, at, is_named=ax is losses)
        style.bare(ax, y=words)
    names = ["slow work too" if scope is Scope.SLOW_WORK_TOO else scope.value for scope in Scope]
    losses.set_xticks(range(len(names)), [""] * len(names))
    times.set_xticks(range(len(names)), [textwrap.fill(name, 11) for name in names])
    for label, scope in zip(times.get_xticklabels(), Scope, strict=True):
        label.set(fontsize=9.5, fontweight="bold" if scope is at else "normal")
    say = "Lost updates, and under them the time: each dot a run, the line the median"
    style.title(losses, say)


def _draw_curve(ax, found, unit, colour, marker, words):
    """What was found in the runs of each scope, times `unit`: dots to the left of its place, and the line through the medians."""
    dot = {"color": colour, "mfc": "none", "ms": 4, "mew": 0.8, "alpha": 0.7, "zorder": 3}
    look = {"ha": "center", "fontweight": "bold", "color": colour, "zorder": 5}
    middles = []
    for place, values in enumerate(found):
        middles.append(unit * median(values))
        dots(ax, place - 0.22, [unit * value for value in values], marker, 0.24, **dot)
        note(ax, words.format(middles[-1]), place, middles[-1], (0, 6), 9.5, **look)
    ax.plot(middles, marker=marker, color=colour, lw=2, ms=6, zorder=4, gid="median")


def _draw_ground(ax, at, is_named):
    middle = {"ha": "center", "va": "top", "style": "italic", "transform": ax.get_xaxis_transform()}
    for left, right, words, look in _ZONES:
        ax.axvspan(left, right, zorder=0, **{"edgecolor": "none", "linewidth": 0, **look})
        if is_named:
            ax.text((left + right) / 2, 0.97, words, fontsize=10, color=style.INK, **middle)
    if at is not None:
        place = list(Scope).index(at)
        ax.axvspan(place - 0.42, place + 0.42, fill=False, ec=style.INK, lw=2, zorder=2, gid="dial")
    ax.set_xlim(-0.5, len(Scope) - 0.5)


_BOUNDS = {"processes": (1, 8), "pause_ms": (0, 10), "slow_ms": (0, 10), "times": (1, 10)}
_FIRST_BUDGET = 3.0  # seconds for the rounds that the cell waits for


class ScopePanel(ExperimentPanel):
    """A dial for the scope of the lock, and sliders that run all scopes anew. `value` is the latest ScopeSweep.

    `scope` is where the dial stands at first, further keywords set the sliders, by their names in
    RaceSettings. Raises TypeError or ValueError for a value that no control can show; a `deadline`
    holds for every run.
    """

    settings_class = RaceSettings
    call = staticmethod(sweep_scopes)
    in_sight = ("processes", "pause_ms", "slow_ms")
    without = ("scope", "write", "empty")
    bounds = _BOUNDS

    def __init__(self, scope=Scope.READ_TO_WRITE, **settings):
        self._drawing = threading.Lock()
        wide = {"width": "44em", "max_width": WHOLE, "flex_flow": "row wrap", "height": "auto"}
        look = {"style": {"description_width": "auto"}, "layout": wide}
        look["description"] = "the lock covers (nothing to whole loop)"
        look["options"] = RaceSettings.rules()["scope"].options
        first = RaceSettings(scope=scope).scope
        self.dial = widgets.SelectionSlider(value=first, continuous_update=False, **look)
        super().__init__(**{**DIAL, **settings})
        self.painter = Runner(self.screen)
        self.dial.observe(lambda _: self._turn(), "value")

    def _rows(self):
        first, *rest = super()._rows()
        controls, _ = first.children
        controls.children = [self.dial, *controls.children]
        return (first, *rest)

    def _make_history(self):
        return Screen("none")  # one run with the scope of the dial, as high as its picture

    def _run(self, stop):
        """All scopes, the curves drawn after each round; without a `stop`, the cell waits, and they are drawn once."""
        settings, began = self._asked_for(), time.perf_counter()
        self._show_progress(ROUNDS * len(Scope))
        sweeps = scope_sweeps(progress=self._on_progress, stop=stop, **vars(settings))
        with closing(sweeps):
            for done, sweep in enumerate(sweeps, 1):
                if self.runner.waiting:
                    return
                if len(sweep.scopes) < len(Scope):
                    self.screen.say("stopped before every scope had run once", "stopped")
                    return
                self.value = sweep
                if stop:
                    self._show_curves()
                elif (time.perf_counter() - began) * (done + 1) / done > _FIRST_BUDGET:
                    break
        self._show()
        if not stop:
            self._on_idle()

    def _turn(self):
        """Show what is there for the scope of the dial: the words at once, the pictures in the background."""
        self._asked_for()
        if self.value:
            self._say()
            self.painter.submit(lambda stop: self._show())

    def _show(self):
        with self._drawing:  # by the dial's thread or by that of the sweeps
            self._show_curves()
            scope = self.dial.value
            run = self.value.runs[scope][-1]
            self._history.say(
                f"One of the runs with this scope: {scope.value} · {run.sentence}", run.verdict
            )
            self._history.draw(run)

    def _say(self):
        """Both curves at the scope of the dial, in words."""
        sweep, scope = self.value, self.dial.value
        lost, ms = sweep.losses(scope), 1000 * sweep.elapsed(scope)
        say = f"{scope.value}: {sweep.lost(scope):g} of {sweep.settings.expected} updates lost (median of {counted(len(lost), 'run')}), {ms:.0f} ms"
        if scope is not Scope.NOTHING:
            say += f", {sweep.elapsed(scope) / sweep.elapsed(Scope.NOTHING):.1f} times as long as without a lock"
        self.screen.say(say, "lost_updates" if any(lost) else "correct")

    def _show_curves(self):
        self._say()
        self.screen.show(image(self.value, at=self.dial.value))

    def _worker(self, settings):
        return self.dial.value.worker
