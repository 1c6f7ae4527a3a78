"""The race panel: processes that count in one file, with sliders for how they do it."""

from helpers import experiments
from helpers.experiments import Scope
from helpers.panels import parts
from helpers.panels.experiment import ExperimentPanel, enum_choice, method_choice

_WRITES = [("replaced, in one step", "replace"), ("emptied, then filled", "truncate")]
_EMPTY = [("counts as 0, as tutorials do", "zero"), ("raises ValueError", "raise")]


class RacePanel(ExperimentPanel):
    """Sliders that run the counter experiment anew on every move. `value` is the latest result.

    With `scopes`, a lock may cover some lines of the loop. Further keywords set where the controls
    stand at first, by their names in `experiments.Settings`. Raises TypeError or ValueError for
    what no control can show; a `deadline` holds for every run.
    """

    settings_class = experiments.Settings
    call = "run_counter"
    repeat_call = "repeat_counter"

    def __init__(self, scopes=False, **settings):
        self._scopes = scopes
        self.in_sight = ("processes", "times", "pause_ms")
        if scopes:
            self.in_sight = ("scope", *self.in_sight)
        super().__init__(**settings)

    def _make_controls(self, first):
        if first.scope and not self._scopes:
            raise ValueError(
                f"scope={first.scope.value!r}: this panel has no lock, give scopes=True too"
            )
        controls = {
            "processes": parts.whole_slider("processes", first.processes, 1, 16),
            "times": parts.whole_slider("increments each", first.times, 1, 200),
            "pause_ms": parts.ms_slider("pause", first.pause_ms, 0, 20),
            "write": parts.choice("how the file is written", _WRITES, first.write),
            "empty": parts.choice("what an empty read does", _EMPTY, first.empty),
            "start_method": method_choice(first.start_method),
        }
        if self._scopes:
            scope = first.scope or Scope.NOTHING
            controls["scope"] = enum_choice("the lock covers", Scope, scope)
            controls["slow_ms"] = parts.ms_slider("slow work", first.slow_ms, 0, 20)
        return controls

    def _outcome(self, run, settings):
        return run.account.observed, settings.expected, run.verdict

    def _sentence(self, run):
        account = run.account
        counts = f"(kept {account.kept_count}, lost {account.lost_count})"
        return " · ".join([f"{run.sentence} {counts}", *run.notes])
