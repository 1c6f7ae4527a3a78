"""What the panels of all experiments share: controls, a run on every move, repetitions, the history."""

import ipywidgets as widgets

from helpers.events import counted
from helpers.panels.panel import WRAPPED, Panel, Runner, Screen, button, control, folded
from helpers.panels.source import source_html
from helpers.pictures import style

_MOST_TRIALS = 200
_HOLD = "Hold for comparison"


class ExperimentPanel(Panel):
    """Controls that run an experiment anew on every move. `value` is the latest result.

    A kind of panel says in its class what it runs: `call`, and by it the Settings, and `repeat_call`, and which controls
    are `in_sight`, not folded away. What is said and drawn of a run is its `view`. The settings have their controls,
    but for those in `without`; a slider that should not go as far as they say has its ends in `bounds`.
    """

    settings_class = property(lambda panel: panel.call.settings)
    call = repeat_call = None
    in_sight = without = bounds = ()
    view = staticmethod(lambda run: run)
    history_words = "the number reached; dashed: expected"

    def __init__(self, **settings):
        first = self.settings_class(**settings)
        self.value = None
        self._shown = 0
        self._deadline = {"deadline": first.deadline} if "deadline" in settings else {}
        self._controls = self._make_controls(first)
        self.screen, self._held = Screen(), Screen()
        self._screens = widgets.HBox([self.screen], layout=WRAPPED)
        self._history = self._make_history()
        self.runner = Runner(self.screen, on_idle=self._on_idle)
        super().__init__([*self._rows(), self._screens, self._history])
        self._run(None)
        for made in self._controls.values():
            made.observe(lambda _: self.run(), "value")

    def _make_controls(self, first):
        """The controls by the names of the settings, those in sight first; `first` says where they stand."""
        made, rules = {}, first.rules()
        for name in dict.fromkeys([*self.in_sight, *rules]):
            rule = rules[name]
            if rule.words and name not in self.without:
                bounds = dict(self.bounds).get(name, rule.slider)
                made[name] = control(rule, getattr(first, name), bounds)
        return made

    def _outcome(self, run, settings):
        """What the history notes of a run: number reached, number expected, verdict; here those of its counter."""
        return run.account.observed if run.accounts else 0, settings.expected, run.verdict

    def _sentence(self, run):
        """What the status line says of a run, before its notes."""
        return self.view(run).sentence

    def _worker(self, settings):
        """The function whose source stands beside the controls."""
        return settings.worker

    def _note(self, run, settings):
        """Put a run into the history."""
        self._history.add(self._outcome(run, settings))

    # ---- what there is to see

    def _repetition(self):
        """What stands between the buttons Run and Stop: nothing where nothing can be repeated."""
        if not self.repeat_call:
            return []
        look = {"style": {"description_width": "initial"}, "layout": widgets.Layout(width="14em")}
        words = f"times (2 to {_MOST_TRIALS})"
        self._count = widgets.BoundedIntText(20, description=words, min=2, max=_MOST_TRIALS, **look)
        hint = "Run several times and count the outcomes"
        return [button("Repeat", hint, self.repeat), self._count]

    def _rows(self):
        self._hold_button = button(_HOLD, "Keep this result beside the next ones", self.hold)
        self._hold_button.layout.align_self = "flex-start"
        run = button("Run", "Run once with these settings", self.run)
        stop = button("Stop", "End what is running", self.stop)
        hidden = widgets.Layout(width="14em", visibility="hidden")
        self._progress = widgets.IntProgress(layout=hidden)
        buttons = widgets.HBox([run, *self._repetition(), stop, self._progress], layout=WRAPPED)
        controls = widgets.VBox([self._controls[name] for name in self.in_sight])
        self._source = widgets.HTML(layout=widgets.Layout(flex="1 1 34em"))
        self._call = widgets.HTML()
        more = [made for name, made in self._controls.items() if name not in self.in_sight]
        more = folded("More", *more, self._hold_button, self._call)
        return widgets.HBox([controls, self._source], layout=WRAPPED), more, buttons

    def _make_history(self):
        return History(self.history_words)

    @property
    def settings(self):
        """What the controls say, as keywords for the experiment."""
        return {**{name: c.value for name, c in self._controls.items()}, **self._deadline}

    # ---- what there is to do

    def run(self):
        """Run once in the background; the latest call wins."""
        self.runner.submit(self._run)

    def repeat(self):
        """Run several times in the background, with a progress bar; Stop keeps what is there."""
        self.runner.submit(self._repeat)

    def hold(self):
        """Keep the result on screen beside the next ones, or let it go again."""
        kept = [self._held] if len(self._screens.children) == 1 else []
        if kept:
            self.screen.copy_to(self._held)
        self._screens.children = [*kept, self.screen]
        self._hold_button.description = "Let go of the held result" if kept else _HOLD

    def _run(self, stop):
        settings = self._asked_for()
        run = self.call.of(settings, stop)
        if run.verdict == "stopped" and self.runner.waiting:
            return
        self.value = run
        if run.verdict != "stopped":
            self._note(run, settings)
        self._shown += 1
        said = [f"Run {self._shown}: {self._sentence(run)}", *run.notes]
        self.screen.say(" · ".join(said), run.verdict)
        self.screen.draw(self.view(run))

    def _repeat(self, stop):
        settings, count = self._asked_for(), self._count.value
        self._show_progress(count)
        trials = self.repeat_call(count, progress=self._on_progress, stop=stop, **vars(settings))
        self.value = trials
        self.screen.say(trials.sentence, "lost_updates" if trials.failures else "correct")
        if trials.runs:
            self._history.add(*(self._outcome(run, trials.settings) for run in trials.runs))
            self.screen.draw(trials)

    def _asked_for(self):
        """The Settings that the controls say; their worker and their call are shown."""
        values = self.settings
        settings = self.settings_class(**values)
        self._source.value = source_html(self._worker(settings))
        words = ", ".join(f"{n}={getattr(v, 'value', v)!r}" for n, v in values.items())
        self._call.value = f"The same as a call: <code>{self.call.__name__}({words})</code>"
        return settings

    def _show_progress(self, most):
        self._progress.max, self._progress.value = most, 0
        self._progress.layout.visibility = "visible"

    def _on_progress(self, done, count):
        self._progress.value = done

    def _on_idle(self):
        self._progress.layout.visibility = "hidden"


