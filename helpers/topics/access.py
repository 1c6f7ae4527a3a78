"""One bug on three resources: lines on a screen, records in a log file, a number in a database."""

import html
from dataclasses import dataclass
from enum import Enum

from helpers import analysis, lab
from helpers.events import counted, split_stamp
from helpers.lab import check
from helpers.lab.settings import Settings, choice, ms, one_of, text, whole
from helpers.lab.trials import Repeated
from helpers.panels.challenge import declare
from helpers.panels.experiment import ExperimentPanel
from helpers.pictures import style
from helpers.pictures.charts import plot_counts
from helpers.pictures.declared import below, image, picture
from helpers.pictures.step_table import html_table
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
    journal: str = choice(
        "delete", "journal of the database", {"rollback journal": "delete", "WAL": "wal"}
    )
    timeout: float = choice(
        5.0, "wait where it is locked", {"5 s": 5.0, "0.05 s": 0.05, "not at all": 0.0}
    )
    database: str = text("", "file (empty: a new one)")

    def __post_init__(self):
        super().__post_init__()
        ways = self.resource.ways
        if self.way is None:
            object.__setattr__(self, "way", ways[0])
        elif self.way not in ways:
            words = ", ".join(repr(known.value) for known in ways)
            raise ValueError(
                f"way={self.way.value!r} is none of the {self.resource.value}: choose {words}"
            )

    @property
    def asked(self):
        """Seconds of all pauses: lines in pieces pause twice."""
        return 2 * self.wanted * self.pause_ms / 1000

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


@AccessSettings.by_name
def run_access(settings, stop):
    """One access experiment: an Access. Keywords are those of AccessSettings; `stop` is a threading.Event.

    Raises ValueError for a `database` that cannot be used.
    """
    slots = 16 * settings.operations + 2048  # compare and set may try again and again
    run = settings.run(settings.worker, *settings.arguments, stop=stop, slots=slots)
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
    return AccessTrials.of(count, run_access.of, AccessSettings(**settings), progress, stop)


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


_LOOKS = {
    "wanted": (style.INK, ""),
    "kept": (style.KEPT, ""),
    "lost": (style.LOST, "////"),
    "torn": (style.WAIT, "...."),
    "refused": ("#CC79A7", "xxxx"),
}
_MOST_LINES = 12
_MOST_PIECES = 10
# One pale ground for each process; its letter stands there too.
_GROUNDS = ("#CFE3F1", "#FBE0C3", "#CDE9DF", "#F5DDEA", "#FAF6C8", "#DDEFFA", "#F3D5C8", "#E2E2E2")
_CELL = "padding: 0.1em 0.7em 0.1em 0; text-align: left; white-space: nowrap; background: white; color: #222"


@picture(
    Access,
    height=2.5,
    places=(0.085, 0.19, 0.9, 0.67),
    alt=lambda access: f"Bar chart of {counted(access.wanted, 'operation')}. {access}.",
)
def plot_access(ax, access):
    """Five bars: operations wanted, kept, lost, torn and refused."""
    colour = style.verdict_colour("correct" if _is_whole(access) else "lost")
    plot_counts(ax, access.counts, _LOOKS, access.wanted, "operations")
    style.title(ax, _title(access), colour)


@below(Access)
def access_lines(access):
    """What stands in the resource in the end as HTML: the first lines, or updates, and whose they are."""
    if isinstance(access.account, analysis.Records):
        rows = [_line_row(*line) for line in access.account.lines]
        place = (
            "on the screen" if access.settings.resource is Resource.SCREEN else "in the log file"
        )
        heading = f"What stands {place} in the end"
    else:
        rows = [_update_row(update, access.account) for update in access.account.updates]
        heading = "What the processes did to the number"
    left = len(rows) - _MOST_LINES
    more = f'<tr><td colspan="2" style="{_CELL}">... and {left} more</td></tr>' if left > 0 else ""
    return (
        f'<div style="overflow-x: auto"><table style="border-collapse: collapse; font-family: monospace">'
        f'<caption style="text-align: left; white-space: nowrap">{html.escape(heading)}</caption>'
        f"{''.join(rows[:_MOST_LINES])}{more}</table></div>"
    )


@below(AccessTable)
def access_table(table):
    """One row for each way of access, one column for each count, as HTML."""
    rows = [[_marked(access), *map(str, access.counts.values())] for access in table.found]
    return html_table(["way of access", *table.found[0].counts], rows, label=str(table))


