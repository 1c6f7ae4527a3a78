"""Stand-ins for resources and locks: they make happen, when told to, what seldom happens by itself.

A process is killed, a write fails, a statement is refused; or processes come together in a certain order. So topics and
exercises find out what a worker does then.
"""

import os
import signal

from helpers import events
from helpers.events import Any
from helpers.resources.database import Table
from helpers.resources.locks import Lock
from helpers.resources.shared_files import CounterFile, awaited

_SIGKILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows knows one way to kill
_LIMIT = 1.0  # seconds until nobody is waited for any more

# ---- resources


class DeadlyTable(Table):
    """A Table at whose `number`th `add` process `process` is killed, in the middle of its UPDATE."""

    def __init__(self, name="database", start=0, process="A", number=3):
        super().__init__(name, start)
        self._fatal = process, number

    def _do_add(self, change):
        self._execute("BEGIN IMMEDIATE")
        done = super()._do_add(change)
        _fail_at(self._fatal, self._writes)
        self._execute("COMMIT")
        return done


class DeadlyValue:
    """A multiprocessing.Value as whose `number`th new `value` process `process` is killed, before it stands there."""

    def __init__(self, value, process="A", number=3):
        self._value, self._fatal, self._writes = value, (process, number), 0

    def get_lock(self) -> Any:
        return self._value.get_lock()

    @property
    def value(self) -> Any:
        return self._value.value

    @value.setter
    def value(self, number: Any) -> None:
        self._writes += 1
        _fail_at(self._fatal, self._writes)
        self._value.value = number


def _fail_at(fatal, count, error=None):
    """Raise `error`, or kill this process for None, where it and its `count`th write are the `fatal` pair."""
    if fatal == (events.observer.name, count):
        if error:
            raise error("an injected fault")
        os.kill(os.getpid(), _SIGKILL)


class FaultyCounterFile(CounterFile):
    """A CounterFile whose write number `write_number`, by `process`, raises `error` (a type) instead.

    With None for the error the process is killed there: it has read, and not written.
    """

    def __init__(self, name="counter", start=0, process="A", write_number=2, error=RuntimeError):
        super().__init__(name, start)
        self._error, self._fatal = error, (process, write_number)

    def stamped(self, content: object) -> str:
        text = super().stamped(content)
        _fail_at(self._fatal, self._writes, self._error)
        return text


class RefusingTable(Table):
    """A Table that refuses the first `refusals` writes of a process that has read, as if somebody else came in between.

    A deferred transaction is told what SQLite would say, and a swap that it found another number. Who looks again finds the
    number that there was, as if the stranger had bought a seat and given it back. For runs of one process.
    """

    def __init__(self, name="database", start=0, timeout=5.0, refusals=1):
        super().__init__(name, start, timeout=timeout)
        self._left, self._is_reader, self._is_deferred = refusals, False, False

    def do(self, op: str, arg: Any) -> tuple[Any, str]:
        import sqlite3

        is_late = self._left and self._is_reader and op in events.WRITING
        if op == "begin":
            self._is_deferred = arg == "DEFERRED"
        if op not in ("commit", "rollback"):
            self._is_reader = op == "read"
        is_inside = is_late and self._connection.in_transaction
        if not (is_late and (self._is_deferred if is_inside else op == "swap")):
            return super().do(op, arg)
        self._left -= 1
        if not is_inside:
            return False, ""
        error = sqlite3.OperationalError("database is locked")
        error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_BUSY, "SQLITE_BUSY"
        raise error


# ---- locks


class LingeringLock(Lock):
    """A Lock whose first acquire in each process takes `seconds` longer: time for all others to come."""

    def __init__(self, name="lock", seconds=0.05):
        super().__init__(name)
        self._seconds = seconds
        self._has_lingered = False

    def acquire(self, block: bool = True, timeout: Any = None) -> bool:
        taken = super().acquire(block, timeout)
        if taken and not self._has_lingered:
            self._has_lingered = True
            events.observer.sleep(self._seconds)  # not a pause of the worker
        return taken

    __enter__ = acquire

    def enter(self, folder: str) -> None:
        self._has_lingered = False


class ReservedLock(Lock):
    """A Lock that the process `first` gets first: all others come when it has it."""

    def __init__(self, name="lock", first="A"):
        super().__init__(name)
        self._first = first

    def acquire(self, block: bool = True, timeout: Any = None) -> bool:
        is_first = events.observer.name == self._first
        if not is_first:
            awaited(lambda: os.path.exists(self._mark), _LIMIT)
        taken = super().acquire(block, timeout)
        if taken and is_first:
            open(self._mark, "wb").close()
        return taken

    __enter__ = acquire

    def enter(self, folder: str) -> None:
        self._mark = os.path.join(folder, f"{self.name}.taken")


class TimedLock(Lock):
    """A Lock for stepped runs: a wait with a time limit that comes to nothing is noted as a pause of that length.

    So a try that waited can be told from one that did not, and how long it asked to wait.
    """

    def acquire(self, block: bool = True, timeout: Any = None) -> bool:
        taken = super().acquire(block, timeout)
        if not taken and block and timeout:
            events.pause(timeout)
        return taken


class PatientLock(ReservedLock):
    """A ReservedLock that makes a pause of a wait with a time limit, and tries once more behind it.

    So the run knows how long a process asked to wait.
    """

    def acquire(self, block: bool = True, timeout: Any = None) -> bool:
        if not (block and timeout):
            return super().acquire(block, timeout)
        if super().acquire(block=False):
            return True
        events.pause(timeout)
        return super().acquire(block=False)
