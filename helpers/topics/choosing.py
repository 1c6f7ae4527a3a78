"""One job in several ways: many processes add up results. Right, how fast, who survives a kill? Bars, a table, and the guide by which to choose."""

import multiprocessing
import sys
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from IPython.display import HTML

from helpers import lab
from helpers.lab import limits
from helpers.lab.fates import Fate, fates_in
from helpers.lab.machine import starting
from helpers.lab.programs import PROGRAMS
from helpers.lab.settings import Settings, WayToWork, Worded, choice, ms, one_of, whole
from helpers.panels.experiment import ExperimentPanel
from helpers.pictures import below, html_table, image, mpl, picture, plot_counts, style
from helpers.resources import CounterFile, Lock, RLock, Table
from helpers.resources.locks import GivenLock
from helpers.resources.stand_ins import DeadlyTable, DeadlyValue, FaultyCounterFile
from helpers.workers import adding

_PROGRAM = PROGRAMS / "add_as_stranger.py"  # what separate programs run
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
        return _PROGRAM.read_text("utf-8") if self.is_apart else super().source

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

    wanted = property(lambda its: its.processes * its.results)

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
    processes, each of which runs a program where those are separate.
    """

    settings: AddingSettings
    found: int
    elapsed: float
    fates: dict[str, Fate]
    verdict: str
    run: lab.Run | None = None

    wanted = property(lambda its: its.settings.wanted)

    @property
    def missing(self):
        """How many results the sum does not hold."""
        return self.wanted - self.found

    notes = property(lambda its: its.run.notes)

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
    deaths = [_DEATH * settings.kill] + [0] * (settings.processes - 1)
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder, _maker(settings) as maker:
        total, start = Path(folder, "total.txt"), maker.Barrier(settings.processes)
        total.write_text("0")
        job = sys.executable, _PROGRAM, total, kind, settings.results, settings.work_ms / 1000
        commands = [[str(part) for part in (*job, death)] for death in deaths]
        team = [(adding.add_as_stranger, (start, command)) for command in commands]
        run = settings.run(team=team, stop=stop)
        elapsed = max(run.returned.values()) if run.verdict == "correct" else run.elapsed
        return _judged(settings, int(total.read_text()), elapsed, stop, run)


def _add_related(settings, stop):
    with _maker(settings) as maker:
        team, read = _team(settings, maker)
        run = settings.run(team=team, stop=stop, slots=32 * settings.results + 2048)
        return _judged(settings, read(run), run.elapsed, stop, run)


def _maker(settings):
    """What makes Values, locks and queues, in a `with` statement: the context of the start method, or a Manager in a process of its own."""
    context = multiprocessing.get_context(settings.start_method)
    with starting(settings.start_method):
        return context.Manager() if settings.way is Adding.MANAGER else nullcontext(context)


def _judged(settings, found, elapsed, stop, run):
    fates, is_stopped = fates_in(run), stop is not None and stop.is_set()
    if is_stopped or run.verdict == "stopped":  # the latter by an interrupt
        verdict = "stopped"
    elif {crash.process for crash in run.crashes} - {settings.victim}:
        verdict = "crashed"
    elif (fate := Fate.of_all(fates.values())) is not Fate.FINISHED:
        verdict = "orphaned_lock" if fate is Fate.WAITS else "timed_out"
    else:
        verdict = "correct" if found == settings.wanted else "lost_updates"
    return AddedUp(settings, found, elapsed, fates, verdict, run)


def _team(settings, maker):
    """A (worker, args) for each process, and how to read the sum after the run."""
    way, count = settings.way, settings.processes
    work = settings.results, settings.work_ms / 1000
    if way is Adding.VALUE:
        number = maker.Value("i", 0, lock=RLock("the Value's lock"))
        shared = DeadlyValue(number, "A", _DEATH) if settings.kill else number
        return [(way.worker, (shared, *work))] * count, lambda run: number.get_obj().value
    if way is Adding.WRITER:
        queue, total = maker.SimpleQueue(), _file(settings, process=lab.LETTERS[count])
        senders = [(adding.send_results, (queue, *work))] * count
        return [*senders, (adding.write_for_all, (total, queue, count))], _observed
    if way is Adding.OWN_FILES:
        files = [_file(settings, f"total {letter}") for letter in lab.LETTERS[:count]]
        return [(way.worker, (file, *work)) for file in files], _observed
    if way is Adding.DATABASE:
        shared = (DeadlyTable(process="A", number=_DEATH) if settings.kill else Table(),)
    elif way is Adding.MANAGER:
        shared = _file(settings), GivenLock(maker.Lock(), "the Manager's lock")
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

    `progress(done, count)` is called after each run. A set `stop` or an interrupt ends it and keeps what is there.
    """
    plan = [{**settings, "way": way, "kill": kill} for way in Adding for kill in (False, True)]
    found = list(lab.until_stopped(lambda how, stop: add_up(stop, **how), plan, progress, stop))
    return AddingTable(tuple(zip(found[::2], found[1::2], strict=False)))


# For each fate a mark, a colour, and what a kill meant for the others.
_FATES = {
    Fate.FINISHED: ("✓", style.GOOD, "the others go on"),
    Fate.WAITS: ("✗", style.LOST, "the others wait"),
    Fate.CUT_OFF: ("…", style.CUT_OFF, "cut off while working"),
}
_HEADS = ("way", "sum, all alive", "time", "one killed: sum", "one killed: the others")