def _title(access):
    settings = access.settings
    say = f"{settings.resource.value}, {settings.way.value}: {access.kept} of {access.wanted} kept"
    return say if not access.untried else f"{say}, {access.untried} not done"


def _is_whole(access):
    return access.kept == access.wanted


def _marked(access):
    """The way, with a mark and a colour for whether all was kept."""
    mark, colour = ("✓", style.GOOD) if _is_whole(access) else ("✗", style.LOST)
    return f"{mark} {access.settings.way.value}", colour


def _line_row(pieces, is_whole):
    shown = "".join(_piece(process, text) for process, text in pieces[:_MOST_PIECES])
    left = len(pieces) - _MOST_PIECES
    shown += f" ... and {counted(left, 'piece')} more" if left > 0 else ""
    return _row("whole" if is_whole else "damaged", is_whole, shown)


def _piece(process, text):
    text = html.escape(text.rstrip("\n").replace("\0", "·")).replace(" ", "&nbsp;")
    return f'<span style="background: {_ground(process)}; margin-right: 2px"><b>{process or "?"}</b>&nbsp;{text}</span>'


def _update_row(update, account):
    is_kept = update not in account.lost
    number = split_stamp(update.origin)[1]
    shown = _piece(update.process, f"found {number}, left {update.value}")
    return _row("kept" if is_kept else "lost", is_kept, shown)


def _row(word, is_good, shown):
    mark, colour = ("✓", style.GOOD) if is_good else ("✗", style.LOST)
    return f'<tr><td style="{_CELL}; color: {colour}">{mark} {word}</td><td style="{_CELL}">{shown}</td></tr>'


def _ground(process):
    return _GROUNDS[(ord(process) - ord("A")) % len(_GROUNDS)] if process else "#FFFFFF"


class AccessPanel(ExperimentPanel):
    """Choices and sliders that run the access experiment anew on every move. `value` is the latest result.

    Keywords set where the controls stand at first, by their names in AccessSettings.
    Raises TypeError or ValueError for what no control can show; a `deadline` holds for every run.
    """

    settings_class = AccessSettings
    call = staticmethod(run_access)
    repeat_call = staticmethod(repeat_access)
    in_sight = ("resource", "way", "processes", "operations", "pause_ms")
    history_words = "operations kept; dashed: wanted"

    def _make_controls(self, first):
        controls = super()._make_controls(first)
        controls["way"].options = _ways(first.resource)
        controls["way"].value = first.way
        return controls

    @property
    def settings(self):
        told = super().settings
        ways = told["resource"].ways  # the dropdown may lag behind for a moment
        return {**told, "way": told["way"] if told["way"] in ways else ways[0]}

    def run(self):
        """Run once in the background, with a way that the resource has; the latest call wins."""
        way, ways = self._controls["way"], _ways(self._controls["resource"].value)
        if way.options == tuple(ways):
            super().run()
        else:
            way.options = ways  # the way changes, and that runs it

    def _run(self, stop, **more):
        try:
            super()._run(stop, **more)
        except ValueError as error:  # a database that cannot be used
            self._screen.clear()
            self._screen.say(str(error), "crashed")

    def _outcome(self, access, settings):
        return (
            access.kept,
            access.wanted,
            "correct" if access.kept == access.wanted else "lost_updates",
        )

    def _draw(self, access):
        self._screen.show(image(access) + access_lines(access))


def _ways(resource):
    return [(way.value, way) for way in resource.ways]


def _two(worker, thing, times):
    return lambda: [(worker, (thing(), times, 0))] * 2


def _says(number):
    return lambda walk: walk.is_over and walk.values["database"] == number


def _is_deadlock(walk):
    return bool(walk.is_over and walk.stuck and walk.stuck.circle)


def _all_torn(walk):
    return walk.is_over and walk.values["log"].startswith("0 kept")


declare(
    {
        "SELECT, then UPDATE": (_two(table.select_then_update, Table, 1), _says(1)),
        "two transactions in each other's way": (
            _two(table.count_in_deferred_transactions, Table, 1),
            _is_deadlock,
        ),
        "two writes for one record": (_two(output.log_in_two_writes, LogFile, 1), _all_torn),
    }
)
