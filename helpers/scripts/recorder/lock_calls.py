"""Locks: of multiprocessing and its managers, of threads, and on files; and the values that processes share under them."""

import os
import sys
from functools import partial, wraps

from . import frames
from . import journal as log
from .journal import handed, quiet, quietly, stand_in, step, take_turn, waiting

_INTERNAL = "_sleeping_count", "_woken_count", "_wait_semaphore"  # of a condition


def may_give_up(block=True, timeout=None, *_, **__):
    """Whether an acquire with these arguments comes back without the lock."""
    return not block or timeout is not None


# ---- multiprocessing.synchronize


def synchronize(module):
    """Record locks, semaphores, conditions, events and barriers."""
    _locks(module.SemLock)
    real_methods = module.Condition._make_methods

    def methods(self):
        for name in _INTERNAL:
            _plain(getattr(self, name))
        real_methods(self)

    module.Condition._make_methods = methods
    _whole(module.Condition, "__init__", lambda self, place: _thing(self._lock, "Condition", place))
    _whole(module.Event, "__init__", _meeting)
    _whole(module.Barrier, "__init__", _meeting)
    _signal(module.Condition, "notify", "send")
    _signal(module.Condition, "wait", "receive")
    _signal(module.Condition, "wait_for", "receive")
    _signal(module.Event, "set", "send", is_whole=True)
    _signal(module.Event, "wait", "receive", is_whole=True)
    _signal(module.Event, "is_set", "receive", is_whole=True)
    _signal(module.Event, "clear", "", is_whole=True)
    _signal(module.Barrier, "wait", "meet", is_whole=True)


def _locks(sem):
    real_init, real_name, made = sem.__init__, sem._make_name, []
    real_enter, real_exit = sem.__enter__, sem.__exit__

    @wraps(real_init)
    def init(self, kind, value, maxvalue, **how):
        real_init(self, kind, value, maxvalue, **how)
        if not quiet.depth and (place := log.journal.place()):
            _thing(self, f"{type(self).__name__}:{value}", place)

    def make_name():
        made[:] = [real_name()]
        return made[0]

    def make_methods(self):
        # Where it is only inherited, multiprocessing keeps no name, and two processes may have two locks at one address.
        known = self.__dict__["_watched"] = _Known(
            self, self._semlock.name or f"{made[0]} {os.getpid()}"
        )
        self.acquire, self.release = (
            _Method(self._semlock.acquire, known.acquire),
            _Method(self._semlock.release, known.release),
        )

    sem.__init__, sem._make_name, sem._make_methods = init, staticmethod(make_name), make_methods
    sem.__enter__ = wraps(real_enter)(lambda self: _known(self).acquire(real_enter, self))
    sem.__exit__ = wraps(real_exit)(
        lambda self, *exc_info: _known(self).release(real_exit, self, *exc_info)
    )


class _Known:
    """What is known of a lock, apart from it: nothing of ours keeps it alive."""

    def __init__(self, lock, identity):
        self.identity, self._kind, self._sem = identity, type(lock).__name__, lock._semlock
        self._number = None, 0

    def thing(self, kind="", place=0):
        things, number = self._number
        if things is not log.journal.things:  # else it was made before this process was forked
            number = log.journal.thing("lock", self.identity, kind or self._kind, place)
            self._number = log.journal.things, number
        return number

    def acquire(self, do, *args, **kwargs):
        place = 0 if quiet.depth else log.journal.place()
        do = partial(do, *args, **kwargs)
        if not place:
            return do()
        # A lock that this process holds itself it cannot get again.
        again = "again" if self._kind == "Lock" and self._sem._is_mine() else ""
        arg = "try" if do.func.__name__ == "acquire" and may_give_up(*args, **kwargs) else again
        how = {"arg": arg, "place": place, "tries": partial(self._sem.acquire, False)}
        return waiting(self.thing(), "acquire", do, gives=bool, **how)

    def release(self, do, *args, **kwargs):
        place = 0 if quiet.depth else log.journal.place()
        do = partial(do, *args, **kwargs)
        return releasing(self.thing(), do, place) if place else do()


class _Method(log.StandIn):
    """A method of a lock, which records what it does."""

    def __init__(self, real, record):
        super().__init__(real)
        self._record = record

    def __call__(self, *args, **kwargs):
        return self._record(self._real, *args, **kwargs)

    def __reduce__(self):
        return self._real.__reduce__()


_Method.__name__, _Method.__qualname__, _Method.__module__ = (
    "builtin_function_or_method",
    "builtin_function_or_method",
    "builtins",
)


def _known(lock):
    """What is known of a lock of multiprocessing; of any other lock, None."""
    return getattr(lock, "__dict__", {}).get("_watched")


def _thing(lock, kind, place=0):
    if known := _known(lock):
        known.thing(kind, place)


