"""The observed locks: real locks that record on the tape of the process who waits and who holds.

A hold begins after the real acquire and ends before the real release, so that two holds of one lock never
overlap on a timeline.
"""

import itertools
import math
import multiprocessing
import os
import sys
import threading
import weakref
from contextlib import suppress

from helpers import events
from helpers.events import Any, threads
from helpers.refused import explained, need_processes
from helpers.resources.shared_files import awaited, checked_whole

# How an acquire is bound, heard and recorded, and what is left when the holder dies:
# `lab.run(worker, Lock("door"), processes=2)`.
#
#   1. Bound. The Lock that was given is a description. `bind` makes a real lock in the run's context, and all children
#      inherit it; its identity, such as "4711.3", is the maker's process id and a number, the same in all of them.
#      One that no run binds becomes real when it is first used, and at the latest before another process gets it: two
#      processes that each made their own would both be let in.
#   2. Heard. `acquire` looks at `events.observer`. A Free one has a `lock_tape`: the lock records the step itself, as
#      the way through `observer.step` costs more than the lock. A Stepped one has none: it waits for its turn and then
#      uses `attempt`, which never waits, but says BLOCKED. In the model, `model` stands in for both.
#   3. Recorded. On a tape that it has not met, the lock gets a number and one recorder for each of acquire and release.
#      A recorder opens a slot, calls the real lock, marks the hold, and closes the slot: see `events/tape.py`.
#   4. B is killed under the lock. The real one stays taken, as nothing of B's runs any more. B's tape stays too: its
#      mark for 4711.3 is 1. A's acquire stays open on A's tape. The watch reads both: A waits for what B holds, B is
#      dead, so the lock is orphaned, and the run is ended. (The system frees a FileLock and a DatabaseLock: they say so by
#      `is_freed_at_death`, and A gets its turn.)

_count = itertools.count(1)
_descriptions: Any = weakref.WeakValueDictionary()  # by number: the locks that no run has bound
_ENDLESS = -1  # what a threading.Lock takes for a wait without a limit
_USUAL = 2**20  # seconds: no shorter timeout is refused by any system
_MOST_PERMITS = 2**31  # so many have no place in a C int
_NO_TIME = 2**63  # seconds: Linux refuses to wait that long, or longer, once it has to wait


