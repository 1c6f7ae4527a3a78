"""The crash panel: a holder that leaves in one way after the other, and what becomes of its lock."""

import html

import ipywidgets as widgets

from helpers import experiments
from helpers.experiments import Exit, LockKind
from helpers.figures import style
from helpers.panels import parts
from helpers.panels.experiment import ExperimentPanel, enum_choice, method_choice

_ROOM = "padding: 0 1em; text-align: left"


class CrashPanel(ExperimentPanel):
    """Choices that run the crash experiment anew on every move. `value` is the latest Run.

    Keywords set where the controls stand at first, by their names in `experiments.CrashSettings`. What was
    tried stands in a table: each way to leave, each kind of lock, and whether the lock was free again.
    """

    settings_class = experiments.CrashSettings
    call = "run_crash"
    in_sight = ("exit", "kind")

    def _make_controls(self, first):
        return {
            "exit": enum_choice("how the holder leaves", Exit, first.exit),
            "kind": enum_choice("what it holds", LockKind, first.kind),
            "think_ms": parts.ms_slider("hold time", first.think_ms, 1, 50),
            "start_method": method_choice(first.start_method),
        }

    def _make_repetition(self):
        super()._make_repetition()
        self._tried = {}
        self._repetition = [parts.button("Try all that are left", "Fill the table", self.try_all)]

    def _make_history(self):
        return widgets.HTML()

    def _note(self, run, settings):
        self._tried[settings.exit, settings.kind] = experiments.lock_fate(run)
        self._history.value = _table(self._tried)

    def _sentence(self, run):
        fate = experiments.lock_fate(run)
        fate += ": B got the lock" if fate == "free" else ""
        return " · ".join([fate, run.sentence, *run.notes])

    def try_all(self):
        """Run what is not yet in the table, in the background; Stop keeps what is there."""
        self._runner.submit(self._try_all)

    def _try_all(self, stop):
        settings = self.settings
        left = [(e, k) for k in LockKind for e in Exit if (e, k) not in self._tried]
        for exit, kind in left:
            run = experiments.run_crash(stop=stop, **{**settings, "exit": exit, "kind": kind})
            if run.verdict == "stopped":
                break
            self._note(run, experiments.CrashSettings(exit=exit, kind=kind))
        self._screen.say(f"{len(self._tried)} of {len(Exit) * len(LockKind)} tried")


def _table(tried):
    """What became of the lock, for each way to leave and each kind of lock."""
    head = "".join(f'<th scope="col" style="{_ROOM}">{kind.value}</th>' for kind in LockKind)
    rows = "".join(
        f'<tr><th scope="row" style="{_ROOM}">{html.escape(exit.value)}</th>'
        + "".join(_cell(tried.get((exit, kind))) for kind in LockKind)
        + "</tr>"
        for exit in Exit
    )
    return f'<table aria-label="what was tried">{"<tr><th></th>" + head + "</tr>"}{rows}</table>'


def _cell(fate):
    if fate not in ("free", "held for ever"):
        return f'<td style="{_ROOM}">{fate or "not tried"}</td>'
    colour, mark = (style.GOOD, "✓") if fate == "free" else (style.LOST, "✗")
    return f'<td style="{_ROOM}; color: {colour}; font-weight: bold">{mark} {fate}</td>'
