"""One bug on three resources: lines on a screen, records in a log file, a number in a database; picture, panel, challenges."""

from dataclasses import dataclass
from enum import Enum

from helpers import analysis, lab
from helpers.events import counted
from helpers.lab import check
from helpers.lab.programs import PROGRAMS
from helpers.lab.settings import Settings, WayToWork, Worded, choice, ms, one_of, text, whole
from helpers.panels.challenge import declare, ends_as, ends_with
from helpers.panels.experiment import ExperimentPanel
from helpers.pictures import below, contents_table, html_table, picture, plot_counts, style
from helpers.resources import Lock, LogFile, Stream, Table
from helpers.workers import output, table


class Resource(Enum):
    """What several processes share."""

    SCREEN = "screen"
    LOG = "log file"
    DATABASE = "database"

    @property
    def ways(self):
        """The ways of access to it, the careless one first."""
        return [way for way in Way if way.resource is self]


_SCREEN, _LOG, _DATABASE = Resource


class Way(WayToWork):
    """How a process uses the resource."""

    PIECES = "in three pieces", output.print_in_pieces, _SCREEN
    ONE_STRING = "as one string", output.print_one_string, _SCREEN
    LOCKED_PIECES = "in three pieces, with a lock", output.print_in_pieces_with_lock, _SCREEN
    OPENED_W = 'opened with "w"', output.log_opened_with_w, _LOG
    TWO_WRITES = 'opened with "a", two writes', output.log_in_two_writes, _LOG
    OPENED_A = 'opened with "a", one write', output.log_opened_with_a, _LOG
    LOCKED_WRITES = "two writes, with a lock", output.log_in_two_writes_with_lock, _LOG
    SELECT_UPDATE = "SELECT, then UPDATE", table.select_then_update, _DATABASE
    DEFERRED = "BEGIN (deferred)", table.count_in_deferred_transactions, _DATABASE
    IMMEDIATE = "BEGIN IMMEDIATE", table.count_in_immediate_transactions, _DATABASE
    ONE_STATEMENT = "one UPDATE", table.count_in_one_statement, _DATABASE
    COMPARE_AND_SET = "compare and set", table.compare_and_set, _DATABASE
    LOCKED = "SELECT, UPDATE, with a lock", table.select_then_update_with_lock, _DATABASE

    def __init__(self, words, worker, resource):
        super().__init__(words, worker)
        self.resource = resource

    label = property(lambda way: f"{way.resource.value}, {way.value}")
    has_lock = property(lambda way: way in (Way.LOCKED_PIECES, Way.LOCKED_WRITES, Way.LOCKED))


# What becomes of operations, with the colour and the hatching of its bar.
_LOOKS = {
    "wanted": (style.INK, ""),
    "kept": (style.KEPT, ""),
    "lost": (style.LOST, "////"),
    "torn": (style.WAIT, "...."),
    "refused": ("#CC79A7", "xxxx"),
}
_JOURNALS = {"rollback journal": "delete", "WAL": "wal"}
_TIMEOUTS = {"5 s": 5.0, "0.05 s": 0.05, "not at all": 0.0}


@dataclass(frozen=True, kw_only=True)
class AccessSettings(Settings):
    """Settings of one access experiment. `pause_ms` lies inside each operation.

    `journal` is the database's journal mode, `timeout` the seconds that it waits where it is busy, `database` the
    path of one that is there already, "" for a fresh one.
    """

    way: Way | str = one_of(Way.PIECES, "way of access")
    processes: int = whole(4, 1, 26, "processes", slider=(1, 8))
    operations: int = whole(10, 1, 200, "operations each", slider=(1, 25))
    pause_ms: float = ms(1.0, words="pause in each", slider=(0, 10))
    journal: str = choice("delete", "journal of the database", _JOURNALS)
    timeout: float = choice(5.0, "wait where it is locked", _TIMEOUTS)
    database: str = text("", "file (empty: a new one)")

    wanted = property(lambda its: its.processes * its.operations)

    @property
    def arguments(self):
        """What the worker is given, with a fresh description of the resource."""
        made = Stream() if self.way.resource is Resource.SCREEN else LogFile()
        if self.way.resource is Resource.DATABASE:
            made = Table(journal=self.journal, timeout=self.timeout, file=self.database or None)
        lock = [Lock()] if self.way.has_lock else []
        return (made, *lock, self.operations, self.pause_ms / 1000)


def _count(word):
    return property(lambda access: access.counts[word])


@dataclass(frozen=True, repr=False)
class Access(Worded):
    """What became of every operation: kept + lost + torn + refused + never tried = wanted."""

    settings: AccessSettings
    run: lab.Run

    @property
    def counts(self):
        """The five numbers that all resources have in common, by their names.

        What was refused, the database refused: "database is locked".
        """
        account = self.run.account
        if isinstance(account, analysis.Records):
            found = *map(len, (account.kept, account.lost, account.torn)), 0
        else:
            found = account.kept_count, account.lost_count, 0, account.refused
        return dict(zip(_LOOKS, (self.settings.wanted, *found), strict=True))

    wanted, kept, lost, torn, refused = map(_count, _LOOKS)

    @property
    def is_whole(self):
        """Whether everything that was wanted was kept."""
        return self.kept == self.wanted

    @property
    def untried(self):
        """How many were not even begun, or not brought to an end, because the run was over before."""
        wanted, *others = self.counts.values()
        return wanted - sum(others)

    verdict = property(lambda its: its.run.verdict)
    notes = property(lambda its: its.run.notes)

    @property
    def sentence(self):
        say = ", ".join(f"{count} {word}" for word, count in self.counts.items())
        say = f"{self.settings.way.label}: {say}"
        if self.untried:
            say += f", {self.untried} not done"
        is_judged = self.verdict in ("correct", "lost_updates", "corrupted")
        return say if is_judged else f"{say}; {self.run.sentence}"