class Lock(events.SharedObject):
    """A multiprocessing.Lock that records who waits and who holds. Errors are those of the plain one."""

    _plain = "Lock"
    real: Any  # the lock underneath: made when it is first asked for

    def __init__(self, name="lock"):
        self.name = name
        self._identify()
        _descriptions[self._serial] = self

    def _identify(self):
        self._maker, self._serial = os.getpid(), next(_count)
        self._tape: Any = False  # what it records on; None would be that of an observer without one

    def _made_once(self):
        """The real lock of a description. Of two threads that make one at once, both get the first."""
        if self._maker != os.getpid():
            say = f"{self.name!r} was not made before a fork: here it would be another"
            raise RuntimeError(say)
        return self.__dict__.setdefault("real", self._made(_home()))

    def __getstate__(self):
        self.real  # noqa: B018 - from now on there is one, for this process and for the one that gets it
        return self.__dict__

    @property
    def identity(self) -> str:  # type: ignore[override]
        """What tells it from every other lock: who made it, and its number there."""
        return f"{self._maker}.{self._serial}"

    @property
    def _semlock(self):
        """What a multiprocessing.Condition asks for the owner. Raises RuntimeError in a model."""
        if events.observer.in_model:
            raise RuntimeError(events.NO_CONDITION)
        return self.real._semlock

    def _made(self, context):
        """The real lock underneath, for processes of `context`."""
        permits = () if self.permits is None else (self.permits,)
        need_processes()
        with explained("lock"):
            return getattr(context, self._plain)(*permits)

    @property
    def _acquire(self):
        """The real lock's own method, as it is the fastest; called with `block` and `timeout`."""
        return self.real.acquire

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:
        """Wait for the lock and take it: True. Without blocking or with a timeout: False if it was held."""
        tape = events.observer.lock_tape
        if tape is not self._tape:
            if tape is None:
                return events.observer.step(self, "acquire", (block, timeout))
            self.meet(tape)
        if threads() != tape.threads:
            tape.note_threads()
        held = tape.marks[self._number]
        if block is True and timeout is None and (not held or self.is_reentrant):
            return self._take()
        asked = block, timeout
        return self._take(asked, events.asked(self, "acquire", asked, tape.depth(self._number)))

    def release(self) -> None:
        """Give the lock back; what the plain lock raises is raised here too."""
        tape = events.observer.lock_tape
        if tape is not self._tape:
            if tape is None:
                return events.observer.step(self, "release")
            self.meet(tape)
        return self._give()

    __enter__ = acquire

    def __exit__(self, *exc_info):
        self.release()

    def meet(self, tape: Any) -> None:
        """From now on, record on `tape`, the first or another one."""
        self._tape, self._number = tape, tape.number(self)
        self._take = tape.recorder(self, "acquire", self._acquire)
        self._give = tape.recorder(self, "release", self.real.release)

    def __getattr__(self, attribute):
        # What else a plain lock has, locked() only from Python 3.14 on. Whoever asks for more makes none.
        if attribute not in ("real", "locked", "get_value"):
            return object.__getattribute__(self, attribute)  # raises AttributeError
        return self._made_once() if attribute == "real" else getattr(self.real, attribute)

    def __repr__(self):
        return f"<{self.name}: {self.__dict__.get('real', 'not used yet')}>"

    def do(self, op: str, arg: Any) -> tuple[Any, str]:
        """Carry out one step for real: its result, and nothing more to record."""
        if op == "acquire":
            return self._acquire(*arg), ""
        return self.real.release(), ""

    def attempt(self, op: str, arg: Any) -> Any:
        if op != "acquire":
            return self.do(op, arg)
        if not self.do(op, (False, None))[0]:
            judge_asked(*arg, is_held=True)
            return (False, "") if events.may_give_up(*arg) else events.BLOCKED
        if not _is_usual(*arg):  # it need not wait: let the lock itself judge what it was given
            self.do("release", None)
            return self.do(op, arg)
        return True, ""

    def model_start(self) -> Any:
        return 1 if self.permits is None else self.permits

    def model(self, state: Any, me: int, op: str, arg: Any) -> Any:
        """How many processes may still take it: like the real one, it may be released by anybody."""
        if op == "acquire":
            return _acquired(state, arg, state - 1 if state else None)
        if state and self.permits is None:
            raise ValueError("semaphore or lock released too many times")
        return state + 1, None

    def renamed(self, state: Any, places: list[int]) -> Any:
        """A number stays; of processes that hold it, the state has their new numbers."""
        return state if isinstance(state, int) else type(state)(places[me] for me in state)

    def bind(self, context: Any) -> Any:
        """A fresh lock of the same name, that processes of `context` can inherit."""
        bound = super().bind(context)
        bound._identify()
        bound.real = self._made(context)
        return bound


class RLock(Lock):
    """A multiprocessing.RLock that records who waits and who holds. Its owner may take it again."""

    _plain = "RLock"
    is_reentrant = True

    def model_start(self) -> Any:
        return ()

    def model(self, state: Any, me: int, op: str, arg: Any) -> Any:
        """Its owner, once for each time that this one has acquired it; empty while it is free."""
        if op == "acquire":
            taken = None if state and me not in state else (*state, me)
            return _acquired(state, arg, taken, is_owned=bool(state))
        if me not in state:
            raise AssertionError("attempt to release recursive lock not owned by thread")
        return state[1:], None


class Semaphore(Lock):
    """A multiprocessing.Semaphore that records who waits and who is inside: as many at once as it has `permits`.

    Anybody may give a permit back, even a process that has taken none; then nobody can tell whose it was.
    """

    _plain = "Semaphore"

    def __init__(self, permits=1, name="semaphore"):
        if checked_whole("permits", permits) not in range(_MOST_PERMITS):
            raise ValueError(f"permits={permits!r}: choose 0 to {_MOST_PERMITS - 1}")
        self.permits = permits
        super().__init__(name)

    def clear(self) -> None:
        """Have as many permits again as at first, whatever a trial kept, or gave back too often."""
        while self.real.acquire(False):
            pass
        for _ in range(self.permits):
            self.real.release()


