"""Sharing a lock: programs that look alike, and which locks guard their file in truth."""

import importlib.util
import sys
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from helpers import analysis, lab
from helpers.events import counted
from helpers.lab.settings import Repeated, Settings, WayToWork, ms, one_of, whole
from helpers.panels.experiment import ExperimentPanel
from helpers.pictures import picture
from helpers.pictures.charts import show_outcomes
from helpers.pictures.guards import draw_guards
from helpers.resources import CounterFile, Lock, ThreadLock
from helpers.workers import counter
from helpers.workers.sharing import given_locks as work

# The program whose lock is made with the module. It is never imported for long, and never by the fork server.
MODULE = "helpers.workers.sharing.module_lock"

_ONE, _TWO = (Lock(),), (Lock("left"), Lock("right"))


class Program(WayToWork):
    """How the lock reaches the processes: five ways that go wrong, and the right one.

    `locks` is what the workers are given besides the file.
    """

    MODULE_LOCK = "a lock at the top of the module", ()
    OWN_LOCK = "a lock made in each process", (), work.count_up_under_own_lock
    THREAD_LOCK = "a threading.Lock", (ThreadLock(),), counter.increment_with_lock
    TWO_LOCKS = "two locks for one file", _TWO, work.count_up_left, work.count_up_right
    FORGOTTEN_PATH = "a path that forgets the lock", _ONE, work.count_up_on_two_paths, work.add_one
    ONE_LOCK = "one lock, passed to all", _ONE, counter.increment_with_lock

    def __init__(self, words, locks, *workers):
        super().__init__(words, *workers)
        self.locks = locks

    @property
    def source(self):
        """The text of its functions, or of the whole module whose lock it is."""
        if self is Program.MODULE_LOCK:
            return Path(importlib.util.find_spec(MODULE).origin).read_text(encoding="utf-8")
        return super().source


@dataclass(frozen=True, kw_only=True)
class SharingSettings(Settings):
    """Settings of one sharing experiment: `processes` count up in one file, each `times` over.

    `pause_ms` is the time between read and write.
    """

    program: Program | str = one_of(Program.MODULE_LOCK, "program")
    processes: int = whole(4, 2, 16, "processes")
    times: int = whole(5, 1, 20, "updates each")
    pause_ms: float = ms(1.0, words="pause", slider=(0, 20))

    expected = property(lambda its: its.processes * its.times)


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
        lost, total = self.run.account.lost_count, self.run.account.total
        return f"{lost} of {counted(total, 'update')} lost" if lost else "no update lost"

    def __str__(self):
        end = self.run.sentence if self.guards and self.run.verdict in _CUT_SHORT else ""
        return " · ".join(filter(None, [self.sentence, self.loss, end]))


def diagnose(run):
    """The Diagnosis of a Run with one counter: which locks guard its file."""
    has_begun = run.events and run.accounts
    guards = analysis.find_guards(run.events, run.account.updates) if has_begun else None
    return Diagnosis(run, guards)


@SharingSettings.by_name
def run_sharing(settings, stop):
    """One sharing experiment: the Run. Keywords are those of SharingSettings; `stop` is a threading.Event."""
    think = settings.pause_ms / 1000
    args = (CounterFile(), *settings.program.locks, settings.times, think)
    with _workers(settings.program) as workers:
        team = [(workers[place % len(workers)], args) for place in range(settings.processes)]
        return settings.run(team=team, asked=settings.expected * think, stop=stop)


@contextmanager
def _workers(program):
    """The functions that the processes run in turn.

    The module with a lock is imported anew for one run: it may still be held from a run that was stopped.
    """
    if program is not Program.MODULE_LOCK:
        yield program.workers[:2] if program is Program.TWO_LOCKS else program.workers[:1]
        return
    spec = importlib.util.find_spec(MODULE)
    before = sys.modules.get(MODULE)
    module = sys.modules[MODULE] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        yield [module.count_up]
    finally:
        del sys.modules[MODULE]
        if before:
            sys.modules[MODULE] = before


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
        runs = counted(len(self.runs), "run")
        reported = [f"{number} of {runs}: {say}" for say, number in self.diagnoses.items()]
        if self.observed:
            lost = sum(run.verdict == "lost_updates" for run in self.runs)
            reported.append(f"updates lost in {lost} of {len(self.runs)}")
        return "; ".join(reported) + self.stopped_words


show_outcomes(SharingTrials, shows=lambda trials: bool(trials.observed))


def repeat_sharing(count, progress=None, stop=None, **settings):
    """`count` sharing runs with the same settings, each in new processes: SharingTrials.

    `progress(done, count)` is called after each. A set `stop` ends them and keeps what is there.
    """
    return SharingTrials.of(count, run_sharing.of, SharingSettings(**settings), progress, stop)


def _alt(diagnosis):
    guards = diagnosis.guards
    if guards is None:
        return diagnosis.sentence
    taken = []
    for name in guards.processes:
        locks = ", ".join(f"lock {guards.number(lock)}" for lock in guards.taken_by(name))
        taken.append(f"{name}: {locks or 'no lock'}")
    return f"Timeline of the locks held and of the updates of the file. {diagnosis}. {'; '.join(taken)}."


picture(Diagnosis, _alt, shows=lambda diagnosis: diagnosis.guards is not None)(draw_guards)


class SharingPanel(ExperimentPanel):
    """Choices that run the sharing experiment anew on every move. `value` is the latest result.

    Keywords set the first values of the controls, by their names in SharingSettings.
    Raises TypeError or ValueError for a value that no control can show; a `deadline` holds for every run.
    """

    call = staticmethod(run_sharing)
    repeat_call = staticmethod(repeat_sharing)
    view = staticmethod(diagnose)
    in_sight = ("program", "start_method", "processes")

    def _worker(self, settings):
        return settings.program.source

    def _sentence(self, run):
        return str(diagnose(run))
