"""A number in an SQLite database, that several processes select and update."""

import os
import stat
from contextlib import closing, contextmanager, suppress
from typing import NamedTuple

from helpers import events
from helpers.resources.files import Shared, checked_whole

_JOURNALS = ("delete", "wal")
_BEGINS = ("DEFERRED", "IMMEDIATE")
_BUSY = 5  # SQLITE_BUSY: somebody else has a lock that is in the way, and may let it go
NAME = "course_number"  # the table in the database
_PATIENCE = 1.0  # seconds that the course itself waits where the database is busy
_WHY = {
    "SQLITE_BUSY": "somebody else has locked it: end that program, or choose another file",
    "SQLITE_READONLY": "it cannot be written: choose another file, or make this one writable",
    "SQLITE_NOTADB": "it is no SQLite database: choose another file",
}


class Change(NamedTuple):
    """What an `add` or a `swap` asks for: the amount and its limit, or the number that is expected and the new one."""

    number: int
    other: int | None = None

    def __str__(self):
        return f"{self.number:+}" if self.other is None else f"{self.number}, {self.other}"


class Table(Shared):
    """One number in a table of a real SQLite database. Beside it stands the id of the update that left it there.

    `journal` is SQLite's journal mode, "delete" (a rollback journal) or "wal". Who finds the database
    busy waits up to `timeout` seconds, and gets sqlite3.OperationalError then: "database is locked". In a
    stepped run and in the model it has to wait as for a lock. `file` names a database that is there
    already: it gets a table for the time of the run. Outside a run, `path` says which one to use.
    """

    kind = "updates"
    suffix = "db"
    ending = ("commit", "rollback")

    def __init__(
        self, name="database", start=0, journal="delete", timeout=5.0, file=None, path=None
    ):
        if journal not in _JOURNALS:
            raise ValueError(f'journal={journal!r}: choose "delete" or "wal"')
        if not 0 <= timeout <= 600:
            raise ValueError(f"timeout={timeout!r}: choose 0 to 600 seconds")
        super().__init__(name, path)
        self.start = checked_whole("start", start)
        self.journal, self.timeout = journal, timeout
        self._file = file and os.path.abspath(file)
        self._connection = None
        self._is_patient = True

    # ---- what a worker calls: one step each

    def select(self):
        """The number: SELECT number."""
        return events.hearer.step(self, "read")

    def update(self, number):
        """UPDATE ... SET number = `number`. Raises TypeError for what is no whole number."""
        events.hearer.step(self, "write", checked_whole("number", number))

    def add(self, amount, at_least=None):
        """UPDATE ... SET number = number + `amount`, in one statement: True.

        With `at_least` only WHERE that many stay: False, and nothing is changed, where they would not.
        """
        checked_whole("amount", amount)
        limit = at_least if at_least is None else checked_whole("at_least", at_least)
        return events.hearer.step(self, "add", Change(amount, limit))

    def update_where(self, expected, number):
        """UPDATE ... SET number = `number` WHERE number = `expected`: whether it was."""
        change = Change(checked_whole("expected", expected), checked_whole("number", number))
        return events.hearer.step(self, "swap", change)

    def begin(self, kind="DEFERRED"):
        """BEGIN DEFERRED, which takes no lock yet, or BEGIN IMMEDIATE, which takes the one for writing."""
        if kind not in _BEGINS:
            raise ValueError(f'kind={kind!r}: choose "DEFERRED" or "IMMEDIATE"')
        events.hearer.step(self, "begin", kind)

    def commit(self):
        """COMMIT: what the transaction has written is there for all."""
        events.hearer.step(self, "commit")

    def rollback(self):
        """ROLLBACK: what the transaction has written never was."""
        events.hearer.step(self, "rollback")

    @contextmanager
    def transaction(self, kind="DEFERRED"):
        """A transaction around the lines of a `with`: committed at their end, rolled back after an exception."""
        self.begin(kind)
        try:
            yield
            self.commit()
        except BaseException:
            self.rollback()
            raise

    # ---- in the model: the rollback journal's locks

    def model_start(self):
        if self.journal == "wal":
            raise ValueError('journal="wal": the model knows the rollback journal only ("delete")')
        return _State(self.start, None, None, frozenset(), frozenset())

    def model(self, state, me, op, arg):
        return _MODEL[op](state, me, arg)

    def model_value(self, state):
        """The number that all can see."""
        return state.number

    def renamed(self, state, places):
        return state._replace(
            writer=None if state.writer is None else places[state.writer],
            readers=frozenset(places[me] for me in state.readers),
            begun=frozenset(places[me] for me in state.begun),
        )

    def text_start(self):
        """The text before the first step, and those that processes have not committed: a pair."""
        return events.stamp("-", 0, self.start), ()

    def told(self, texts, op, arg, process, count):
        """What `process` sees or leaves by `op`, its `count`th change, where `texts` stood; and those after."""
        text, open_texts = texts[0], dict(texts[1])
        before, seen = open_texts.get(process) or text, ""
        if op == "begin":
            open_texts[process] = ""
        elif op == "rollback":
            del open_texts[process]
        elif op == "commit":
            text = open_texts.pop(process) or text
        elif op == "read":
            seen = before
        else:
            written = events.stamp(process, count, _number_after(op, arg, before))
            seen = written if op == "write" else f"{written}<{before}"
            if process in open_texts:
                open_texts[process] = written
            else:
                text = written
        return seen, (text, tuple(open_texts.items()))

    def final_text(self, texts):
        return texts[0]

    def left(self, state, me):
        """What a process has not committed goes with it."""
        return _without(state, me)

    # ---- for real

    def do(self, op, arg):
        if op in self.ending:
            self._execute(op.upper())
            return None, ""
        return getattr(self, f"_do_{op}")(arg)

    def attempt(self, op, arg):
        import sqlite3

        self._is_patient = False
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
        stamp = self._stamp()
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
            self._stamp(),
        )
        return (True, rows[0][0]) if rows else (False, "")

    def _do_begin(self, kind):
        self._execute(f"BEGIN {kind}")
        return None, ""

    def _stamp(self):
        return self.stamped("").rstrip()

    def _execute(self, statement, *values):
        """All rows that a statement gives; each process has a connection of its own, made when first used."""
        if self._connection is None:
            self._connection = self._connect(self.timeout if self._is_patient else 0)
        return self._connection.execute(statement.format(NAME), values).fetchall()

    def _connect(self, timeout):
        import sqlite3  # only those who use it pay for it

        connection = sqlite3.connect(self.path, timeout=timeout, isolation_level=None)
        try:  # the experiment need not survive a power cut
            connection.execute("PRAGMA synchronous = OFF")
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def enter(self, folder):
        self.leave()
        super().enter(folder)
        self._path = self._file or self._path
        self._is_patient = True

    def leave(self):
        if self._connection is not None:
            self._connection.close()  # what was not committed is rolled back
            self._connection = None

    def prepare(self):
        """Make the table, with the start number in it. Raises ValueError for a file that cannot be used."""
        if self._file:
            _check_file(self._file)
        with self._said_clearly(), closing(self._connect(_PATIENCE)) as connection:
            connection.execute(f"PRAGMA journal_mode = {self.journal}")
            connection.execute(f"DROP TABLE IF EXISTS {NAME}")
            connection.execute(f"CREATE TABLE {NAME} (number INTEGER, stamp TEXT, origin TEXT)")
            row = self.start, events.START_ID
            connection.execute(f"INSERT INTO {NAME} VALUES (?, ?, NULL)", row)

    def content(self):
        """The text of the number that stands there in the end; empty where it cannot be read."""
        import sqlite3

        with suppress(sqlite3.Error), closing(self._connect(_PATIENCE)) as connection:
            rows = connection.execute(f"SELECT stamp || ' ' || number FROM {NAME}").fetchall()
            return rows[0][0]
        return ""

    def clear(self):
        """Take the table out of a database that was there before the run."""
        import sqlite3

        if self._file:
            with suppress(sqlite3.Error), closing(self._connect(_PATIENCE)) as connection:
                connection.execute(f"DROP TABLE IF EXISTS {NAME}")

    @contextmanager
    def _said_clearly(self):
        import sqlite3

        try:
            yield
        except sqlite3.DatabaseError as error:
            if self._file is None:
                raise
            why = _WHY.get(error.sqlite_errorname, f"SQLite says: {error}")
            raise ValueError(f"file={self._file!r}: {why}") from None

    def judge(self, account):
        """Verdict and sentence for an `analysis.Account` of this number's updates."""
        updates = events.counted(account.total, "update")
        writers = events.counted(account.writers, "process")
        say = f"{updates} by {writers}, the database says {account.observed}"
        refused = f"; {account.refused} refused: database is locked" if account.refused else ""
        if account.lost_count:
            return "lost_updates", f"{say}: {account.lost_count} lost{refused}"
        return "correct", f"{say}: no update lost{refused}"


