"""Sharing a lock: programs that look alike, and which locks guard their file in truth."""

import importlib.util
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from helpers import analysis, lab
from helpers.events import counted
from helpers.lab.settings import Settings, ms, one_of, whole
from helpers.lab.trials import Repeated
from helpers.panels.experiment import ExperimentPanel
from helpers.pictures import style
from helpers.pictures.charts import show_outcomes
from helpers.pictures.declared import new_figure, picture
from helpers.pictures.guards import height_of_guards, plot_guards, title_of_guards
from helpers.pictures.run_picture import inch_axes
from helpers.resources import CounterFile, Lock, ThreadLock


class Program(Enum):
    """How the lock reaches the processes: five ways that go wrong, and the right one."""

    MODULE_LOCK = "a lock at the top of the module"
    OWN_LOCK = "a lock made in each process"
    THREAD_LOCK = "a threading.Lock"
    TWO_LOCKS = "two locks for one file"
    FORGOTTEN_PATH = "a path that forgets the lock"
    ONE_LOCK = "one lock, passed to all"

    @property
    def module(self):
        """The full name of the program's module."""
        if self is Program.ONE_LOCK:
            return "helpers.workers.sharing"
        return f"helpers.workers.broken.{self.name.lower()}"

    @property
    def source(self):
        """The text of the program's module."""
        return Path(importlib.util.find_spec(self.module).origin).read_text(encoding="utf-8")


@dataclass(frozen=True, kw_only=True)
class SharingSettings(Settings):
    """Of one sharing experiment: `processes` count up in one file, each `times` over.

    `pause_ms` is the time between read and write.
    """

    program: Program | str = one_of(Program.MODULE_LOCK, "program")
    processes: int = whole(4, 2, 16, "processes")
    times: int = whole(5, 1, 20, "updates each")
    pause_ms: float = ms(1.0, words="pause", slider=(0, 20))

    @property
    def asked(self):
        """Seconds of all pauses."""
        return self.expected * self.pause_ms / 1000

    @property
    def expected(self):
        return self.processes * self.times

    @property
    def worker(self):
        """The whole program, as the learner reads it."""
        return self.program.source

    def team(self, module):
        """Workers and arguments of all processes; `module` is that of the program."""
        rest = (self.times, self.pause_ms / 1000)
        if self.program is Program.TWO_LOCKS:
            pair = (module.count_up_left, module.count_up_right)
            args = (CounterFile(), Lock("left"), Lock("right"), *rest)
            return [(pair[place % 2], args) for place in range(self.processes)]
        locks = {
            Program.MODULE_LOCK: (),
            Program.OWN_LOCK: (),
            Program.THREAD_LOCK: (ThreadLock(),),
        }
        args = (CounterFile(), *locks.get(self.program, (Lock(),)), *rest)
        return [(module.count_up, args)] * self.processes


# Verdicts of runs whose diagnosis alone does not say how they ended.
_CUT_SHORT = ("stopped", "deadlock", "orphaned_lock", "timed_out", "crashed")


@dataclass(frozen=True)
class Diagnosis:
    """What a Run of a counter tells about its lock. `guards` is None where no process began its work."""

    run: lab.Run
    guards: analysis.Guards | None

    @property
    def sentence(self):
        return self.guards.sentence if self.guards else self.run.sentence

    @property
    def loss(self):
        """How many updates were lost, in words; "" where there was none."""
        if not self.guards or not self.guards.updates:
            return ""
        account = self.run.account
        if not account.lost_count:
            return "no update lost"
        return f"{account.lost_count} of {counted(account.total, 'update')} lost"

    def __str__(self):
        end = self.run.sentence if self.guards and self.run.verdict in _CUT_SHORT else ""
        return " · ".join(filter(None, [self.sentence, self.loss, end]))


def diagnose(run):
    """The Diagnosis of a Run with one counter: which locks guard its file."""
    if not run.events or not run.accounts:
        return Diagnosis(run, None)
    return Diagnosis(run, analysis.find_guards(run.events, run.account.updates))


@SharingSettings.by_name
def run_sharing(settings, stop):
    """One sharing experiment: the Run. Keywords are those of SharingSettings; `stop` is a threading.Event."""
    with _imported(settings.program.module) as module:
        return settings.run(team=settings.team(module), stop=stop)


@contextmanager
def _imported(name):
    """The module, imported anew for one run: a lock at its top may still be held from a run that was stopped."""
    spec = importlib.util.find_spec(name)
    before = sys.modules.get(name)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        yield module
    finally:
        del sys.modules[name]
        if before:
            sys.modules[name] = before


class SharingTrials(Repeated):
    """Several sharing runs with the same SharingSettings."""

    @property
    def observed(self):
        """The number in the file at the end of each run that began."""
        return [run.account.observed for run in self.runs if run.events]

    @property
    def diagnoses(self):
        """How many runs have which diagnosis."""
        return Counter(diagnose(run).sentence for run in self.runs)

    @property
    def sentence(self):
        count = len(self.runs)
        told = [f"{number} of {count} runs: {say}" for say, number in self.diagnoses.items()]
        if self.observed:
            lost = sum(run.verdict == "lost_updates" for run in self.runs)
            told.append(f"updates lost in {lost} of {count}")
        return "; ".join(told) + self.stopped_words


show_outcomes(SharingTrials, shows=lambda trials: bool(trials.observed))


def repeat_sharing(count, progress=None, stop=None, **settings):
    """`count` sharing runs with the same settings, each in new processes: SharingTrials.

    `progress(done, count)` is called after each. A set `stop` ends them and keeps what is there.
    """
    return SharingTrials.of(count, run_sharing.of, SharingSettings(**settings), progress, stop)


def _told(diagnosis):
    guards = diagnosis.guards
    if guards is None:
        return diagnosis.sentence
    taken = "; ".join(
        f"{name}: {', '.join(f'lock {guards.number(lock)}' for lock in guards.taken_by(name)) or 'no lock'}"
        for name in guards.processes
    )
    return f"Timeline of the locks held and of the updates of the file. {diagnosis}. {taken}."


@picture(Diagnosis, alt=_told, shows=lambda diagnosis: diagnosis.guards is not None)
def draw_diagnosis(diagnosis):
    """The locks held, and the updates of the file."""
    below, above = 0.85, 0.45 + 0.2 * title_of_guards(diagnosis).count("\n")
    figure = new_figure(style.WIDTH, height_of_guards(diagnosis) + below + above)
    plot_guards(inch_axes(figure, 0.055, 0.845, below, above), diagnosis)
    return figure


class SharingPanel(ExperimentPanel):
    """Choices that run the sharing experiment anew on every move. `value` is the latest result.

    Keywords set where the controls stand at first, by their names in SharingSettings.
    Raises TypeError or ValueError for what no control can show; a `deadline` holds for every run.
    """

    settings_class = SharingSettings
    call = staticmethod(run_sharing)
    repeat_call = staticmethod(repeat_sharing)
    in_sight = ("program", "start_method", "processes")

    def _outcome(self, run, settings):
        return run.account.observed if run.accounts else 0, settings.expected, run.verdict

    def _sentence(self, run):
        return " · ".join([str(diagnose(run)), *run.notes])

    def _draw(self, run):
        self._screen.draw(diagnose(run))
