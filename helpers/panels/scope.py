"""The scope panel: a dial that moves the lock through six scopes, and two curves that go with it."""

import threading
import time
from contextlib import closing

import ipywidgets as widgets

from helpers import experiments
from helpers.experiments import DIAL, ROUNDS, Scope
from helpers.figures import image
from helpers.panels import parts
from helpers.panels.experiment import ExperimentPanel, method_choice
from helpers.panels.runner import Runner

_FIRST_BUDGET = 3.0  # seconds for the rounds that the cell waits for


class ScopePanel(ExperimentPanel):
    """A dial for the scope of the lock, and sliders that run all scopes anew. `value` is the latest ScopeSweep.

    `scope` is where the dial stands at first, further keywords set the sliders, by their names in
    `experiments.Settings`. Raises TypeError or ValueError for what no control can show; a `deadline`
    holds for every run.
    """

    settings_class = experiments.Settings
    call = "sweep_scopes"
    in_sight = ("processes", "pause_ms", "slow_ms")

    def __init__(self, scope=Scope.READ_TO_WRITE, **settings):
        self._painter = Runner(on_error=self._on_error)
        self._drawing = threading.Lock()
        self._dial = _dial(self.settings_class(scope=scope).scope)
        super().__init__(**{**DIAL, **settings})
        self._dial.observe(lambda _: self._turn(), "value")

    def _make_controls(self, first):
        return {
            "processes": parts.whole_slider("processes", first.processes, 1, 8),
            "pause_ms": parts.ms_slider("pause", first.pause_ms, 0, 10),
            "slow_ms": parts.ms_slider("slow work", first.slow_ms, 0, 10),
            "times": parts.whole_slider("increments each", first.times, 1, 10),
            "start_method": method_choice(first.start_method),
        }

    def _rows(self):
        first, *rest = super()._rows()
        controls, _ = first.children
        controls.children = [self._dial, *controls.children]
        return (first, *rest)

    def _make_history(self):
        one_run = parts.Screen()  # under the scope of the dial
        one_run.layout.flex = "none"  # as high as its picture
        return one_run

    def _run(self, stop):
        """All scopes, the curves drawn after each round; without a `stop`, the cell waits, and they are drawn once."""
        settings, began = self.settings, time.perf_counter()
        self._show_settings(settings)
        self._progress.max, self._progress.value = ROUNDS * len(Scope), 0
        self._progress.layout.visibility = "visible"
        sweeps = experiments.scope_sweeps(progress=self._on_progress, stop=stop, **settings)
        with closing(sweeps):
            for done, sweep in enumerate(sweeps, 1):
                if self._runner.waiting:
                    return
                if len(sweep.scopes) < len(Scope):
                    self._screen.say("stopped before every scope had run once", "stopped")
                    return
                self.value = sweep
                if stop:
                    self._say()
                    self._draw_curves()
                elif (time.perf_counter() - began) * (done + 1) / done > _FIRST_BUDGET:
                    break
        self._show()
        if not stop:
            self._on_idle()

    def _turn(self):
        """Show what is there for the scope of the dial: the words at once, the pictures in the background."""
        self._show_settings(self.settings)
        if self.value:
            self._say()
            self._painter.submit(lambda stop: self._show())

    def _show(self):
        self._say()
        with self._drawing:  # the dial's thread and that of the sweeps use one figure
            self._draw_curves()
            self._draw_one_run()

    def _say(self):
        sweep, scope = self.value, self._dial.value
        self._screen.say(_sentence(sweep, scope), _verdict(sweep, scope))

    def _draw_curves(self):
        self._screen.show(image(self.value, at=self._dial.value))

    def _draw_one_run(self):
        scope = self._dial.value
        run = self.value.runs[scope][-1]
        self._history.say(f"One of the runs with this scope: {scope.value}", run.verdict)
        self._history.draw_run(run)

    def _worker(self, settings):
        return self._dial.value.worker


def _dial(scope):
    return widgets.SelectionSlider(
        options=[(member.value, member) for member in Scope],
        value=scope,
        description="the lock covers (nothing to whole loop)",
        continuous_update=False,
        style={"description_width": "auto"},
        layout=widgets.Layout(width="44em"),
    )


def _sentence(sweep, scope):
    """Both curves at one scope, in words."""
    lost, ms = sweep.losses(scope), 1000 * sweep.elapsed(scope)
    say = f"{scope.value}: {sweep.lost(scope):g} of {sweep.updates} updates lost (median of {len(lost)} runs), {ms:.0f} ms"
    if scope is not Scope.NOTHING:
        say += f", {sweep.elapsed(scope) / sweep.elapsed(Scope.NOTHING):.1f} times as long as without a lock"
    return say


def _verdict(sweep, scope):
    return "lost_updates" if any(sweep.losses(scope)) else "correct"