class GivenLock(Lock):
    """A lock that somebody else has made, such as a Manager's, which records who waits and who holds."""

    def __init__(self, real, name="lock"):
        self._given = real
        super().__init__(name)

    def _made(self, _):
        return self._given


class ThreadLock(Lock):
    """A threading.Lock that records who waits and who holds. Errors are those of the plain one.

    A forked process gets a copy, which is another lock: the identity tells each process's copy from
    the others. Where a process is started anew, the lock cannot be sent to it, and the start fails.
    """

    def __init__(self, name="thread lock"):
        super().__init__(name)

    def _made(self, _):
        return threading.Lock()

    @property
    def identity(self) -> str:  # type: ignore[override]
        return f"{os.getpid()}.{self._serial}"

    def acquire(self, blocking: bool = True, timeout: Any = _ENDLESS) -> bool:
        """Wait for the lock and take it: True. Without blocking or with a timeout: False if it was held."""
        threading.Lock().acquire(blocking, timeout)  # raises for what a lock of threads never takes
        return super().acquire(blocking, None if timeout == _ENDLESS else timeout)

    def _acquire(self, block=True, timeout=None):
        return self.real.acquire(block, _ENDLESS if timeout is None else timeout)

    def model_start(self) -> Any:
        return frozenset()

    def model(self, state: Any, me: int, op: str, arg: Any) -> Any:
        """The processes that hold their copy; nobody ever waits for another one's."""
        if op == "acquire":
            return _acquired(state, arg, None if me in state else state | {me})
        if me not in state:
            raise RuntimeError("release unlocked lock")
        return state - {me}, None


def _home():
    """The context of a lock that no run has bound: one that every start method can inherit.

    A child makes one whose name is gone at once: killed, it would leave it behind.
    """
    has_fork = "fork" in multiprocessing.get_all_start_methods()
    is_child = multiprocessing.parent_process() is not None
    return multiprocessing.get_context("fork" if is_child and has_fork else "spawn")


def _acquired(state, arg, taken, is_owned=False):
    """What a model gives for an acquire; `taken` is the state after True, None where somebody else holds the lock.

    With `is_owned` the caller of an RLock holds it already: then it looks at no timeout.
    """
    block, timeout = arg
    if taken is None:
        judge_asked(block, timeout, is_held=True)
        return (state, False) if events.may_give_up(block, timeout) else events.BLOCKED
    judge_asked(block, None if is_owned else timeout)
    return taken, True


def judge_asked(block: Any, timeout: Any, *, is_held: bool = False) -> None:
    """Raises what a plain lock raises for these arguments of an acquire, where it is free, or held by somebody else.

    Where no lock can be made, they are read as by one.
    """
    if _is_usual(block, timeout):
        return
    try:
        probe = _home().Lock()
    except ImportError:
        bool(block), timeout is None or math.fabs(timeout)
        return
    probe.acquire(block, timeout)
    has_to_wait = is_held and block and timeout is not None
    if has_to_wait and sys.platform == "linux" and not timeout < _NO_TIME:
        probe.acquire(block, timeout)  # raises at once: it is held by now


def make_all() -> None:
    """Make the lock of each description that there is, as before a fork: parent and child must have the same one."""
    for lock in [found() for found in _descriptions.valuerefs()]:
        with suppress(Exception):  # whoever uses it is told
            lock.real  # noqa: B018


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=make_all)


def _is_usual(block, timeout):
    """Whether every plain lock takes these arguments of an acquire."""
    is_time = timeout is None or (isinstance(timeout, (int, float)) and abs(timeout) < _USUAL)
    return isinstance(block, bool) and is_time


# ---- locks that the system frees when their holder dies: on a file, and in a database


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
        judge_asked(block, timeout)
        if self._try():
            return True
        judge_asked(block, timeout, is_held=True)
        limit = timeout if block else 0
        return awaited(self._try, math.inf if limit is None else limit)

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
