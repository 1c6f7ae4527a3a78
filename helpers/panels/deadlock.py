"""The deadlock panel: a ring of transfers that gets stuck, and the cures."""

from helpers import experiments
from helpers.experiments import Cure, FirstLock
from helpers.panels import parts
from helpers.panels.experiment import ExperimentPanel, enum_choice, method_choice


class DeadlockPanel(ExperimentPanel):
    """Sliders that run the bank experiment anew on every move. `value` is the latest result.

    Keywords set where the controls stand at first, by their names in `experiments.TransferSettings`.
    Raises TypeError or ValueError for what no control can show; a `deadline` holds for every run.
    """

    settings_class = experiments.TransferSettings
    call = "run_transfers"
    repeat_call = "repeat_transfers"
    in_sight = ("processes", "first", "pause_ms", "cure")
    history_words = "transfers done; dashed: all"

    def _make_controls(self, first):
        return {
            "processes": parts.whole_slider("processes", first.processes, 2, 7),
            "first": enum_choice("takes first", FirstLock, first.first),
            "pause_ms": parts.ms_slider("between locks", first.pause_ms, 0, 20),
            "cure": enum_choice("cure", Cure, first.cure),
            "times": parts.whole_slider("transfers each", first.times, 1, 200),
            "start_method": method_choice(first.start_method),
        }

    def _outcome(self, run, settings):
        done = experiments.transfers_done(run)
        return done, settings.processes * settings.times, run.verdict

    def _sentence(self, run):
        told = [run.sentence, f"{experiments.transfers_done(run)} transfers done"]
        if wasted := experiments.wasted_tries(run):
            told.append(f"{wasted} wasted tries")
        return " · ".join([*told, *run.notes])