@AccessSettings.by_name
def run_access(settings, stop):
    """One access experiment: an Access. Keywords are those of AccessSettings; `stop` is a threading.Event.

    Raises ValueError for a `database` that cannot be used.
    """
    slots = 16 * settings.operations + 2048  # compare and set may try again and again
    asked = 2 * settings.wanted * settings.pause_ms / 1000  # lines in pieces pause twice
    how = {"asked": asked, "slots": slots, "stop": stop}
    return Access(settings, settings.run(settings.worker, *settings.arguments, **how))


@dataclass(frozen=True, repr=False)
class AccessTable(Worded):
    """All ways of access to one resource, one Access each."""

    resource: Resource
    found: tuple[Access, ...]

    def __str__(self):
        return f"{counted(len(self.found), 'way')} of access: {self.resource.value}"


def compare_access(resource, **settings):
    """Each way of access to `resource`, run once: an AccessTable. Other keywords are those of AccessSettings."""
    resource = check.member("resource", resource, Resource)
    found = [run_access(way=way, **settings) for way in resource.ways]
    return AccessTable(resource, tuple(found))


def _alt(access):
    return f"Bar chart of {counted(access.wanted, 'operation')}. {access}."


@picture(Access, _alt, 2.25, (0.085, 0.21, 0.9, 0.745))
def plot_access(ax, access):
    """Five bars: operations wanted, kept, lost, torn and refused."""
    plot_counts(ax, access.counts, _LOOKS, access.wanted, "operations")


@below(Access)
def access_lines(access):
    """What stands in the resource in the end as HTML: the first lines, or updates, and whose they are."""
    heading = f"What the processes did to the {access.settings.way.resource.value}"
    return contents_table(access.run.account, heading)


@below(AccessTable)
def access_table(table):
    """One row for each way of access, one column for each count, as HTML."""
    rows = []
    for one in table.found:
        way = style.marked(one.settings.way.value, one.is_whole)
        rows.append([way, *map(str, one.counts.values())])
    return html_table(["way of access", *_LOOKS], rows, label=str(table))


class AccessPanel(ExperimentPanel):
    """Choices and sliders that run the access experiment anew on every move. `value` is the latest result.

    Keywords set the first values of the controls, by their names in AccessSettings.
    Raises TypeError or ValueError for a value that no control can show; a `deadline` holds for every run.
    """

    call = staticmethod(run_access)
    in_sight = ("way", "processes", "operations", "pause_ms")
    history_words = "operations kept; dashed: wanted"

    def _run(self, stop):
        try:
            super()._run(stop)
        except ValueError as error:  # a database that cannot be used
            self.screen.clear()
            self.screen.say(str(error), "crashed")

    def _outcome(self, access, settings):
        return access.kept, access.wanted, "correct" if access.is_whole else "lost_updates"


# ---- a program beside ours that takes part in no lock of ours


@dataclass(frozen=True, repr=False)
class Beside(Worded):
    """Processes that counted in one way, and a program beside them that added by single UPDATEs.

    `added` is what the program added, `wanted` what the number should say in the end.
    """

    way: Way
    run: lab.Run
    added: int
    wanted: int

    @property
    def found(self):
        """What the number says in the end."""
        return self.run.account.observed

    @property
    def lost(self):
        """How many additions the number does not hold, whoever made them, and nobody was warned."""
        return self.wanted - self.run.account.refused - self.found

    def __str__(self):
        if self.run.verdict not in ("correct", "lost_updates"):
            return f"{self.run.sentence} ({self.run.processes[-1]} is the program beside them)"
        lost = f"{self.lost} lost" if self.lost else "nothing lost"
        refused = self.run.account.refused
        lost += f", {refused} refused" if refused else ""
        both = f"{self.wanted - self.added} added by our processes and {self.added} by the program beside them"
        return f"{self.way.value}: {both}, the database says {self.found}: {lost}"


def run_beside_program(way, added=50, **settings):
    """Count in the database in one `way` while a program that was started on its own adds to it: a Beside.

    Other keywords are those of AccessSettings; `processes` is 3 if not given. Raises TypeError or ValueError for
    what cannot be run.
    """
    check.whole("added", added, 1, 1000)
    settings = AccessSettings(way=way, **{"processes": 3, **settings})
    if settings.way not in Resource.DATABASE.ways:
        raise ValueError(f"way={settings.way.value!r}: choose a way to use the database")
    processes = check.whole("processes", settings.processes, 1, len(lab.LETTERS) - 1)
    args = settings.arguments
    ours = table.once_it_grows, (args[0], settings.worker, *args[1:])
    other = table.add_by_program, (args[0], str(PROGRAMS / "add_to_database.py"), added)
    asked = (settings.wanted * settings.pause_ms + 2 * added) / 1000 + 5  # the program has to start
    run = settings.run(team=[*[ours] * processes, other], asked=asked)
    return Beside(settings.way, run, added, settings.wanted + added)


# ---- challenges


def _two(way, kind):
    return lambda: [(way.worker, (kind(), 1, 0))] * 2


def _all_torn(walk):
    return walk.is_over and walk.values["log"].startswith("0 kept")


declare(
    {
        "SELECT, then UPDATE": (_two(Way.SELECT_UPDATE, Table), ends_with(1, "database")),
        "two transactions in each other's way": (_two(Way.DEFERRED, Table), ends_as("deadlock")),
        "two writes for one record": (_two(Way.TWO_WRITES, LogFile), _all_torn),
    }
)