def _plain(lock):
    lock.acquire, lock.release = lock._semlock.acquire, lock._semlock.release


def releasing(thing, do, place):
    """Note that a lock is given back, and give it back: whoever is seen to hold one does hold it."""
    log.journal.turns.take(place, "")
    handed(thing, "release", place)
    try:
        return do()
    finally:
        log.journal.turns.done()


def _whole(kind, name, then=None):
    """What `name` of a class does inside is not recorded; `then` names what the script made by it."""
    real = getattr(kind, name)

    @wraps(real)
    def call(self, *args, **kwargs):
        place = log.journal.place() if then and not quiet.depth else 0
        result = quietly(real, self, *args, **kwargs)
        if place:
            then(self, place)
        return result

    setattr(kind, name, call)


def _signal(kind, name, op, is_whole=False):
    """A method that hands over: what the sender did before is done where the receiver goes on."""
    real = getattr(kind, name)

    @wraps(real)
    def call(self, *args, **kwargs):
        place = 0 if quiet.depth or not op else log.journal.place()
        do = partial(real, self, *args, **kwargs)
        do = partial(quietly, do) if is_whole else do
        if not place:
            return do()
        return signalled(_meeting(self), op, do, place)

    setattr(kind, name, call)


def signalled(thing, op, do, place):
    """A hand-over around a call that may wait: sent before it, received after it, both where processes meet."""
    if op in ("send", "meet"):
        handed(thing, "send", place)
    if op == "send":
        return do()
    return waiting(thing, "receive", do, place=place, gives=lambda result: result is not False)


def _meeting(shared, place=0):
    """The thing behind a condition, event or barrier: it has the identity of its lock."""
    kind = type(shared).__name__
    cond = shared if kind == "Condition" else shared._cond
    known = _known(cond._lock)
    return log.journal.thing(
        "signal", f"{kind} {known.identity if known else id(cond)}", kind, place
    )


# ---- values


def sharedctypes(module):
    """Record the values and arrays that have a lock; those without one are only named."""
    for kind in (module.Synchronized, module.SynchronizedString):
        for name in ("value", "raw"):
            if name in kind.__dict__:
                setattr(kind, name, _property(kind.__dict__[name], name))
    array, string = module.SynchronizedArray, module.SynchronizedString
    array.__getitem__, array.__setitem__ = (
        _item(array.__getitem__, "read"),
        _item(array.__setitem__, "write"),
    )
    real_init = module.SynchronizedBase.__init__

    @wraps(real_init)
    def init(self, obj, lock=None, ctx=None):
        real_init(self, obj, lock, ctx)
        if not quiet.depth and (place := log.journal.place()):
            _value(self, place)

    module.SynchronizedBase.__init__ = init
    for name in ("RawValue", "RawArray"):
        setattr(module, name, _told(getattr(module, name), _RAW))
    for name in ("Value", "Array"):
        setattr(module, name, _with_lock(getattr(module, name)))
    for kind in (module.Synchronized, array, string):
        kind.get_obj = _told(
            module.SynchronizedBase.get_obj, "a value used without its lock (get_obj())"
        )


_RAW = "memory without a lock (lock=False)"


def _with_lock(real):
    """`Value` and `Array`, which make their lock unless they get one."""

    @wraps(real)
    def make(*args, **kwargs):
        place = 0 if quiet.depth else log.journal.place()
        made = quietly(real, *args, **kwargs)
        if place and hasattr(made, "get_lock"):
            _value(made, place)
            _thing(made.get_lock(), "lock of", place)
        elif place:
            log.journal.note(_RAW, place)
        return made

    return make


def _value(shared, place=0, item=""):
    (arena, start, _), _ = shared._obj._wrapper._state
    identity = f"{_arena(arena)}+{start}{item}"
    return log.journal.thing("value", identity, type(shared._obj).__name__ + item, place)


def _arena(arena):
    number = getattr(arena, "fd", None)
    return getattr(arena, "name", "") if number is None else f"{os.fstat(number).st_ino}"


def _under_its_lock(shared, op, do, item="", seen=None):
    """An access as one step; the lock around it is shown where the process does not hold it already."""
    place = 0 if quiet.depth else log.journal.place()
    if not place:
        return do()
    thing, sem = _value(shared, 0, item), getattr(shared._lock, "_semlock", None)
    how = {
        "place": place,
        "cause": place,
        "seen": seen,
        "nth": take_turn(op, place),
    }  # its turn comes before its lock
    if sem is None or sem._is_mine():
        with quiet:
            return step(thing, op, do, **how)
    with shared._lock, quiet:
        return step(thing, op, do, **how)


def _property(real, name):
    def get(self):
        return _under_its_lock(self, "read", lambda: real.fget(self))

    def set(self, value):
        return _under_its_lock(self, "write", lambda: real.fset(self, value), seen=repr(value)[:40])

    return property(get, set)


