"""One bug on three resources: lines on a screen, records in a log file, a number in a database."""

from dataclasses import dataclass
from enum import Enum

from helpers import analysis, lab
from helpers.events import counted
from helpers.lab import check
from helpers.lab.settings import Settings, WayToWork, Worded, choice, ms, one_of, text, whole
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
    LOCKED = "SELECT, then UPDATE, with a lock", table.select_then_update_with_lock, _DATABASE

    def __init__(self, words, worker, resource):
        super().__init__(words, worker)
        self.resource = resource

    @property
    def has_lock(self):
        return self in (Way.LOCKED_PIECES, Way.LOCKED_WRITES, Way.LOCKED)


_JOURNALS = {"rollback journal": "delete", "WAL": "wal"}
_TIMEOUTS = {"5 s": 5.0, "0.05 s": 0.05, "not at all": 0.0}


@dataclass(frozen=True, kw_only=True)
class AccessSettings(Settings):
    """Of one access experiment. `way` None: the careless one; `pause_ms` lies inside each operation.

    `journal` is the database's journal mode, `timeout` the seconds that it waits where it is busy, `database` the
    path of one that is there already, "" for a fresh one.
    """

    resource: Resource | str = one_of(Resource.SCREEN, "resource")
    way: Way | str | None = one_of(None, "way of access", kind=Way)
    processes: int = whole(4, 1, 26, "processes", slider=(1, 8))
    operations: int = whole(10, 1, 200, "operations each", slider=(1, 25))
    pause_ms: float = ms(1.0, words="pause in each", slider=(0, 10))
    journal: str = choice("delete", "journal of the database", _JOURNALS)
    timeout: float = choice(5.0, "wait where it is locked", _TIMEOUTS)
    database: str = text("", "file (empty: a new one)")

    def __post_init__(self):
        super().__post_init__()
        ways = self.resource.ways
        if self.way is None:
            object.__setattr__(self, "way", ways[0])
        elif self.way not in ways:
            say = f"way={self.way.value!r} is none of the {self.resource.value}"
            raise ValueError(f"{say}: choose {', '.join(repr(way.value) for way in ways)}")

    @property
    def asked(self):
        """Seconds of all pauses: lines in pieces pause twice."""
        return 2 * self.wanted * self.pause_ms / 1000

    @property
    def wanted(self):
        return self.processes * self.operations

    @property
    def arguments(self):
        """What the worker is given, with a fresh description of the resource."""
        lock = [Lock()] if self.way.has_lock else []
        return (self._made(), *lock, self.operations, self.pause_ms / 1000)

    def _made(self):
        if self.resource is Resource.DATABASE:
            return Table(journal=self.journal, timeout=self.timeout, file=self.database or None)
        return Stream() if self.resource is Resource.SCREEN else LogFile()


def _count(word):
    return property(lambda access: access.counts[word])


@dataclass(frozen=True, repr=False)
class Access(Worded):
    """What became of every operation: kept + lost + torn + refused + never tried = wanted."""

    settings: AccessSettings
    run: lab.Run

    @property
    def account(self):
        """The `analysis.Account` of a database, else the `analysis.Records`."""
        return self.run.account

    @property
    def wanted(self):
        return self.settings.wanted

    @property
    def counts(self):
        """The five numbers that all resources have in common, by their names.

        What was refused, the database refused: "database is locked".
        """
        account, words = self.account, ("wanted", "kept", "lost", "torn", "refused")
        if isinstance(account, analysis.Records):
            found = *map(len, (account.kept, account.lost, account.torn)), 0
        else:
            found = account.kept_count, account.lost_count, 0, account.refused
        return dict(zip(words, (self.wanted, *found), strict=True))

    kept, lost, torn, refused = map(_count, ("kept", "lost", "torn", "refused"))

    @property
    def untried(self):
        """How many were not even begun, or not brought to an end, because the run was over before."""
        wanted, *others = self.counts.values()
        return wanted - sum(others)

    @property
    def verdict(self):
        return self.run.verdict

    @property
    def notes(self):
        return self.run.notes

    @property
    def sentence(self):
        say = ", ".join(f"{count} {word}" for word, count in self.counts.items())
        say = f"{self.settings.resource.value}, {self.settings.way.value}: {say}"
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
    run = settings.run(settings.worker, *settings.arguments, stop=stop, slots=slots)
    return Access(settings, run)


class AccessTrials(lab.Repeated):
    """Several access experiments with the same settings."""

    @property
    def sentence(self):
        reported = f"{self.failures} of {len(self.runs)} runs lost, tore or refused something"
        return reported + self.stopped_words

    @property
    def failures(self):
        """In how many runs not everything that was wanted was kept."""
        return sum(access.kept < access.wanted for access in self.runs)


def repeat_access(count, progress=None, stop=None, **settings):
    """`count` access experiments with the same settings: AccessTrials.

    `progress(done, count)` is called after each. A set `stop` ends them and keeps what is there.
    """
    return AccessTrials.of(count, run_access.of, AccessSettings(**settings), progress, stop)


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
    found = [run_access(resource=resource, way=way, **settings) for way in resource.ways]
    return AccessTable(resource, tuple(found))
