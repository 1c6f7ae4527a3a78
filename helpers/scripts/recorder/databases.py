"""SQLite: each statement that is carried out, with the tables that it reads and changes, and the transaction around it.

A transaction is a lock on its file: held from the statement that begins it, or from the first one that writes, until it is
committed or rolled back. One UPDATE reads and writes in one step.
"""

import os
import re
import sys
from functools import partial, wraps

from . import journal as log
from .journal import handed, quiet, quietly, stand_in, step, waiting

_TABLE = r"[\"'`\[]?(\w+)[\"'`\]]?"
_CHANGED = re.compile(
    rf"^\s*(?:INSERT\b.*?\bINTO|REPLACE\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM)\s+{_TABLE}",
    re.IGNORECASE | re.DOTALL,
)
_READ = re.compile(rf"\b(?:FROM|JOIN)\s+{_TABLE}", re.IGNORECASE)
_BEGIN = re.compile(r"^\s*BEGIN\b\s*(\w*)", re.IGNORECASE)
_END = re.compile(r"^\s*(?:COMMIT|END|ROLLBACK)\b(?!\s+TO)", re.IGNORECASE)
_OWN_COLUMN = re.compile(
    r"\bSET\s+(?:[^=]*=[^=]*,\s*)?(\w+)\s*=.*?\b\1\b", re.IGNORECASE | re.DOTALL
)  # what it sets, it also looks at


def sqlite3(module):
    """Record the connections that the script opens, also those of classes of its own."""
    real_connect = module.connect
    cursor, connection = (
        type("Cursor", (module.Cursor,), {}),
        type("Connection", (module.Connection,), {}),
    )
    for kind, connection_of in (
        (cursor, lambda self: self.connection),
        (connection, lambda self: self),
    ):
        log.called_like(kind, kind.__base__)
        for name in "execute", "executemany", "executescript":
            setattr(kind, name, _executing(getattr(kind, name), connection_of))
    for name in "commit", "rollback", "__exit__", "close":
        setattr(connection, name, _ending(getattr(connection, name)))
    connection.__init__ = _opening(connection.__init__)
    connection.cursor = _with_cursor(connection.cursor, cursor)

    @stand_in(real_connect)
    def connect(*args, **kwargs):
        if len(args) < 6:
            kwargs.setdefault("factory", connection)
        return real_connect(*args, **kwargs)

    for name in "sqlite3", "sqlite3.dbapi2", "_sqlite3":
        sys.modules[name].connect, sys.modules[name].Connection, sys.modules[name].Cursor = (
            connect,
            connection,
            cursor,
        )


def _opening(real):
    @wraps(real)
    def init(self, *args, **kwargs):
        place = 0 if quiet.depth else log.journal.place()
        with quiet:
            real(self, *args, **kwargs)
        database = args[0] if args else kwargs.get("database")
        if place and database not in (":memory:", "", b"") and not kwargs.get("uri"):
            path = os.path.realpath(os.fsdecode(database))
            self._watched = (
                path,
                log.journal.thing("lock", f"sqlite {path}", f"transaction in {database}", 0),
                os.fspath(database),
            )

    return init


def _with_cursor(real, kind):
    @wraps(real)
    def cursor(self, *args, **kwargs):
        with quiet:
            return real(self, *args, **kwargs) if args or kwargs else real(self, kind)

    return cursor


def _executing(real, connection_of):
    @wraps(real)
    def execute(self, *args):
        do = partial(real, self, *args)
        if quiet.depth:
            return do()
        connection = connection_of(self)
        place = log.journal.place()
        if (
            not place
            or not hasattr(connection, "_watched")
            or not args
            or not isinstance(args[0], str)
        ):
            return do()
        return _stated(connection, args[0], do, place)

    return execute


def _ending(real):
    @wraps(real)
    def end(self, *args):
        do = partial(real, self, *args)
        place = 0 if quiet.depth else log.journal.place()
        if not place or not hasattr(self, "_watched"):
            return do()
        return _around(self, do, place)

    return end


def _around(connection, do, place):
    """Something that may end the transaction, which is marked as given back before it is."""
    thing = connection._watched[1]
    was_held, connection._holds = getattr(connection, "_holds", False), False
    if was_held:
        log.journal.turns.take(place, "")
        handed(thing, "release", place)
    result = quietly(do)
    if was_held:
        log.journal.turns.done()
    return result


def _stated(connection, text, do, place):
    """One statement: the transaction that it begins or ends, and what it does to its tables."""
    if _END.search(text):
        return _around(connection, do, place)
    lock = connection._watched[1]
    begun, changed = _BEGIN.search(text), _CHANGED.search(text)
    is_locking = begun and begun[1].upper() in ("IMMEDIATE", "EXCLUSIVE")
    if begun and not is_locking:
        return quietly(do)
    if (changed or connection.in_transaction or is_locking) and not getattr(
        connection, "_holds", False
    ):
        if is_locking:
            result = waiting(lock, "acquire", quietly, do, place=place)
            connection._holds = True
            return result
        return _first(connection, text, changed, do, place)
    return _on_tables(connection, text, changed, do, place)


def _first(connection, text, changed, do, place):
    """The statement with which the transaction takes its lock: held from here on if the transaction stays open."""
    lock, start = connection._watched[1], log.now()
    log.journal.write("begin", log.get_ident(), start, lock, "acquire", place, "", 0)
    outcome = "raised"
    try:
        result = _on_tables(connection, text, changed, do, place)
        outcome = "done"
        return result
    finally:
        # Held since before it did anything: who has to wait for it does nothing.
        log.journal.write("end", log.get_ident(), start, outcome)
        connection._holds = outcome == "done" and connection.in_transaction
        if outcome == "done" and not connection._holds:
            handed(lock, "release", place)


def _on_tables(connection, text, changed, do, place):
    path, _, name = connection._watched
    tables = {table: "read" for table in _READ.findall(text)}
    if changed:
        is_alone = changed[0].split()[0].upper() == "UPDATE" and not _OWN_COLUMN.search(text)
        tables[changed[1]] = "write" if is_alone else "add"
    do = partial(quietly, do)
    for table, op in tables.items():
        thing = log.journal.thing("table", f"{path} {table}", f"{name}: {table}", 0)
        do = partial(step, thing, op, do, place=place, cause=place)
    return do()
