"""A number in an SQLite database, that several processes select and update."""

import os
import stat
from collections import namedtuple
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from helpers import events
from helpers.events import Any
from helpers.resources.shared_files import Shared, check_choice, checked_whole, what_it_says

_BUSY = 5  # SQLITE_BUSY: somebody else has a lock that is in the way, and may let it go
NAME = "course_number"  # the table in the database
_PATIENCE = 1.0  # seconds that the course itself waits where the database is busy


class Change(namedtuple("Change", "number other")):
    """What an `add` or a `swap` asks for: the amount and its limit or None, or the number that is expected and the new one."""

    def __str__(self):
        return f"{self.number:+}" if self.other is None else f"{self.number}, {self.other}"


class Table(Shared):
    """One number in a table of a real SQLite database. Beside it stands the id of the update that left it there.

    `journal` is SQLite's journal mode, "delete" (a rollback journal) or "wal". Whoever finds the database
    busy waits up to `timeout` seconds, and then gets sqlite3.OperationalError: "database is locked". In a
    stepped run and in the model it has to wait as for a lock. `file` names a database that is there
    already: it gets a table for the time of the run. Outside a run, `path` says which one to use.
    """

    suffix = "db"

    def __init__(
        self, name="database", start=0, journal="delete", timeout=5.0, file=None, path=None
    ):
        check_choice("journal", journal, ("delete", "wal"))
        if not 0 <= timeout <= 600:
            raise ValueError(f"timeout={timeout!r}: choose 0 to 600 seconds")
        super().__init__(name, path)
        self.start = checked_whole("start", start)
        self.journal, self.timeout = journal, timeout
        self._file = file and os.path.abspath(file)
        self._connection = None

    def select(self) -> int:
        """The number: SELECT number."""
        return events.observer.step(self, "read")

    def update(self, number: int) -> None:
        """UPDATE ... SET number = `number`. Raises TypeError for what is no whole number."""
        events.observer.step(self, "write", checked_whole("number", number))

    def add(self, amount: int, at_least: int | None = None) -> bool:
        """UPDATE ... SET number = number + `amount`, in one statement: True.

        With `at_least` only WHERE that many stay: False, and nothing is changed, where they would not.
        """
        checked_whole("amount", amount)
        limit = at_least if at_least is None else checked_whole("at_least", at_least)
        return events.observer.step(self, "add", Change(amount, limit))

    def update_where(self, expected: int, number: int) -> bool:
        """UPDATE ... SET number = `number` WHERE number = `expected`: whether it was."""
        change = Change(checked_whole("expected", expected), checked_whole("number", number))
        return events.observer.step(self, "swap", change)

    def begin(self, kind: str = "DEFERRED") -> None:
        """BEGIN DEFERRED, which takes no lock yet, or BEGIN IMMEDIATE, which takes the one for writing."""
        check_choice("kind", kind, ("DEFERRED", "IMMEDIATE"))
        events.observer.step(self, "begin", kind)

    def commit(self) -> None:
        """COMMIT: what the transaction has written is there for all."""
        events.observer.step(self, "commit")

    def rollback(self) -> None:
        """ROLLBACK: what the transaction has written never was."""
        events.observer.step(self, "rollback")

    @contextmanager
    def transaction(self, kind: str = "DEFERRED") -> Iterator[None]:
        """A transaction around the lines of a `with`: committed at their end, rolled back after an exception."""
        self.begin(kind)
        try:
            yield
            self.commit()
        except BaseException:
            self.rollback()
            raise

    def model_start(self) -> Any:
        if self.journal == "wal":
            raise ValueError('journal="wal": the model knows the rollback journal only ("delete")')
        return _Locks(self.start, None, None, frozenset(), frozenset())

    def model(self, state: Any, me: int, op: str, arg: Any) -> Any:
        """The locks after the step of process `me`, and what it gives; BLOCKED where it has to wait."""
        is_change = op in events.WRITING
        return state.change(me, op, arg) if is_change else getattr(state, op)(me, arg)

    def model_value(self, state: Any) -> int:
        return state.number

    def renamed(self, state: Any, places: list[int]) -> Any:
        writer = None if state.writer is None else places[state.writer]
        readers = frozenset(places[me] for me in state.readers)
        begun = frozenset(places[me] for me in state.begun)
        return state._replace(writer=writer, readers=readers, begun=begun)

    def text_start(self) -> Any:
        """The locks before the first step, with the text in the place of the number."""
        return _Locks(super().text_start(), None, None, frozenset(), frozenset())

    def reported(self, text: Any, op: str, arg: Any, process: str, count: int) -> tuple[str, Any]:
        """What `process` sees or leaves by `op`, its `count`th change, where the locks and texts were `text`; and those after."""
        if op not in events.WRITING:
            text, seen = getattr(text, op)(process, arg)
            return seen or "", text
        before = text.seen_by(process)
        number, _ = _after(op, arg, events.split_stamp(before)[1])
        written = events.stamp(process, count, number)
        seen = written if op == "write" else f"{written}<{before}"
        return seen, text.with_number(process, written)

    def final_text(self, text: Any) -> str:
        return text.number

    def left(self, state: Any, me: int) -> Any:
        """What a process has not committed goes with it."""
        return state.without(me)

    def do(self, op: str, arg: Any) -> tuple[Any, str]:
        if op in ("begin", "commit", "rollback"):
            self._execute(f"{op.upper()} {arg or ''}")
            return None, ""
        return getattr(self, f"_do_{op}")(arg)

    def attempt(self, op: str, arg: Any) -> Any:
        import sqlite3  # only those who use it pay for it

        try:
            return self.do(op, arg)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == _BUSY:
                return events.BLOCKED
            raise

    def _do_read(self, _):
        (stamp, number), *_ = self._execute("SELECT stamp, number FROM {}")
        return number, f"{stamp} {number}"

    def _do_write(self, number):
        stamp = self.stamped("").rstrip()
        self._execute("UPDATE {} SET number = ?, stamp = ?, origin = NULL", number, stamp)
        return None, f"{stamp} {number}"

    def _do_add(self, change):
        limit = "" if change.other is None else f" WHERE number + {change.number} >= {change.other}"
        return self._changed(f"number + {change.number}", limit)

    def _do_swap(self, change):
        return self._changed(f"{change.other}", f" WHERE number = {change.number}")

    def _changed(self, number, where):
        """One UPDATE that reads and writes: whether it found its row; what it read is kept beside it."""
        rows = self._execute(
            f"UPDATE {{}} SET origin = stamp || ' ' || number, number = {number}, stamp = ?"
            f"{where} RETURNING stamp || ' ' || number || '<' || origin",
            self.stamped("").rstrip(),
        )
        return (True, rows[0][0]) if rows else (False, "")

    def _execute(self, statement, *values):
        """All rows that a statement gives; each process has a connection of its own, made when first used."""
        if self._connection is None:
            has_turns = events.observer.take_turn is not None
            self._connection = self._connect(0 if has_turns else self.timeout)
        return self._connection.execute(statement.format(NAME), values).fetchall()

    def _connect(self, timeout):
        import sqlite3

        connection = sqlite3.connect(self.path, timeout=timeout, isolation_level=None)
        try:  # the experiment need not survive a power cut
            connection.execute("PRAGMA synchronous = OFF")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def enter(self, folder: str) -> None:
        super().enter(folder)
        self._path = self._file or self._path

    def leave(self) -> None:
        if self._connection is not None:
            self._connection.close()  # what was not committed is rolled back
            self._connection = None

    def prepare(self) -> None:
        """Make the table, with the start number in it. Raises ValueError for a file that cannot be used."""
        import sqlite3

        if self._file:
            _check_writable(self._file)
        try:
            with closing(self._connect(_PATIENCE)) as connection:
                connection.execute(f"PRAGMA journal_mode = {self.journal}")
                connection.execute(f"DROP TABLE IF EXISTS {NAME}")
                connection.execute(f"CREATE TABLE {NAME} (number INTEGER, stamp TEXT, origin TEXT)")
                row = self.start, events.START_ID
                connection.execute(f"INSERT INTO {NAME} VALUES (?, ?, NULL)", row)
        except sqlite3.DatabaseError as error:
            if self._file is None:
                raise
            raise ValueError(
                f"file={self._file!r}: SQLite says: {error}; choose another file"
            ) from None

    def content(self) -> str:
        """The text of the number that stands there in the end; empty where it cannot be read."""
        rows = self._rows_if_any("SELECT stamp || ' ' || number FROM {}")
        return rows[0][0] if rows else ""

    def clear(self) -> None:
        """Take the table out of a database that was there before the run."""
        if self._file:
            self._rows_if_any("DROP TABLE IF EXISTS {}")

    def _rows_if_any(self, statement):
        """The rows that a statement gives on a connection of its own; none where SQLite refuses it."""
        import sqlite3

        with suppress(sqlite3.Error), closing(self._connect(_PATIENCE)) as connection:
            return connection.execute(statement.format(NAME)).fetchall()
        return []

    def judge(self, account: Any) -> tuple[str, str]:
        """Verdict and sentence for an `analysis.Account` of this number's updates."""
        say = what_it_says(account, "database")
        refused = f"; {account.refused} refused: database is locked" if account.refused else ""
        if account.lost_count:
            return "lost_updates", f"{say}: {account.lost_count} lost{refused}"
        return "correct", f"{say}: {account.none_lost}{refused}"


