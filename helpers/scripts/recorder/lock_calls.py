"""Locks: of multiprocessing and its managers, of threads, and on files; and the values that processes share under them."""

import os
from contextlib import nullcontext
from functools import partial
from itertools import count

from . import journal as log
from .journal import hand_over, handed, quiet, quietly, releasing, step, take_turn, waiting
from .wrapping import Passing, imported, kind_of, passing, record, recording, records

_INTERNAL = "_sleeping_count", "_woken_count", "_wait_semaphore"  # of a condition
_SHARED = "multiprocessing.sharedctypes"
_RAW = "memory without a lock (lock=False)"
_UNLOCKED = "a value used without its lock (get_obj())"


def may_give_up(block=True, timeout=None, *_, **__):
    """Whether an acquire with these arguments comes back without the lock."""
    return not block or timeout is not None


@records("multiprocessing.synchronize", "Event.clear")
@records("multiprocessing.queues", "Queue.__init__ SimpleQueue.__init__ JoinableQueue.__init__")
# Its thread only carries what is put.
@records("multiprocessing.queues", "Queue._feed", always=True)
@records("multiprocessing.managers", "BaseManager.start BaseManager._create")
def _as_a_whole(place, do, *_, **__):
    """What it does inside is not recorded."""
    return quietly(do)


# ---- multiprocessing.synchronize


@imported("multiprocessing.synchronize")
def _locks(module):
    """Record locks and semaphores, but for those that a condition is made of."""
    sem, condition, numbers = module.SemLock, module.Condition, count()
    real_methods = condition._make_methods

    def make_methods(self):
        # Where it is only inherited, multiprocessing keeps no name, and two processes may have two locks at one address.
        semlock = self._semlock
        identity = semlock.name or f"{next(numbers)} {os.getpid()}"
        known = self.__dict__["_watched"] = _Known(identity, type(self).__name__, semlock)
        self.acquire = recording(semlock.acquire, known.acquire)
        self.release = recording(semlock.release, known.release)

    def make_methods_of_condition(self):
        for lock in (getattr(self, name) for name in _INTERNAL):
            lock.acquire, lock.release = lock._semlock.acquire, lock._semlock.release
        real_methods(self)

    def init(place, do, self, kind, value, maxvalue, **_):
        do()
        _named(self, f"{type(self).__name__}:{value}", place)

    sem._make_methods, condition._make_methods = make_methods, make_methods_of_condition
    record(sem, "__init__", init)
    record(sem, "_make_name", lambda _, do: log.journal.leaves("semaphore", do()), inside=True)
    record(sem, "__enter__", lambda place, do, self: self._watched.acquire(place, do))
    record(sem, "__exit__", lambda place, do, self, *_: self._watched.release(place, do))


class _Known:
    """What is known of a lock, apart from it: nothing of ours keeps it alive."""

    def __init__(self, identity, kind, sem):
        self.identity, self._kind, self._sem = identity, kind, sem

    def thing(self, kind="", place=0):
        return log.journal.thing("lock", self.identity, kind or self._kind, place)

    def acquire(self, place, do, *args, **kwargs):
        # A lock that this process holds itself it cannot get again.
        again = "again" if self._kind == "Lock" and self._sem._is_mine() else ""
        arg = "try" if may_give_up(*args, **kwargs) else again
        tries = partial(self._sem.acquire, False)
        return waiting(self.thing(), "acquire", do, place, arg, bool, tries)

    def release(self, place, do):
        return releasing(self.thing(), do, place)


def _known(lock):
    """What is known of a lock of multiprocessing; of any other lock, None."""
    return getattr(lock, "__dict__", {}).get("_watched")


def _named(lock, kind, place):
    if known := _known(lock):
        known.thing(kind, place)


@records("multiprocessing.synchronize", "Condition.__init__ Event.__init__ Barrier.__init__")
def _made(place, do, self, *_, **__):
    quietly(do)
    if type(self).__name__ == "Condition":
        _named(self._lock, "Condition", place)
    else:
        _meeting(self, place)


