"""One job in several ways: many processes add up results. Is the sum right, how long does it take, who survives a kill?"""

import multiprocessing
from contextlib import nullcontext
from dataclasses import dataclass, replace

from helpers import lab
from helpers.lab import limits
from helpers.lab.fates import Fate, fates_in
from helpers.lab.machine import starting
from helpers.lab.programs import PROGRAMS, SCRIPT, add_apart
from helpers.lab.settings import Settings, WayToWork, Worded, choice, ms, one_of, whole
from helpers.panels.experiment import ExperimentPanel
from helpers.resources import CounterFile, GivenLock, Lock, RLock, Table
from helpers.resources.stand_ins import DeadlyTable, DeadlyValue, FaultyCounterFile
from helpers.workers import adding

_DEATH = 3  # at which of its updates a process is killed
_TRIES = 5  # until the others were still at work when one was killed
_LOOK = 0.05  # seconds between two looks of a FileLock: an update may have to wait for one


class Adding(WayToWork):
    """How the results are added up; separate programs run a script."""

    LOCK = "multiprocessing.Lock and a file", adding.add_under_lock
    VALUE = "Value and get_lock()", adding.add_to_value
    WRITER = "one writer and a queue", adding.send_results, adding.write_for_all
    OWN_FILES = "a file for each process", adding.add_to_own_file
    DATABASE = "one UPDATE in a database", adding.add_in_database
    FILE_LOCK = ("separate programs, file lock",)
    MANAGER = "a Manager's lock and a file", adding.add_under_lock
    STRANGERS = ("separate programs, a multiprocessing.Lock each",)

    @property
    def source(self):
        """What the processes run, as the learner reads it."""
        return (PROGRAMS / SCRIPT).read_text("utf-8") if self.is_apart else super().source

    @property
    def is_apart(self):
        """Whether separate programs do it, which share nothing with each other but the path."""
        return not self.workers

    @property
    def has_lock_in_memory(self):
        """Whether there is one lock for all which stays held when its holder is killed."""
        return self in (Adding.LOCK, Adding.VALUE, Adding.MANAGER)


@dataclass(frozen=True, kw_only=True)
class AddingSettings(Settings):
    """Settings of one job. Each of `processes` works out `results` results, `work_ms` for each, and adds them up.

    With `kill` the first process, or the one that writes for all, is killed at its third update: it has read, and
    not yet written.
    """

    way: Adding | str = one_of(Adding.LOCK, "way")
    processes: int = whole(4, 2, 16, "processes", slider=(2, 8))
    results: int = whole(10, _DEATH, 200, "results of each", slider=(3, 25))
    work_ms: float = ms(1.0, 0, 100, "work each", slider=(0, 20))
    kill: bool = choice(False, "one of them is killed", {"no": False, "yes": True})

    @property
    def wanted(self):
        return self.processes * self.results

    @property
    def asked(self):
        """Seconds of all pauses."""
        look = _LOOK if self.way is Adding.FILE_LOCK else 0
        return self.wanted * (self.work_ms / 1000 + look)

    @property
    def victim(self):
        """The letter of the process that is killed; "" where none is."""
        place = self.processes if self.way is Adding.WRITER else 0
        return lab.LETTERS[place] if self.kill else ""


@dataclass(frozen=True, repr=False)
class AddedUp(Worded):
    """What became of one job: the sum, the seconds, and by letter the Fate of each process that did not die.

    `verdict` is "stopped" where somebody stopped it, "orphaned_lock" where a process waits for the lock of a dead process,
    "timed_out" where one was cut off while it worked, else "correct" or "lost_updates". `run` is the Run of the
    processes, None for separate programs.
    """

    settings: AddingSettings
    found: int
    elapsed: float
    fates: dict[str, Fate]
    verdict: str
    run: lab.Run | None = None

    @property
    def wanted(self):
        return self.settings.wanted

    @property
    def missing(self):
        """How many results the sum does not hold."""
        return self.wanted - self.found

    @property
    def notes(self):
        return self.run.notes if self.run else ()

    @property
    def fate(self):
        """The Fate of all together that did not die."""
        return Fate.of_all(self.fates.values())

    @property
    def is_unread(self):
        """Whether the one that writes for all was killed: what the others send is lost, too."""
        is_dead = self.settings.kill and self.settings.victim not in self.fates
        return is_dead and self.settings.way is Adding.WRITER and self.fate is Fate.FINISHED

    @property
    def fate_words(self):
        """What became of the processes that did not die."""
        if self.fate is Fate.FINISHED:
            if self.settings.way.has_lock_in_memory:
                return "the others had finished before"
            return "the others go on" + ", and nobody adds up what they send" * self.is_unread
        if set(self.fates.values()) == {Fate.WAITS}:
            return "the others wait for ever"
        late = f"still working when the time of {self.settings.deadline:g} s was up"
        told = {Fate.WAITS: "waiting for ever", Fate.CUT_OFF: late}
        groups = {fate: [name for name, its in self.fates.items() if its is fate] for fate in told}
        found = [f"{told[fate]}: {', '.join(names)}" for fate, names in groups.items() if names]
        return "; ".join(found)

    @property
    def sentence(self):
        say = f"{self.settings.way.value}: the sum says {self.found} of {self.wanted}"
        if self.verdict == "stopped":
            return f"{say}: stopped"
        if self.verdict == "crashed":
            return f"{say}; {self.run.sentence}"
        if self.settings.kill and self.settings.victim not in self.fates:
            return f"{say}; one process was killed in its third update, and {self.fate_words}"
        if self.fate is Fate.CUT_OFF:
            return f"{say}; {self.fate_words}"
        return f"{say}, after {1000 * self.elapsed:.0f} ms"


