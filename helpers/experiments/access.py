"""One bug on three resources: lines on a screen, records in a log file, a number in a database."""

from dataclasses import dataclass
from enum import Enum

from helpers import analysis, lab
from helpers.events import counted
from helpers.experiments.trials import Repeated, until_stopped
from helpers.lab import check
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


class Way(Enum):
    """How a process uses the resource."""

    PIECES = "in three pieces"
    ONE_STRING = "as one string"
    LOCKED_PIECES = "in three pieces, with a lock"
    OPENED_W = 'opened with "w"'
    TWO_WRITES = 'opened with "a", two writes'
    OPENED_A = 'opened with "a", one write'
    LOCKED_WRITES = "two writes, with a lock"
    SELECT_UPDATE = "SELECT, then UPDATE"
    DEFERRED = "BEGIN (deferred)"
    IMMEDIATE = "BEGIN IMMEDIATE"
    ONE_STATEMENT = "one UPDATE"
    COMPARE_AND_SET = "compare and set"
    LOCKED = "SELECT, then UPDATE, with a lock"

    @property
    def resource(self):
        return _WORKERS[self][0]

    @property
    def worker(self):
        """The function that each process runs, as the learner reads it."""
        return _WORKERS[self][1]

    @property
    def has_lock(self):
        return self in (Way.LOCKED_PIECES, Way.LOCKED_WRITES, Way.LOCKED)


_WORKERS = {
    Way.PIECES: (Resource.SCREEN, output.print_in_pieces),
    Way.ONE_STRING: (Resource.SCREEN, output.print_one_string),
    Way.LOCKED_PIECES: (Resource.SCREEN, output.print_in_pieces_with_lock),
    Way.OPENED_W: (Resource.LOG, output.log_opened_with_w),
    Way.TWO_WRITES: (Resource.LOG, output.log_in_two_writes),
    Way.OPENED_A: (Resource.LOG, output.log_opened_with_a),
    Way.LOCKED_WRITES: (Resource.LOG, output.log_in_two_writes_with_lock),
    Way.SELECT_UPDATE: (Resource.DATABASE, table.select_then_update),
    Way.DEFERRED: (Resource.DATABASE, table.count_in_deferred_transactions),
    Way.IMMEDIATE: (Resource.DATABASE, table.count_in_immediate_transactions),
    Way.ONE_STATEMENT: (Resource.DATABASE, table.count_in_one_statement),
    Way.COMPARE_AND_SET: (Resource.DATABASE, table.compare_and_set),
    Way.LOCKED: (Resource.DATABASE, table.select_then_update_with_lock),
}


@dataclass(frozen=True)
class AccessSettings:
    """Of one access experiment. `way` None: the careless one; `pause_ms` lies inside each operation.

    `journal` is the database's journal mode, `timeout` the seconds that it waits where it is busy, `database` the
    path of one that is there already, "" for a fresh one.
    """

    resource: Resource | str = Resource.SCREEN
    way: Way | str | None = None
    processes: int = 4
    operations: int = 10
    pause_ms: float = 1.0
    journal: str = "delete"
    timeout: float = 5.0
    database: str = ""
    start_method: str | None = None
    deadline: float | None = None

    def __post_init__(self):
        resource = check.member("resource", self.resource, Resource)
        way = resource.ways[0] if self.way is None else check.member("way", self.way, Way)
        if way not in resource.ways:
            words = ", ".join(repr(known.value) for known in resource.ways)
            raise ValueError(f"way={way.value!r} is none of the {resource.value}: choose {words}")
        object.__setattr__(self, "resource", resource)
        object.__setattr__(self, "way", way)
        check.processes(self.processes)
        check.whole("operations", self.operations, 1, 200)
        check.span("pause_ms", self.pause_ms, 0, 1000, "ms")
        check.deadline(self.deadline)

    @property
    def wanted(self):
        return self.processes * self.operations

    @property
    def worker(self):
        return self.way.worker

    @property
    def arguments(self):
        """What the worker is given, with a fresh description of the resource."""
        lock = [Lock()] if self.way.has_lock else []
        return (self._thing(), *lock, self.operations, self.pause_ms / 1000)

    def _thing(self):
        if self.resource is Resource.DATABASE:
            return Table(journal=self.journal, timeout=self.timeout, file=self.database or None)
        return Stream() if self.resource is Resource.SCREEN else LogFile()


