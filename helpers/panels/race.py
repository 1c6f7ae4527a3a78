"""The race panel: processes that count in one file, with sliders for how they do it."""

import ipywidgets as widgets

from helpers import experiments, lab
from helpers.experiments import Scope
from helpers.panels import parts
from helpers.panels.runner import Runner
from helpers.panels.source import source_html

_FIRST_LIMIT = 3.0  # seconds for the run that the cell waits for
_MOST_TRIALS = 200
_VALUES = {
    "processes": "processes", "times": "times", "pause": "pause_ms", "write": "write",
    "empty": "empty", "method": "start_method", "scope": "scope", "slow": "slow_ms",
}  # fmt: skip


class RacePanel(widgets.VBox):
    """Sliders that run the counter experiment anew on every move. `value` is the latest result.

    With `scopes`, a lock may cover some lines of the loop. Further keywords set where the controls
    stand at first, by their names in `experiments.Settings`. Raises TypeError or ValueError for
    what no control can show; a `deadline` holds for every run.
    """

    def __init__(self, scopes=False, **settings):
        first = experiments.Settings(**settings)
        if first.scope and not scopes:
            raise ValueError(
                f"scope={first.scope.value!r}: this panel has no lock, give scopes=True too"
            )
        self.value = None
        self._shown = 0
        self._deadline = {"deadline": first.deadline} if "deadline" in settings else {}
        self._scopes = scopes
        self._make_controls(first)
        self._make_screens()
        self._runner = Runner(on_idle=self._on_idle, on_error=self._on_error)
        super().__init__([*self._rows(), self._screens, self._history])
        self._run(None, deadline=min(first.deadline, _FIRST_LIMIT))
        for control in self._controls.values():
            control.observe(lambda _: self.run(), "value")

    def _make_controls(self, first):
        methods = [(f"{method}", method) for method in lab.start_methods()]
        self._controls = {
            "processes": parts.whole_slider("processes", first.processes, 1, 16),
            "times": parts.whole_slider("increments each", first.times, 1, 200),
            "pause": parts.ms_slider("pause", first.pause_ms, 0, 20),
            "write": parts.choice(
                "how the file is written",
                [
                    ("replaced, in one step", "replace"),
                    ("emptied, then filled", "truncate"),
                ],
                first.write,
            ),
            "empty": parts.choice(
                "what an empty read does",
                [("counts as 0, as tutorials do", "zero"), ("raises ValueError", "raise")],
                first.empty,
            ),
            "method": parts.choice(
                "start method", methods, first.start_method or lab.default_start_method()
            ),
        }
        if self._scopes:
            words = [(scope.value, scope) for scope in Scope]
            self._controls["scope"] = parts.choice(
                "the lock covers", words, first.scope or Scope.NOTHING
            )
            self._controls["slow"] = parts.ms_slider("slow work", first.slow_ms, 0, 20)
        self._count = widgets.BoundedIntText(
            20, min=2, max=_MOST_TRIALS, layout=widgets.Layout(width="5em")
        )
        self._progress = widgets.IntProgress(
            layout=widgets.Layout(width="14em", visibility="hidden")
        )

    def _rows(self):
        sight, more = ["processes", "times", "pause"], ["write", "empty", "method"]
        if self._scopes:
            sight, more = ["scope", *sight], [*more, "slow"]
        self._hold_button = parts.button(
            "Hold for comparison", "Keep this result beside the next ones", self.hold
        )
        buttons = [
            parts.button("Run", "Run once with these settings", self.run),
            parts.button("Repeat", "Run several times and count the outcomes", self.repeat),
            self._count,
            widgets.Label(f"times (2 to {_MOST_TRIALS})"),
            parts.button("Stop", "End what is running", self.stop),
            self._progress,
        ]
        controls = widgets.VBox([self._controls[name] for name in sight])
        self._source = widgets.HTML(layout=widgets.Layout(flex="1 1 34em"))
        self._call = widgets.HTML()
        folded = parts.folded(
            "More", *(self._controls[name] for name in more), self._hold_button, self._call
        )
        top = widgets.HBox([controls, self._source], layout=widgets.Layout(flex_flow="row wrap"))
        return top, folded, widgets.HBox(buttons)

    def _make_screens(self):
        self._screen, self._held = parts.Screen(), parts.Screen()
        self._screens = widgets.HBox([self._screen], layout=widgets.Layout(flex_flow="row wrap"))
        self._history = parts.History()

    @property
    def settings(self):
        """What the controls say, as keywords for `experiments.run_counter`."""
        told = {_VALUES[name]: control.value for name, control in self._controls.items()}
        return {**told, **self._deadline}

    def run(self):
        """Run once in the background; the latest call wins."""
        self._runner.submit(self._run)

    def repeat(self):
        """Run several times in the background, with a progress bar; Stop keeps what is there."""
        self._runner.submit(self._repeat)

    def stop(self):
        """End what is running."""
        self._runner.stop()

    def hold(self):
        """Keep the result on screen beside the next ones, or let it go again."""
        if len(self._screens.children) == 1:
            self._screen.copy_to(self._held)
            self._screens.children = [self._held, self._screen]
            self._hold_button.description = "Let the held one go"
        else:
            self._screens.children = [self._screen]
            self._hold_button.description = "Hold for comparison"

    def _run(self, stop, **more):
        settings = self.settings
        self._show_settings(settings)
        run = experiments.run_counter(stop=stop, **{**settings, **more})
        if run.verdict == "stopped" and self._runner.waiting:
            return
        self.value = run
        if run.verdict != "stopped":
            self._history.add(_outcome(run, experiments.Settings(**settings)))
        self._screen.say(self._sentence(run), run.verdict)
        self._screen.draw_run(run)

    def _repeat(self, stop):
        settings = self.settings
        self._show_settings(settings)
        self._progress.max = self._count.value
        self._progress.value = 0
        self._progress.layout.visibility = "visible"
        trials = experiments.repeat_counter(
            self._count.value, progress=self._on_progress, stop=stop, **settings
        )
        self.value = trials
        self._screen.say(trials.sentence, "lost_updates" if trials.failures else "correct")
        if trials.runs:
            self._history.add(*(_outcome(run, trials.settings) for run in trials.runs))
            self._screen.draw(trials)

    def _sentence(self, run):
        self._shown += 1
        account = run.account
        counts = f"(kept {account.kept_count}, lost {account.lost_count})"
        return " · ".join([f"Run {self._shown}: {run.sentence} {counts}", *run.notes])

    def _show_settings(self, settings):
        self._source.value = source_html(experiments.Settings(**settings).worker)
        words = ", ".join(f"{name}={_plain(value)!r}" for name, value in settings.items())
        self._call.value = f"The same as a call: <code>run_counter({words})</code>"

    def _on_progress(self, done, count):
        self._progress.value = done

    def _on_idle(self):
        self._progress.layout.visibility = "hidden"

    def _on_error(self, text):
        self._screen.say(text, "crashed")


def _outcome(run, settings):
    return run.account.observed, settings.expected, run.verdict


def _plain(value):
    return value.value if isinstance(value, Scope) else value