@AddingSettings.by_name
def add_up(settings, stop):
    """One job: an AddedUp. Keywords are those of AddingSettings; `stop` is a threading.Event."""
    if settings.deadline is None:
        settings = replace(settings, deadline=limits.for_run(settings.asked))
    if settings.way.is_apart:
        return _add_apart(settings, stop)
    for _ in range(_TRIES if settings.kill and settings.way.has_lock_in_memory else 1):
        added = _add_related(settings, stop)
        if added.fate is not Fate.FINISHED or added.verdict == "stopped":
            break
    return added


def _add_apart(settings, stop):
    kind = "FileLock" if settings.way is Adding.FILE_LOCK else "multiprocessing.Lock"
    work = settings.results, settings.work_ms / 1000
    ends = _DEATH * settings.kill, settings.deadline
    reported = add_apart(kind, settings.processes, *work, *ends, stop)
    return _judged(settings, reported.found, reported.elapsed, reported.fates, stop, None)


def _add_related(settings, stop):
    context = multiprocessing.get_context(settings.start_method)
    with starting(settings.start_method):
        manager = context.Manager() if settings.way is Adding.MANAGER else nullcontext()
    with manager as own:
        team, read = _team(settings, context, own)
        run = settings.run(team=team, stop=stop, slots=32 * settings.results + 2048)
        return _judged(settings, read(run), run.elapsed, fates_in(run), stop, run)


def _judged(settings, found, elapsed, fates, stop, run):
    is_stopped = stop is not None and stop.is_set()
    if is_stopped or (run and run.verdict == "stopped"):  # the latter by an interrupt
        verdict = "stopped"
    elif run and {crash.process for crash in run.crashes} - {settings.victim}:
        verdict = "crashed"
    elif (fate := Fate.of_all(fates.values())) is not Fate.FINISHED:
        verdict = "orphaned_lock" if fate is Fate.WAITS else "timed_out"
    else:
        verdict = "correct" if found == settings.wanted else "lost_updates"
    return AddedUp(settings, found, elapsed, fates, verdict, run)


def _team(settings, context, manager):
    """A (worker, args) for each process, and how to read the sum after the run."""
    way, count = settings.way, settings.processes
    work = settings.results, settings.work_ms / 1000
    if way is Adding.VALUE:
        number = context.Value("i", 0, lock=RLock("the Value's lock"))
        shared = DeadlyValue(number, "A", _DEATH) if settings.kill else number
        return [(way.worker, (shared, *work))] * count, lambda run: number.get_obj().value
    if way is Adding.WRITER:
        queue, total = context.SimpleQueue(), _file(settings, process=lab.LETTERS[count])
        senders = [(adding.send_results, (queue, *work))] * count
        return [*senders, (adding.write_for_all, (total, queue, count))], _observed
    if way is Adding.OWN_FILES:
        files = [_file(settings, f"total {letter}") for letter in lab.LETTERS[:count]]
        return [(way.worker, (file, *work)) for file in files], _observed
    if way is Adding.DATABASE:
        shared = (DeadlyTable(process="A", number=_DEATH) if settings.kill else Table(),)
    elif way is Adding.MANAGER:
        shared = _file(settings), GivenLock(manager.Lock(), "the Manager's lock")
    else:
        shared = _file(settings), Lock()
    return [(way.worker, (*shared, *work))] * count, _observed


def _file(settings, name="total", process="A"):
    if settings.kill:
        return FaultyCounterFile(name, process=process, write_number=_DEATH, error=None)
    return CounterFile(name)


def _observed(run):
    """What all files together say."""
    return sum(account.observed for account in run.accounts.values())


@dataclass(frozen=True, repr=False)
class AddingTable(Worded):
    """Each way of adding up, run once to its end and once with a kill: pairs of AddedUp."""

    found: tuple[tuple[AddedUp, AddedUp], ...]

    def __str__(self):
        done = len(self.found)
        return f"{done} ways to add up" if done == len(Adding) else f"stopped after {done} ways"


def compare_adding(progress=None, stop=None, **settings):
    """Each way of adding up with the same settings, once without and once with a kill: an AddingTable.

    `progress(done, count)` is called after each way. A set `stop` or an interrupt ends it and keeps what is there.
    """
    plan = [{**settings, "way": way, "kill": kill} for way in Adding for kill in (False, True)]

    def report(done, count):
        if progress and done % 2 == 0:
            progress(done // 2, count // 2)

    found = list(lab.until_stopped(lambda how, stop: add_up(stop, **how), plan, report, stop))
    return AddingTable(tuple(zip(found[::2], found[1::2], strict=False)))


class ChoosingPanel(ExperimentPanel):
    """Choices and sliders that add up anew on every move. `value` is the latest AddedUp.

    Keywords set the first values of the controls, by their names in AddingSettings.
    Raises TypeError or ValueError for a value that no control can show; a `deadline` holds for every run.
    """

    call = staticmethod(add_up)
    in_sight = ("way", "processes", "work_ms", "kill")
    history_words = "the sum; dashed: wanted"

    def _worker(self, settings):
        return settings.way.source

    def _outcome(self, added, settings):
        return added.found, added.wanted, added.verdict