def _item(real, op):
    @wraps(real)
    def call(self, index, *value):
        item = f"[{index}]" if isinstance(index, int) else "[:]"
        return _under_its_lock(self, op, lambda: real(self, index, *value), item)

    return call


def _told(real, what):
    """A call after which something is not recorded: the result says so."""

    @wraps(real)
    def call(*args, **kwargs):
        if not quiet.depth and (place := log.journal.place()):
            log.journal.note(what, place)
        return real(*args, **kwargs)

    return call


# ---- locks of threads, and on files


class ThreadLock:
    """A lock of `threading` that the script made: to other processes it is another lock."""

    def __init__(self, real, kind, made):
        self._real, self._kind, self._made = real, kind, made

    def _thing(self):
        where = f"{log.journal.letter or log.journal.pid} {id(self._real)}"
        place = log.journal.place_of(*self._made)
        return log.journal.thing("lock", where, f"threading.{self._kind}", place)

    def acquire(self, *args, **kwargs):
        do = partial(self._real.acquire, *args, **kwargs)
        if quiet.depth or not (place := log.journal.place()):
            return do()
        is_plain = not kwargs and args in ((), (True,))
        return waiting(
            self._thing(), "acquire", do, arg="" if is_plain else "try", place=place, gives=bool
        )

    def release(self):
        if quiet.depth or not (place := log.journal.place()):
            return self._real.release()
        return releasing(self._thing(), self._real.release, place)

    def __enter__(self):
        return self.acquire()

    def __exit__(self, *exc_info):
        self.release()

    def __getattr__(self, name):
        return getattr(self._real, name)

    def __repr__(self):
        return repr(self._real)

    def __reduce_ex__(self, protocol):
        return self._real.__reduce_ex__(protocol)

    __class__ = property(lambda self: type(self._real))


def threads(module):
    """Record the locks that the script itself makes; those of the library stay as they are."""
    frames.threads(module)
    for name in ("Lock", "RLock"):
        setattr(module, name, _made_by_script(getattr(module, name), name))


def _made_by_script(real, name):
    usual = type(real())
    kind = type(
        usual.__name__, (ThreadLock,), {"__module__": usual.__module__, "__doc__": usual.__doc__}
    )

    @stand_in(real, "threading", name)
    def make(*args, **kwargs):
        frame = sys._getframe(1)
        made = real(*args, **kwargs)
        if quiet.depth or not log.is_of_script(frame.f_code.co_filename):
            return made
        return kind(made, name, (frame.f_code, frame.f_lineno))

    return make


def fcntl(module):
    """Record locks on files: `flock`, and `lockf` of a whole file."""
    for name in ("flock", "lockf"):
        setattr(module, name, _file_lock(getattr(module, name), module))


def _file_lock(real, module):
    @stand_in(real)
    def call(*args):
        place = 0 if quiet.depth else log.journal.place()
        try:
            fd, operation, *_ = args
            found = os.fstat(fd if isinstance(fd, int) else fd.fileno()) if place else None
        except (OSError, TypeError, ValueError, AttributeError):  # as the real one will say
            found = None
        if not found or not isinstance(operation, int):
            return real(*args)
        name = getattr(fd, "name", "")
        thing = log.journal.thing(
            "lock",
            f"{found.st_dev}:{found.st_ino}",
            name if name and isinstance(name, str) else "file lock",
            place,
        )
        do = partial(real, *args)
        if operation & module.LOCK_UN:
            return releasing(thing, do, place)
        kind = "shared" if operation & module.LOCK_SH else ""
        arg = "try" if operation & module.LOCK_NB else kind
        return waiting(thing, "acquire", do, arg=arg, place=place)

    return call


def filelock(module):
    """Record the locks of the package filelock by their paths; the attempts that they are made of are not shown."""
    base = module.BaseFileLock
    real_acquire, real_release = base.acquire, base.release

    @wraps(real_acquire)
    def acquire(self, timeout=None, *args, **kwargs):
        place = 0 if quiet.depth or self.is_locked else log.journal.place()
        do = partial(quietly, real_acquire, self, timeout, *args, **kwargs)
        if not place:
            return do()
        given = self.timeout if timeout is None else timeout
        arg = "try" if given >= 0 or kwargs.get("blocking") is False else ""
        return waiting(_of_file(self, place), "acquire", do, arg=arg, place=place)

    @wraps(real_release)
    def release(self, force=False):
        place = 0 if quiet.depth or not (force or self.lock_counter == 1) else log.journal.place()
        do = partial(quietly, real_release, self, force)
        return releasing(_of_file(self, place), do, place) if place else do()

    base.acquire, base.release = acquire, release


def _of_file(lock, place):
    path = os.path.realpath(lock.lock_file)
    return log.journal.thing("lock", path, lock.lock_file, place)
