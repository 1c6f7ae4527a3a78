"""Locks that the system frees when their holder dies: on a file, and in a database."""

import math
import os
import time

from helpers.resources.locks import Lock, answer_when_free, answer_when_held

_PAUSE = 0.001  # seconds between two tries, where the system cannot wait itself


class FileLock(Lock):
    """A lock on a real file (flock; on Windows a locked byte), used like any other lock."""

    is_freed_at_death = True

    def __init__(self, name="file lock"):
        super().__init__(name)

    def _made(self, _):
        return LockedFile()

    def enter(self, folder: str) -> None:
        self.real.path = os.path.join(folder, f"{self.name}.{self.identity}.lock")

    def leave(self) -> None:
        self.real.drop()


class DatabaseLock(FileLock):
    """A write transaction of an SQLite database, used like a lock: acquire begins it, release commits."""

    def __init__(self, name="database lock"):
        super().__init__(name)

    def _made(self, _):
        return _Transaction()


class LockedFile:
    """What acquire and release do to the file at `path`. Each acquire opens it anew."""

    def __init__(self, path: str | os.PathLike | None = None):
        self.path = path
        self._open: list = []

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        if self.path is None:
            raise RuntimeError("this lock has no file yet: pass it to the worker, as an argument")
        answer_when_free(block, timeout)
        if self._try():
            return True
        answer_when_held(block, timeout)
        limit = timeout if block else 0
        end = math.inf if limit is None else time.perf_counter() + max(limit, 0)
        while not (taken := self._try()) and time.perf_counter() < end:
            time.sleep(_PAUSE)
        return taken

    def release(self) -> None:
        if not self._open:
            raise ValueError("this process does not hold it")
        self._give(self._open.pop())

    def drop(self) -> None:
        """Let go all that is held, as the end of the process would."""
        while self._open:
            self._open.pop().close()

    def _try(self):
        file = open(self.path, "ab")  # noqa: SIM115 - open as long as it is locked
        try:
            _set_lock(file, True)
        except OSError:
            file.close()
            return False
        self._open.append(file)
        return True

    def _give(self, file):
        _set_lock(file, False)
        file.close()


class _Transaction(LockedFile):
    """Like LockedFile, but what is locked is the SQLite database at `path`, by a write transaction."""

    def _try(self):
        import sqlite3  # only those who use it pay for it

        connection = sqlite3.connect(self.path, timeout=0, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:  # database is locked
            connection.close()
            return False
        self._open.append(connection)
        return True

    def _give(self, connection):
        # Who tries to begin is in for a moment, and a commit that does not wait would fail.
        connection.execute("PRAGMA busy_timeout = 10000")
        connection.execute("COMMIT")
        connection.close()


if os.name == "nt":
    import msvcrt

    def _set_lock(file, is_locked):
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK if is_locked else msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _set_lock(file, is_locked):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB if is_locked else fcntl.LOCK_UN)