def _check_file(path):
    """Raises ValueError where `path` is no file that can be written: SQLite would make one."""
    if not os.path.isfile(path):
        raise ValueError(f"file={path!r}: there is no such file; without `file` a new one is made")
    if not (os.access(path, os.W_OK) and os.stat(path).st_mode & stat.S_IWRITE):
        raise ValueError(f"file={path!r}: {_WHY['SQLITE_READONLY']}")


def _number_after(op, arg, before):
    """The number that a change leaves where the text `before` stood."""
    if op == "add":
        return events.split_stamp(before)[1] + arg.number
    return arg.other if op == "swap" else arg


class _State(NamedTuple):
    """The locks of a database with a rollback journal, and its number.

    `number` is what all can see, `pending` what `writer` has written and not committed, or None. `begun` are
    the processes in a transaction, `readers` those of them that have read or written: while they are in, nobody
    else's change can be committed.
    """

    number: int
    writer: int | None
    pending: int | None
    readers: frozenset
    begun: frozenset


def _model_read(state, me, _):
    if me in state.begun:
        state = state._replace(readers=state.readers | {me})
    return state, _seen(state, me)


def _model_write(state, me, number):
    if state.writer not in (None, me):
        return events.BLOCKED
    if me in state.begun:
        return state._replace(writer=me, pending=number, readers=state.readers | {me}), None
    return events.BLOCKED if state.readers else (state._replace(number=number), None)


