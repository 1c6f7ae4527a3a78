"""The sharing panel: programs that look alike, and how many locks guard their file."""

from helpers import experiments
from helpers.experiments import Program
from helpers.panels import parts
from helpers.panels.experiment import ExperimentPanel, enum_choice, method_choice


class SharingPanel(ExperimentPanel):
    """Choices that run the sharing experiment anew on every move. `value` is the latest result.

    Keywords set where the controls stand at first, by their names in `experiments.SharingSettings`.
    Raises TypeError or ValueError for what no control can show; a `deadline` holds for every run.
    """

    settings_class = experiments.SharingSettings
    call = "run_sharing"
    repeat_call = "repeat_sharing"
    in_sight = ("program", "start_method", "processes")

    def _make_controls(self, first):
        return {
            "program": enum_choice("program", Program, first.program),
            "start_method": method_choice(first.start_method),
            "processes": parts.whole_slider("processes", first.processes, 2, 16),
            "times": parts.whole_slider("updates each", first.times, 1, 20),
            "pause_ms": parts.ms_slider("pause", first.pause_ms, 0, 20),
        }

    def _outcome(self, run, settings):
        return run.account.observed if run.accounts else 0, settings.expected, run.verdict

    def _sentence(self, run):
        return " · ".join([str(experiments.diagnose(run)), *run.notes])

    def _draw(self, run):
        self._screen.draw(experiments.diagnose(run))
