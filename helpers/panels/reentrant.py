"""The RLock panel: a lock taken several times, and given back more or less often, by somebody."""

from helpers import analysis, experiments
from helpers.experiments import Releaser
from helpers.panels import parts
from helpers.panels.experiment import ExperimentPanel, enum_choice, method_choice

_KINDS = [("RLock", True), ("Lock", False)]


class RLockPanel(ExperimentPanel):
    """Controls that run the RLock experiment anew on every move. `value` is the latest result.

    Keywords set where the controls stand at first, by their names in `experiments.ReentrantSettings`.
    Raises TypeError or ValueError for what no control can show; a `deadline` holds for every run.
    """

    settings_class = experiments.ReentrantSettings
    call = "run_reentrant"
    in_sight = ("is_rlock", "depth", "releases", "releaser")
    history_words = "releases done; dashed: as many as acquires"

    def _make_controls(self, first):
        return {
            "is_rlock": parts.choice("kind of lock", _KINDS, first.is_rlock),
            "depth": parts.whole_slider("acquires by A", first.depth, 1, 10),
            "releases": parts.whole_slider("releases", first.releases, 0, 12),
            "releaser": enum_choice("who releases", Releaser, first.releaser),
            "think_ms": parts.ms_slider("pause", first.think_ms, 0.5, 50),
            "start_method": method_choice(first.start_method),
        }

    def _outcome(self, run, settings):
        given = sum(event.op == "release" and event.outcome == "done" for event in run.events)
        return given, settings.depth, run.verdict

    def _sentence(self, run):
        deepest = max([depth for *_, depth in analysis.depths(run.events)], default=0)
        return " · ".join([run.sentence, f"deepest: {deepest}", *run.notes])