@dataclass(frozen=True)
class Access:
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
    def kept(self):
        account = self.account
        return len(account.kept) if isinstance(account, analysis.Records) else account.kept_count

    @property
    def lost(self):
        account = self.account
        return len(account.lost) if isinstance(account, analysis.Records) else account.lost_count

    @property
    def torn(self):
        return len(self.account.torn) if isinstance(self.account, analysis.Records) else 0

    @property
    def refused(self):
        """How many operations the database refused: "database is locked"."""
        return getattr(self.account, "refused", 0)

    @property
    def untried(self):
        """How many were not even begun, or not brought to an end, because the run was over before."""
        return self.wanted - self.kept - self.lost - self.torn - self.refused

    @property
    def verdict(self):
        return self.run.verdict

    @property
    def notes(self):
        return self.run.notes

    @property
    def counts(self):
        """The five numbers that all resources have in common, by their names."""
        return {word: getattr(self, word) for word in ("wanted", "kept", "lost", "torn", "refused")}

    @property
    def sentence(self):
        say = ", ".join(f"{count} {word}" for word, count in self.counts.items())
        say = f"{self.settings.resource.value}, {self.settings.way.value}: {say}"
        if self.untried:
            say += f", {self.untried} not done"
        is_judged = self.verdict in ("correct", "lost_updates", "corrupted")
        return say if is_judged else f"{say}; {self.run.sentence}"

    def __str__(self):
        return " · ".join([self.sentence, *self.notes])

    __repr__ = __str__


def run_access(stop=None, **settings):
    """One access experiment: an Access. Keywords are those of AccessSettings; `stop` is a threading.Event.

    Raises ValueError for a `database` that cannot be used.
    """
    return _run(AccessSettings(**settings), stop)


def _run(settings, stop):
    run = lab.run(
        settings.worker,
        *settings.arguments,
        processes=settings.processes,
        start_method=settings.start_method,
        deadline=settings.deadline,
        asked=2 * settings.wanted * settings.pause_ms / 1000,  # lines in pieces pause twice
        stop=stop,
        slots=16 * settings.operations + 2048,  # compare and set may try again and again
    )
    return Access(settings, run)


class AccessTrials(Repeated):
    """Several access experiments with the same settings."""

    @property
    def sentence(self):
        done = len(self.runs)
        return f"{self.failures} of {done} runs lost, tore or refused something{self.stopped_words}"

    @property
    def failures(self):
        """In how many runs not everything that was wanted was kept."""
        return sum(access.kept < access.wanted for access in self.runs)


def repeat_access(count, progress=None, stop=None, **settings):
    """`count` access experiments with the same settings: AccessTrials.

    `progress(done, count)` is called after each. A set `stop` ends them and keeps what is there.
    """
    check.whole("count", count, 1, 10_000)
    settings = AccessSettings(**settings)
    return AccessTrials(
        settings, count, tuple(until_stopped(_run, [settings] * count, progress, stop))
    )


@dataclass(frozen=True)
class AccessTable:
    """All ways of access to one resource, one Access each."""

    resource: Resource
    found: tuple[Access, ...]

    def __str__(self):
        return f"{counted(len(self.found), 'way')} of access: {self.resource.value}"

    __repr__ = __str__


def compare_access(resource, **settings):
    """Each way of access to `resource`, run once: an AccessTable. Other keywords are those of AccessSettings."""
    resource = check.member("resource", resource, Resource)
    found = [run_access(resource=resource, way=way, **settings) for way in resource.ways]
    return AccessTable(resource, tuple(found))