@records("multiprocessing.synchronize", "Condition.notify", "send", False)
@records("multiprocessing.synchronize", "Condition.wait Condition.wait_for", "receive", False)
@records("multiprocessing.synchronize", "Event.set", "send", True)
@records("multiprocessing.synchronize", "Event.wait Event.is_set", "receive", True)
@records("multiprocessing.synchronize", "Barrier.wait", "meet", True)
def _signal(op, is_whole, place, do, self, *_, **__):
    """A method that hands over: what the sender did before is done where the receiver goes on."""
    do = partial(quietly, do) if is_whole else do
    return hand_over(_meeting(self), op, do, place, gives=lambda result: result is not False)


def _meeting(shared, place=0):
    """The thing behind a condition, event or barrier: it has the identity of its lock."""
    kind, cond = type(shared).__name__, getattr(shared, "_cond", shared)
    known = _known(cond._lock)
    identity = f"{kind} {known.identity if known else id(cond)}"
    return log.journal.thing("signal", identity, kind, place)


# ---- values


@imported(_SHARED)
def _values(module):
    """Record the values and arrays that have a lock."""
    number, text = module.Synchronized, module.SynchronizedString
    for kind, name in (number, "value"), (text, "value"), (text, "raw"):
        setattr(kind, name, _field("", getattr(kind, name)))
    make_property = module.make_property
    # Of a structure.
    module.make_property = lambda name: _field(f"[{name!r}]", make_property(name))


def _field(item, real):
    """What passes for a property of a value, and is recorded."""
    get, put = (partial(_access, op, item) for op in ("read", "write"))
    return property(recording(real.fget, get), recording(real.fset, put))


@records(_SHARED, "SynchronizedBase.__init__")
def _value_made(place, do, self, *_, **__):
    do()
    _value(self, place)


@records(_SHARED, "Value Array")
def _with_lock(place, do, *_, **__):
    """`Value` and `Array`, which make their lock unless they get one."""
    made = quietly(do)
    if hasattr(made, "get_lock"):
        _value(made, place)
        _named(made.get_lock(), "lock of", place)
    else:
        log.journal.note(_RAW, place)
    return made


def _value(shared, place=0, item=""):
    (arena, start, _), _ = shared._obj._wrapper._state
    number = getattr(arena, "fd", None)
    where = getattr(arena, "name", "") if number is None else f"{os.fstat(number).st_ino}"
    name = type(shared._obj).__name__ + item
    return log.journal.thing("value", f"{where}+{start}{item}", name, place)


def _access(op, item, place, do, self, *value):
    """An access as one step; the lock around it is shown where the process does not hold it already."""
    thing, sem = _value(self, 0, item), getattr(self._lock, "_semlock", None)
    seen = repr(value[0])[:40] if value and not item else None
    nth = take_turn(op, place)  # its turn comes before its lock
    lock = nullcontext() if sem is None or sem._is_mine() else self._lock
    with log.journal.turns.kept(), lock, quiet:
        return step(thing, op, do, place, nth=nth, seen=seen)


@records(_SHARED, "SynchronizedArray.__getitem__", "read")
@records(_SHARED, "SynchronizedArray.__setitem__", "write")
def _item(op, place, do, self, index, *_):
    return _access(op, f"[{index}]" if isinstance(index, int) else "[:]", place, do, self)


@records(_SHARED, "RawValue RawArray", _RAW)
@records(_SHARED, "Synchronized.get_obj SynchronizedArray.get_obj", _UNLOCKED)
def _told(what, place, do, *_, **__):
    """After this call something is not recorded: the result says so."""
    log.journal.note(what, place)
    return do()


# ---- locks of threads, and on files


