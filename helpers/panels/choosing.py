"""The choosing panel: one job, done in one way after the other, with and without a kill."""

from helpers import experiments
from helpers.experiments import Adding
from helpers.panels import parts
from helpers.panels.experiment import ExperimentPanel, enum_choice, method_choice


class ChoosingPanel(ExperimentPanel):
    """Choices and sliders that add up anew on every move. `value` is the latest AddedUp.

    Keywords set where the controls stand at first, by their names in `experiments.AddingSettings`.
    Raises TypeError or ValueError for what no control can show; a `deadline` holds for every run.
    """

    settings_class = experiments.AddingSettings
    call = "add_up"
    in_sight = ("way", "processes", "work_ms", "kill")
    history_words = "the sum; dashed: wanted"

    def _make_controls(self, first):
        return {
            "way": enum_choice("way", Adding, first.way),
            "processes": parts.whole_slider("processes", first.processes, 2, 8),
            "work_ms": parts.ms_slider("work each", first.work_ms, 0, 20),
            "kill": parts.choice(
                "one of them is killed", [("no", False), ("yes", True)], first.kill
            ),
            "results": parts.whole_slider("results of each", first.results, 3, 25),
            "start_method": method_choice(first.start_method),
        }

    def _worker(self, settings):
        return self.settings_class(**settings).way.source

    def _outcome(self, added, settings):
        return added.found, added.wanted, added.verdict

    def _draw(self, added):
        self._screen.draw(added)
