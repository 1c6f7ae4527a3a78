"""SQLite: each statement that is carried out, with the tables that it reads and changes, and the transaction around it.

A transaction is a lock on its file: held from the statement that begins it, or from the first one that writes, until it is
committed or rolled back. One UPDATE reads and writes in one step.
"""

import os
import sys
from functools import lru_cache, partial

from . import journal as log
from .journal import handed, quietly, releasing, step, waiting
from .wrapping import called_like, imported, record

_TABLE = r"[\"'`\[]?(\w+)[\"'`\]]?"
_CHANGE = r"INSERT\b.*?\bINTO|REPLACE\s+INTO|UPDATE(?:\s+OR\s+\w+)?|DELETE\s+FROM"
_CHANGED = rf"^\s*(?:{_CHANGE})\s+{_TABLE}"
_READ = rf"\b(?:FROM|JOIN)\s+{_TABLE}"
_BEGIN = r"^\s*BEGIN\b\s*(\w*)"
_END = r"^\s*(?:COMMIT|END|ROLLBACK)\b(?!\s+TO)"
_OWN_COLUMN = r"\bSET\s+(?:[^=]*=[^=]*,\s*)?(\w+)\s*=.*?\b\1\b"  # what it sets, it also looks at


@imported("sqlite3")
def sqlite3(module):
    """Record the connections that the script opens, also those of classes of its own."""
    cursor, connection = (type("", (kind,), {}) for kind in (module.Cursor, module.Connection))
    for kind in cursor, connection:
        called_like(kind, kind.__base__)
        record(kind, "execute executemany executescript", _execute)
    record(connection, "commit rollback __exit__ close", _end)
    record(connection, "__init__", _open)
    record(connection, "cursor", partial(_make_cursor, cursor))
    record(module, "connect", partial(_connect, connection))
    for name in "sqlite3", "sqlite3.dbapi2", "_sqlite3":
        at = sys.modules[name]
        at.connect, at.Connection, at.Cursor = module.connect, connection, cursor


def _connect(connection, place, do, *args, **kwargs):
    factory = {} if len(args) >= 6 or "factory" in kwargs else {"factory": connection}
    return do(**factory)


def _open(place, do, self, database="", *_, **how):
    quietly(do)
    if database not in (":memory:", "", b"") and not how.get("uri"):
        self._watched = _Watched(database)


class _Watched:
    """What is known of a connection: the path and name of its file, its transaction as a lock, and whether it holds that."""

    def __init__(self, database):
        self.path, self.name = os.path.realpath(os.fsdecode(database)), os.fspath(database)
        name = f"transaction in {database}"
        self.lock, self.holds = log.journal.thing("lock", f"sqlite {self.path}", name), False


def _make_cursor(kind, place, do, self, *args, **kwargs):
    return quietly(do, *([] if args or kwargs else [kind]))


@lru_cache
def _parsed(text):
    """A statement: what it does to a transaction, whether it changes anything, and what it does to each table."""
    import re  # which the script may do without

    find = partial(re.compile, flags=re.IGNORECASE | re.DOTALL)
    if find(_END).search(text):
        return "end", False, {}
    if begun := find(_BEGIN).search(text):
        return begun[1].upper() or "DEFERRED", False, {}
    tables = dict.fromkeys(find(_READ).findall(text), "read")
    if changed := find(_CHANGED).search(text):
        verb = changed[0].split()[0].upper()
        is_alone = verb == "UPDATE" and not find(_OWN_COLUMN).search(text)
        tables[changed[1]] = "append" if verb == "INSERT" else "write" if is_alone else "add"
    return "", bool(changed), tables


def _execute(place, do, self, text=None, *_):
    """One statement: the transaction that it begins or ends, and what it does to its tables."""
    connection = getattr(self, "connection", self)
    known = getattr(connection, "_watched", None)
    if known is None or not isinstance(text, str):
        return do()
    begins, is_change, tables = _parsed(text)
    if begins == "end":
        return _end(place, do, connection)
    if begins:
        if known.holds or begins not in ("IMMEDIATE", "EXCLUSIVE"):
            return quietly(do)
        result = waiting(known.lock, "acquire", partial(quietly, do), place, "limited")
        known.holds = True
        return result
    do = partial(quietly, do)
    is_to_change = is_change and known.holds == "shared"
    for table, op in tables.items():
        name = f"{known.name}: {table}"
        thing = log.journal.thing("table", f"{known.path} {table}", name)
        do = partial(step, thing, op, do, place)
    if (known.holds and not is_to_change) or not (is_change or connection.in_transaction):
        return do()
    return _first(connection, do, place, "limited" if is_change else "shared")


def _first(connection, do, place, arg):
    """The statement with which the transaction takes its lock: held from here on if the transaction stays open.

    A lock that it shares with others who read it gives back before it takes the one for a change: what it has read may be
    old by then, and SQLite refuses the change.
    """
    known, start, outcome = connection._watched, log.now(), "raised"
    if known.holds:
        handed(known.lock, "release", place)
    log.journal.write("begin", log.get_ident(), start, known.lock, "acquire", place, arg, 0)
    try:
        result = do()
        outcome = "done"
        return result
    finally:
        # Held since before it did anything: who has to wait for it does nothing.
        log.journal.write("end", log.get_ident(), start, outcome)
        known.holds = outcome == "done" and connection.in_transaction and arg
        if outcome == "done" and not known.holds:
            handed(known.lock, "release", place)


def _end(place, do, connection, *_):
    """Something that may end the transaction, which is marked as given back before it is."""
    known, do = getattr(connection, "_watched", None), partial(quietly, do)
    if known is None or not known.holds:
        return do()
    known.holds = False
    return releasing(known.lock, do, place)