def _check_writable(path: str) -> None:
    """Raises ValueError where `path` is no file that can be written: SQLite would make one."""
    if not os.path.isfile(path):
        raise ValueError(f"file={path!r}: there is no such file; without `file` a new one is made")
    if not (os.access(path, os.W_OK) and os.stat(path).st_mode & stat.S_IWRITE):
        raise ValueError(
            f"file={path!r}: it cannot be written: choose another file, or make this one writable"
        )


def _after(op, arg, number):
    """The number after a change where `number` was, and whether the change found its row; None for a plain write."""
    if op == "write":
        return arg, None
    after, is_found = arg.other, number == arg.number
    if op == "add":
        after = number + arg.number
        is_found = arg.other is None or after >= arg.other
    return (after if is_found else number), is_found


class _Locks(namedtuple("_Locks", "number writer pending readers begun")):
    """The locks of a database with a rollback journal, and its number: the state in the model.

    `number` is what all can see, `pending` what `writer` has written and not committed, or None; in a walk, texts of such
    numbers stand there. `begun` are the processes in a transaction, `readers` those of them that have read or written:
    while they are in, nobody else's change can be committed. Each operation gives the state after it and its result, or BLOCKED.
    """

    __slots__ = ()

    def read(self, me, _):
        return self._replace(readers=self.readers | self.begun & {me}), self.seen_by(me)

    def change(self, me, op, arg):
        """An UPDATE: also one that does not find its row takes the locks for writing."""
        number, result = _after(op, arg, self.seen_by(me))
        if self.writer not in (None, me) or (self.readers and me not in self.begun):
            return events.BLOCKED
        return self.with_number(me, number), result

    def with_number(self, me, number):
        """The state after `me` has put `number` there; in a transaction, for itself at first."""
        if me not in self.begun:
            return self._replace(number=number)
        return self._replace(writer=me, pending=number, readers=self.readers | {me})

    def begin(self, me, kind):
        _refuse_if(me in self.begun, "cannot start a transaction within a transaction")
        begun = self._replace(begun=self.begun | {me})
        if kind == "DEFERRED":
            return begun, None
        if self.writer is not None:
            return events.BLOCKED
        return begun._replace(writer=me, readers=self.readers | {me}), None

    def commit(self, me, _):
        _refuse_if(me not in self.begun, "cannot commit - no transaction is active")
        # SQLite asks for that even where nothing was changed.
        if self.writer == me and self.readers - {me}:
            return events.BLOCKED
        return self._replace(number=self.seen_by(me)).without(me), None

    def rollback(self, me, _):
        _refuse_if(me not in self.begun, "cannot rollback - no transaction is active")
        return self.without(me), None

    def without(self, me):
        """The state after the transaction of `me` has ended."""
        left = self._replace(readers=self.readers - {me}, begun=self.begun - {me})
        return left._replace(writer=None, pending=None) if self.writer == me else left

    def seen_by(self, me):
        """The number that process `me` sees: its own one, if it has written in this transaction."""
        return self.number if self.writer != me or self.pending is None else self.pending


def _refuse_if(is_wrong, text):
    import sqlite3

    if is_wrong:
        raise sqlite3.OperationalError(text)