class ThreadLock(Passing):
    """A lock of `threading` that the script made, by `kind`, at a file and line: to other processes it is another lock."""

    def __init__(self, real, kind, made):
        super().__init__(real)
        self._kind, self._made = kind, made
        self.acquire = recording(real.acquire, self._acquire)
        self.release = recording(real.release, self._release)

    @property
    def _thing(self):
        where = f"{log.journal.letter or log.journal.pid} {id(self._real)}"
        place = log.journal.place_of(*self._made)
        return log.journal.thing("lock", where, f"threading.{self._kind}", place)

    def _acquire(self, place, do, *args, **kwargs):
        is_plain = not kwargs and args in ((), (True,))
        return waiting(self._thing, "acquire", do, place, "" if is_plain else "try", bool)

    def _release(self, place, do):
        return releasing(self._thing, do, place)

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *exc_info):
        self.release()

    def __reduce_ex__(self, protocol):
        return self._real.__reduce_ex__(protocol)


@imported("threading")
def threads(module):
    """Record the locks that the script itself makes; those of the library stay as they are."""
    for name in "Lock", "RLock":
        setattr(module, name, _made_by_script(getattr(module, name), name))


def _made_by_script(real, name):
    kind = kind_of(ThreadLock, type(real()))

    @passing(real, "threading", name)
    def make(*args, **kwargs):
        made, frame = real(*args, **kwargs), log.caller()
        if quiet.depth or not log.is_of_script(frame.f_code.co_filename):
            return made
        return kind(made, name, (frame.f_code.co_filename, frame.f_lineno))

    return make


@records("fcntl", "flock", "flock")
@records("fcntl", "lockf", "lockf")
def _lock_file(kind, place, do, fd=None, operation=None, *part):
    """Record locks on files: `flock`, and `lockf` of a file or of the same bytes of it."""
    import fcntl

    of = log.identity(fd)
    if not of or not isinstance(operation, int):
        return do()  # which says what is wrong
    name = getattr(fd, "name", "")
    name = name if name and isinstance(name, str) else "file lock"
    number = fd if isinstance(fd, int) else fd.fileno()
    held, me = log.journal.file_locks, log.journal.pid
    key = (number, "") if kind == "flock" else (of, part)
    # An opened file that processes have inherited lets all of them pass at once.
    is_inherited = kind == "flock" and log.opened.get(number, (0, "", me))[2] != me
    which = me if is_inherited else part if any(part) else ""
    thing = log.journal.thing("lock", f"{of} {which}".strip(), name, place)
    shared, before = operation & fcntl.LOCK_SH, held.get(key)
    if before == (None if operation & fcntl.LOCK_UN else (thing, shared)):
        return do()  # it changes nothing
    held.pop(key, None)
    if operation & fcntl.LOCK_UN:
        return releasing(thing, do, place)
    if before:  # a shared one becomes an exclusive one: in between, it is nobody's
        handed(thing, "release", place)
    arg = "try" if operation & fcntl.LOCK_NB else "shared" if shared else ""
    result = waiting(thing, "acquire", do, place, arg)
    held[key] = thing, shared
    return result


def let_go(fd):
    """A file is about to be closed: with it ends the lock that `flock` has put on it, and each that `lockf` gave this process."""
    held = log.journal.file_locks
    of = held and log.identity(fd)
    for key in [key for key in held if of and key[0] in (fd, of)]:
        handed(held.pop(key)[0], "release", log.journal.place())


@records("filelock filelock._api", "BaseFileLock.acquire")
def _acquire_file(place, do, self, timeout=None, *_, **kwargs):
    """Record the locks of the package filelock by their paths; the attempts that they are made of are not shown."""
    do, given = partial(quietly, do), self.timeout if timeout is None else timeout
    if self.is_locked:
        return do()
    arg = "try" if given >= 0 or kwargs.get("blocking") is False else ""
    return waiting(_of_file(self, place), "acquire", do, place, arg)


@records("filelock filelock._api", "BaseFileLock.release")
def _release_file(place, do, self, force=False):
    do, is_last = partial(quietly, do), force or self.lock_counter == 1
    return releasing(_of_file(self, place), do, place) if is_last else do()


def _of_file(lock, place):
    return log.journal.thing("lock", os.path.realpath(lock.lock_file), lock.lock_file, place)