class History(widgets.HTML):
    """The outcomes so far, one small bar for each run: how much of the expected number was reached.

    `bar` says in words what a bar and the dashed line stand for.
    """

    _MOST = 60

    def __init__(self, bar="the number reached; dashed: expected"):
        super().__init__()
        self._bar = bar
        self._runs = []

    def add(self, *runs):
        """Note more runs, each as (observed, expected, verdict)."""
        self._runs.extend(runs)
        wrong = sum(verdict != "correct" for *_, verdict in self._runs)
        say = f"{wrong} of {counted(len(self._runs), 'run')} went wrong so far"
        bars = "".join(_bar(i, *run) for i, run in enumerate(self._runs[-self._MOST :]))
        self.value = (
            f'<div style="line-height: 1.3">History: {say} (bar: {self._bar})</div><svg role="img" aria-label="{say}" '
            f'viewBox="0 0 {12 * self._MOST} 36" width="{12 * self._MOST}" height="36" preserveAspectRatio="none" '
            f'style="background: white; max-width: 100%">{bars}'
            f'<path d="M0 4.5H{12 * self._MOST}" stroke="{style.GOOD}" stroke-dasharray="4 3"/></svg>'
        )


def _bar(place, observed, expected, verdict):
    height = max(1.0, min(30 * observed / max(expected, 1), 34))
    is_right = verdict == "correct"
    fill, edge = (style.KEPT, style.KEPT) if is_right else ("white", style.LOST)
    return (
        f'<rect x="{12 * place + 1}" y="{34.5 - height:.1f}" width="9" height="{height:.1f}" '
        f'fill="{fill}" stroke="{edge}"><title>{observed} of {expected}: {verdict}</title></rect>'
    )
