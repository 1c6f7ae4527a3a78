"""The fairness panel: a lock that all want all the time, and what a sleep outside it changes."""

from helpers import experiments
from helpers.experiments import Fairness, Inside, Outside
from helpers.figures import drawable
from helpers.panels import parts
from helpers.panels.experiment import ExperimentPanel, enum_choice, method_choice


class FairnessPanel(ExperimentPanel):
    """Controls that run the fairness experiment anew on every move. `value` is the latest Run.

    Keywords set where the controls stand at first, by their names in `experiments.FairnessSettings`.
    Raises TypeError or ValueError for what no control can show; a `deadline` holds for every run.
    """

    settings_class = experiments.FairnessSettings
    call = "run_fairness"
    in_sight = ("processes", "hold_ms", "outside")
    history_words = "fewest holds of a process; dashed: an equal share"

    def _make_controls(self, first):
        return {
            "processes": parts.whole_slider("processes", first.processes, 2, 8),
            "hold_ms": parts.ms_slider("hold time", first.hold_ms, 0.1, 20),
            "outside": enum_choice("outside the lock", Outside, first.outside),
            "outside_ms": parts.ms_slider("that sleep", first.outside_ms, 0.1, 20),
            "inside": enum_choice("inside the lock", Inside, first.inside),
            "duration_ms": parts.whole_slider("length in ms", first.duration_ms, 50, 1000),
            "start_method": method_choice(first.start_method),
        }

    def _outcome(self, run, settings):
        return *Fairness(run).smallest_share, run.verdict

    def _sentence(self, run):
        return " · ".join([Fairness(run).sentence, *run.notes])

    def _draw(self, run):
        told = Fairness(run)
        if drawable(told):
            self._screen.draw(told)
        else:
            self._screen.show("")