def _model_add(state, me, change):
    number = _seen(state, me) + change.number
    return _changed(state, me, number, change.other is None or number >= change.other)


def _model_swap(state, me, change):
    return _changed(state, me, change.other, _seen(state, me) == change.number)


def _changed(state, me, number, is_found):
    """An UPDATE that finds its row or not: also one that does not takes the locks for writing."""
    done = _model_write(state, me, number if is_found else _seen(state, me))
    return done if done is events.BLOCKED else (done[0], is_found)


def _model_begin(state, me, kind):
    if me in state.begun:
        raise _refusal("cannot start a transaction within a transaction")
    begun = state._replace(begun=state.begun | {me})
    if kind == "DEFERRED":
        return begun, None
    if state.writer is not None:
        return events.BLOCKED
    return begun._replace(writer=me, readers=state.readers | {me}), None


def _model_commit(state, me, _):
    if me not in state.begun:
        raise _refusal("cannot commit - no transaction is active")
    if state.writer != me:
        return _without(state, me), None
    if state.readers - {me}:  # SQLite asks for that even where nothing was changed
        return events.BLOCKED
    return _without(state._replace(number=_seen(state, me)), me), None


def _model_rollback(state, me, _):
    if me not in state.begun:
        raise _refusal("cannot rollback - no transaction is active")
    return _without(state, me), None


_MODEL = {
    "read": _model_read,
    "write": _model_write,
    "add": _model_add,
    "swap": _model_swap,
    "begin": _model_begin,
    "commit": _model_commit,
    "rollback": _model_rollback,
}


def _seen(state, me):
    """The number that process `me` sees: its own one, if it has written in this transaction."""
    return state.pending if state.writer == me and state.pending is not None else state.number


def _without(state, me):
    """`state` after the transaction of `me` has ended."""
    if state.writer == me:
        state = state._replace(writer=None, pending=None)
    return state._replace(readers=state.readers - {me}, begun=state.begun - {me})


def _refusal(text):
    import sqlite3

    return sqlite3.OperationalError(text)