@picture(AddedUp, "Bar chart of {0.wanted} results. {0}.".format, 1.65, (0.105, 0.29, 0.87, 0.65))
def plot_added_up(ax, added):
    """Three bars: results wanted, in the sum, missing; of a job that was cut off, those not added by then."""
    missing, look = "missing", (style.LOST, "////")
    if added.verdict == "timed_out":
        missing, look = "not yet", (style.CUT_OFF, "....")
    counts = {"wanted": added.wanted, "in the sum": added.found, missing: added.missing}
    looks = {"wanted": (style.INK, ""), "in the sum": (style.KEPT, ""), missing: look}
    plot_counts(ax, counts, looks, added.wanted, "results")


@below(AddingTable)
def adding_table(table):
    """One row for each way: whether the sum is right, the time, and what a kill meant for the others."""
    return html_table(_HEADS, [_row(*pair) for pair in table.found], label=str(table))


def _row(alive, killed):
    judged = Fate.WAITS if alive.verdict == "lost_updates" else alive.fate
    cut_off = f", {alive.fate_words}" if alive.verdict == "timed_out" else ""
    return [
        alive.settings.way.value,
        _marked(f"{alive.found} of {alive.wanted}{cut_off}", judged),
        f"{1000 * alive.elapsed:.0f} ms",
        f"{killed.found} of {killed.wanted}",
        _marked(killed.fate_words, Fate.WAITS if killed.is_unread else killed.fate),
    ]


def _marked(words, fate):
    mark, colour, _ = _FATES[fate]
    return f"{mark} {words}", colour


# ---- the guide


class Step(NamedTuple):
    """A question of the guide: where "yes" leads at once, else on to the next question."""

    question: str
    answer: str
    way: Adding


STEPS = (
    Step("Can each process keep its own,\nand the sum wait until the end?", "A file for each process,\nand a merge", Adding.OWN_FILES),
    Step("Can one process do\nall the writing?", "One writer,\nand a queue", Adding.WRITER),
    Step("Can the data live\nin a database?", "One UPDATE, or\nBEGIN IMMEDIATE", Adding.DATABASE),
    Step("Are they separate programs,\nor may a holder be killed?", "A file lock: freed by\nthe system at a death", Adding.FILE_LOCK),
    Step("Is it a number\nin memory?", "Value, and\nwith get_lock():", Adding.VALUE),
    Step("Must the lock travel\nin messages, as to a Pool?", "A Manager's\nlock", Adding.MANAGER),
)  # fmt: skip
LAST = Step("", "multiprocessing.Lock,\ngiven with the start", Adding.LOCK)


@dataclass(frozen=True)
class Guide:
    """The questions by which to choose, with what the runs of an AddingTable found."""

    table: AddingTable

    def __str__(self):
        return "Which cure? Beside each arrow: what the runs above found"


def decision_guide(table):
    """The guide by which to choose a cure, with what the runs of a `compare_adding` found beside its arrows."""
    return HTML(image(Guide(table)))


def _alt(guide):
    pairs = guide.table.found
    found = "; ".join(f"{alive.sentence}; killed: {killed.fate_words}" for alive, killed in pairs)
    return f"Guide in which each question leads to a way. {guide.table}. {found}."


@picture(Guide, height=5.6, places=(0.01, 0.01, 0.98, 0.93), alt=_alt)
def plot_guide(ax, guide):
    """Questions from top to bottom, the answer beside each; on its arrow, what the runs found."""
    found = {alive.settings.way: (alive, killed) for alive, killed in guide.table.found}
    ax.set(xlim=(0, 100), ylim=(len(STEPS) + 0.75, -0.55))
    ax.set_axis_off()
    for row, step in enumerate(STEPS):
        _box(ax, 16, row, step.question)
        _box(ax, 86, row, step.answer)
        _arrow(ax, (31.5, row), (74, row), "yes", (32.5, row - 0.06), "bottom")
        look = {"va": "bottom", "fontsize": 9, "gid": "evidence"}
        ax.text(38, row - 0.06, _evidence(*found[step.way]), **look)
        _arrow(ax, (16, row + 0.31), (16, row + 0.69), "no", (17.2, row + 0.5), "center")
    end = len(STEPS)
    _box(ax, 16, end, LAST.answer)
    ax.text(33, end, _evidence(*found[LAST.way]), va="center", fontsize=9, color=style.INK)
    style.title(ax, str(guide), pad=4)


def _box(ax, x, y, words):
    """A question on a pale ground, or an answer in bold letters."""
    is_question, wide = words.endswith("?"), 30 if x < 50 else 23
    look = {"facecolor": style.PALE if is_question else "white", "edgecolor": style.INK, "lw": 1.2}
    shape = {"boxstyle": "round,pad=0,rounding_size=0.08", "mutation_aspect": 0.03}
    ax.add_patch(mpl.FancyBboxPatch((x - wide / 2, y - 0.3), wide, 0.6, **shape, **look))
    look = {"ha": "center", "va": "center", "fontsize": 9.5, "gid": "box"}
    ax.text(x, y, words, fontweight="normal" if is_question else "bold", **look)


def _arrow(ax, start, end, word, at, va):
    look = {"arrowstyle": "-|>", "color": style.INK, "linewidth": 1.5}
    ax.annotate("", end, start, arrowprops=look)
    ax.text(*at, word, va=va, fontsize=9.5, fontweight="bold")


def _evidence(alive, killed):
    """What two runs found, in few words."""
    mark, _, words = _FATES[killed.fate]
    fate = "✗ writer killed: the rest is lost" if killed.is_unread else f"{mark} a kill: {words}"
    end = ", cut off" if alive.fate is Fate.CUT_OFF else f", {1000 * alive.elapsed:.0f} ms"
    return f"{alive.found} of {alive.wanted}{end}; {fate}"


# ---- the panel


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
