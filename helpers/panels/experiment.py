"""What the panels of all experiments share: controls, a run on every move, repetitions, the history."""

from enum import Enum
from types import MappingProxyType

import ipywidgets as widgets

from helpers.panels import parts
from helpers.panels.runner import Runner
from helpers.panels.source import source_html

_MOST_TRIALS = 200
_WRAPPED = widgets.Layout(flex_flow="row wrap")


class ExperimentPanel(parts.Panel):
    """Controls that run an experiment anew on every move. `value` is the latest result.

    A kind of panel says in its class what it runs: its Settings, `call` and `repeat_call`, and which controls are
    `in_sight`, not folded away. What is said and drawn of a run is its `view`. The settings have their controls, but for those in `without`; a slider that should
    not go as far as they say has its ends in `bounds`.
    """

    settings_class = call = repeat_call = None
    in_sight = without = ()
    view = staticmethod(lambda run: run)
    bounds = MappingProxyType({})
    history_words = "the number reached; dashed: expected"

    def __init__(self, **settings):
        first = self.settings_class(**settings)
        self.value = None
        self._shown = 0
        self._deadline = {"deadline": first.deadline} if "deadline" in settings else {}
        self._controls = self._make_controls(first)
        self._make_repetition()
        self._make_screens()
        self._runner = Runner(on_idle=self._on_idle, on_error=self._on_error)
        super().__init__([*self._rows(), self._screens, self._history])
        self._run(None)
        for control in self._controls.values():
            control.observe(lambda _: self.run(), "value")

    def _make_controls(self, first):
        """The controls by the names of the settings; `first` says where they stand."""
        rules = {
            name: rule
            for name, rule in first.rules().items()
            if (rule.words or name == "start_method") and name not in self.without
        }
        return {
            name: self._control(name, rules[name], getattr(first, name))
            for name in dict.fromkeys([*self.in_sight, *rules])
        }

    def _control(self, name, rule, value):
        if name == "start_method":
            return parts.method_choice(value)
        return parts.control(rule, value, self.bounds.get(name, rule.slider))

    def _outcome(self, run, settings):
        """What the history notes of a run: number reached, number expected, verdict."""
        raise NotImplementedError

    def _sentence(self, run):
        """What the status line says of a run."""
        return " · ".join([self.view(run).sentence, *run.notes])

    def _worker(self, settings):
        """The function whose source stands beside the controls."""
        return self.settings_class(**settings).worker

    def _draw(self, run):
        """Show the picture of a run."""
        self._screen.draw(self.view(run))

    def _note(self, run, settings):
        """Put a run into the history."""
        self._history.add(self._outcome(run, settings))

    # ---- what there is to see

    def _make_repetition(self):
        """What stands between the buttons Run and Stop: nothing where nothing can be repeated."""
        self._repetition = []
        self._progress = widgets.IntProgress(
            layout=widgets.Layout(width="14em", visibility="hidden")
        )
        if not self.repeat_call:
            return
        self._count = widgets.BoundedIntText(
            20, min=2, max=_MOST_TRIALS, layout=widgets.Layout(width="5em")
        )
        self._repetition = [
            parts.button("Repeat", "Run several times and count the outcomes", self.repeat),
            self._count,
            widgets.Label(f"times (2 to {_MOST_TRIALS})"),
        ]

    def _rows(self):
        self._hold_button = parts.button(
            "Hold for comparison", "Keep this result beside the next ones", self.hold
        )
        buttons = [
            parts.button("Run", "Run once with these settings", self.run),
            *self._repetition,
            parts.button("Stop", "End what is running", self.stop),
            self._progress,
        ]
        controls = widgets.VBox([self._controls[name] for name in self.in_sight])
        self._source = widgets.HTML(layout=widgets.Layout(flex="1 1 34em"))
        self._call = widgets.HTML()
        more = [control for name, control in self._controls.items() if name not in self.in_sight]
        folded = parts.folded("More", *more, self._hold_button, self._call)
        return (
            widgets.HBox([controls, self._source], layout=_WRAPPED),
            folded,
            widgets.HBox(buttons),
        )

    def _make_screens(self):
        self._screen, self._held = parts.Screen(), parts.Screen()
        self._screens = widgets.HBox([self._screen], layout=_WRAPPED)
        self._history = self._make_history()

    def _make_history(self):
        return parts.History(self.history_words)

    @property
    def settings(self):
        """What the controls say, as keywords for the experiment."""
        return {**{name: c.value for name, c in self._controls.items()}, **self._deadline}

    # ---- what there is to do

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

    def _run(self, stop):
        settings = self.settings
        self._show_settings(settings)
        run = self.call(stop=stop, **settings)
        if run.verdict == "stopped" and self._runner.waiting:
            return
        self.value = run
        if run.verdict != "stopped":
            self._note(run, self.settings_class(**settings))
        self._shown += 1
        self._screen.say(f"Run {self._shown}: {self._sentence(run)}", run.verdict)
        self._draw(run)

    def _repeat(self, stop):
        settings = self.settings
        self._show_settings(settings)
        self._progress.max = self._count.value
        self._progress.value = 0
        self._progress.layout.visibility = "visible"
        trials = self.repeat_call(
            self._count.value, progress=self._on_progress, stop=stop, **settings
        )
        self.value = trials
        self._screen.say(trials.sentence, "lost_updates" if trials.failures else "correct")
        if trials.runs:
            self._history.add(*(self._outcome(run, trials.settings) for run in trials.runs))
            self._screen.draw(trials)

    def _show_settings(self, settings):
        self._source.value = source_html(self._worker(settings))
        words = ", ".join(f"{name}={_plain(value)!r}" for name, value in settings.items())
        self._call.value = f"The same as a call: <code>{self.call.__name__}({words})</code>"

    def _on_progress(self, done, count):
        self._progress.value = done

    def _on_idle(self):
        self._progress.layout.visibility = "hidden"

    def _on_error(self, text):
        self._screen.say(text, "crashed")


def _plain(value):
    return value.value if isinstance(value, Enum) else value
