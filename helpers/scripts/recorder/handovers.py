"""What orders processes: starts and ends, queues and pipes, the tasks and results of pools, and what managers keep.

A thread that multiprocessing or an executor runs for itself has no line of the script (its place is 0): what it sends was
asked for by the main thread, and what it receives reaches the main thread when that one collects a result.
"""

import os
import sys
from functools import partial, wraps

from . import journal as log
from .files import put
from .journal import handed, quiet, quietly, stand_in, step, waiting
from .lock_calls import _whole, may_give_up, releasing

_starting = []  # the letter and the place of the process that is being started


# ---- processes


def process(module):
    """Record starts, and waits for ends."""
    base = module.BaseProcess
    base.start, base.join = _started(base.start), _joined(base.join)
    base._bootstrap = _told_to_end(base._bootstrap)
    base.terminate, base.kill = _on_purpose(base.terminate), _on_purpose(base.kill)
    real_alive, real_code = base.is_alive, base.exitcode

    @wraps(real_alive)
    def is_alive(self):
        return _noticed(self, real_alive(self), False)

    def exitcode(self):
        code = real_code.fget(self)
        return _noticed(self, code, code)

    base.is_alive, base.exitcode = is_alive, property(exitcode)


def _started(real):
    @wraps(real)
    def start(self):
        if quiet.depth:
            return real(self)
        place, letter = log.journal.place(), log.journal.claim()
        _starting.append((letter, place))
        try:
            step(_life(letter), "start", real, self, place=place, cause=place, arg=self.name)
        finally:
            _starting.pop()
        self.__dict__["_watched"] = letter
        log.journal.write("method", self._popen.method)

    return start


def _joined(real):
    @wraps(real)
    def join(self, timeout=None):
        letter = self.__dict__.get("_watched")
        if letter is None or quiet.depth:
            return real(self, timeout)
        arg = "try" if timeout is not None else ""
        how = {
            "arg": arg,
            "place": log.journal.place(),
            "gives": lambda _: self._popen.returncode is not None,
        }
        try:
            return waiting(_life(letter), "join", real, self, timeout, **how)
        finally:
            _note_death(self)

    return join


def _told_to_end(real):
    @wraps(real)
    def bootstrap(self, *args, **kwargs):
        code = None
        try:
            code = real(self, *args, **kwargs)
            return code
        finally:
            log.journal.turns.done()
            log.journal.write("exit", code)

    return bootstrap


def _on_purpose(real):
    @wraps(real)
    def call(self):
        self.__dict__["_watched_to_end"] = True
        return real(self)

    return call


def _note_death(process):
    """Write down that a child was killed by a signal: it cannot say so itself."""
    code = process._popen and process._popen.returncode
    if code and code < 0 and "_watched_to_end" not in process.__dict__:
        log.journal.write("death", process.__dict__["_watched"], code)


def _life(letter):
    return log.journal.thing("process", letter, letter)


def _noticed(process, found, when):
    """What was found of a process: that it has ended orders as a join does."""
    letter = process.__dict__.get("_watched")
    if letter is not None and found is not None and found == when and not quiet.depth:
        _note_death(process)
        handed(_life(letter), "join", log.journal.place())
    return found


def util(module):
    """Note the temporary folder that multiprocessing makes for itself: who is killed leaves it behind."""
    real = module.get_temp_dir

    @wraps(real)
    def get_temp_dir():
        folder = real()
        log.journal.write("temporary", os.path.abspath(folder))
        return folder

    module.get_temp_dir = get_temp_dir


def spawn(module):
    """Tell each child its letter, with what multiprocessing tells it."""
    real_data, real_prepare = module.get_preparation_data, module.prepare

    @wraps(real_data)
    def get_preparation_data(name):
        data = real_data(name)
        if _starting and name != "ignore":
            data["watched"] = *_starting[-1], log.journal.letter
        return data

    @wraps(real_prepare)
    def prepare(data):
        told = data.get("watched")
        if told:
            log.journal.letter, log.journal.started, log.journal.parent = told
            log.journal.is_server = False
            log.journal.begin()
        return real_prepare(data)

    module.get_preparation_data, module.prepare = get_preparation_data, prepare


def subprocess(module):
    """A program that is started with an environment of its own shows no trace of the run."""
    real = module.Popen.__init__

    @wraps(real)
    def init(self, *args, **kwargs):
        real(self, *args, **kwargs)
        log.journal.write("program", self.pid)

    module.Popen.__init__ = init


def before_fork():
    """A fork is about to come: its child's letter, unless it is known, or a server's own."""
    is_own = log.journal.is_server or quiet.depth
    known = _starting[-1] if _starting else None
    _forks.append((None, 0) if is_own else known or (log.journal.claim(), log.journal.place()))
    if not known and not is_own:
        handed(_life(_forks[-1][0]), "start", _forks[-1][1])


def after_fork_in_parent():
    _forks.pop()


def after_fork_in_child():
    letter, place = _forks.pop()
    _forks.clear()
    _starting.clear()
    log.journal.forked(letter, log.journal.letter, place)


_forks = []


def os_waits():
    """Record waits for the children of `os.fork`."""
    for name in "wait", "waitpid":
        if hasattr(os, name):
            put(_waited(getattr(os, name)))


def _waited(real):
    @stand_in(real)
    def call(*args):
        if quiet.depth or not log.is_of_script(sys._getframe(1).f_code.co_filename):
            return real(*args)
        place = log.journal.place()
        thing = log.journal.thing("process", "any", "a child")
        return waiting(thing, "join", _with_pid, real, args, place=place)

    return call


def _with_pid(real, args):
    pid, status = real(*args)
    if pid:
        handed(log.journal.thing("process", f"pid {pid}", f"{pid}"), "join", log.journal.place())
    return pid, status


# ---- pipes and queues


def connection(module):
    """Record messages, whoever sends them: a script, or a pool for it."""
    for name in "Connection", "PipeConnection":
        if kind := getattr(module, name, None):
            kind._send_bytes = _message(kind._send_bytes, "send")
            kind._recv_bytes = _message(kind._recv_bytes, "receive")
    real_pipe = module.Pipe

    @wraps(real_pipe)
    def pipe(duplex=True):
        ends = real_pipe(duplex)
        if duplex:  # its two ends are two numbers of the system
            log.journal.write("pair", *map(_pipe_identity, ends))
        return ends

    module.Pipe = pipe


def _pipe_identity(end):
    try:
        found = os.fstat(end.fileno())
    except (OSError, ValueError):
        return ""
    return f"{found.st_dev}:{found.st_ino}"


def _pipe(end, kind="pipe"):
    return log.journal.thing("signal", _pipe_identity(end), kind)


def _message(real, op):
    @wraps(real)
    def call(self, *args):
        if quiet.depth:
            return real(self, *args)
        return _hand_over(_pipe(self), op, partial(real, self, *args))

    return call


def _hand_over(thing, op, do, place=None):
    place = log.journal.place() if place is None else place
    if op == "send":
        handed(thing, op, place)
        return do()
    return waiting(thing, op, do, place=place)


def queues(module):
    """Record what is put and what is got; the thread that feeds a queue only carries it."""
    for kind in module.Queue, module.SimpleQueue:
        kind.put, kind.get = _queued(kind.put, "send"), _queued(kind.get, "receive")
    joinable = module.JoinableQueue
    joinable.put = _queued(joinable.put, "send")
    joinable.task_done = _queued(joinable.task_done, "send", " done")
    joinable.join = _queued(joinable.join, "receive", " done")
    for kind in module.Queue, module.SimpleQueue, joinable:
        _whole(kind, "__init__")
    module.Queue._feed = staticmethod(partial(quietly, module.Queue._feed))


def _queued(real, op, more=""):
    @wraps(real)
    def call(self, *args, **kwargs):
        do = partial(quietly, real, self, *args, **kwargs)
        if quiet.depth:
            return do()
        end = self._reader if op == "receive" or more else self._writer
        thing = log.journal.thing("signal", _pipe_identity(end) + more, "queue")
        return _hand_over(thing, op, do, log.journal.place())

    return call


# ---- pools


def pool(module):
    """Record where the results of a pool are collected, and whether it has only one worker."""
    _told_if_single(module.Pool, "_processes", "_inqueue")
    for kind, name in (
        (module.ApplyResult, "get"),
        (module.ApplyResult, "wait"),
        (module.IMapIterator, "next"),
        (module.Pool, "join"),
    ):
        setattr(kind, name, _collecting(getattr(kind, name)))
    module.IMapIterator.__next__ = module.IMapIterator.next


def futures(module):
    """Record where the results of an executor are collected."""
    for name in "result", "exception":
        setattr(module.Future, name, _collecting(getattr(module.Future, name)))
    module.wait = _collecting(module.wait)
    module.as_completed = _one_by_one(module.as_completed)
    module.Executor.__exit__ = _collecting(module.Executor.__exit__)


def _told_if_single(kind, count, tasks):
    real = kind.__init__

    @wraps(real)
    def init(self, *args, **kwargs):
        real(self, *args, **kwargs)
        if getattr(self, count) == 1:
            log.journal.write("single", _pipe_identity(getattr(self, tasks)._reader))

    kind.__init__ = init


def executors(module):
    """Record when the tasks of an executor are submitted, for its own thread sends them on later; and whether it may have one worker only."""
    _told_if_single(module.ProcessPoolExecutor, "_max_workers", "_call_queue")
    real = module.ProcessPoolExecutor.submit

    @wraps(real)
    def submit(*args, **kwargs):
        if not quiet.depth:
            thing = log.journal.thing("signal", "submitted", "submitted")
            handed(thing, "submit", log.journal.place())
        return real(*args, **kwargs)

    module.ProcessPoolExecutor.submit = submit


def _collecting(real):
    @wraps(real)
    def call(*args, **kwargs):
        if quiet.depth:
            return real(*args, **kwargs)
        thing = log.journal.thing("signal", "results", "results")
        do = partial(real, *args, **kwargs)
        return waiting(thing, "collect", do, place=log.journal.place())

    return call


def _one_by_one(real):
    @wraps(real)
    def call(*args, **kwargs):
        for result in real(*args, **kwargs):
            handed(
                log.journal.thing("signal", "results", "results"), "collect", log.journal.place()
            )
            yield result

    return call


# ---- managers

_READING = {
    "__getitem__",
    "get",
    "__contains__",
    "copy",
    "keys",
    "values",
    "items",
    "index",
    "count",
    "__len__",
    "__getattribute__",
}
_WRITING = {"__setitem__", "set", "__setattr__", "__delitem__", "__delattr__"}
_LOCKS = {"Lock", "RLock", "Semaphore", "BoundedSemaphore"}
_SIGNALS = {
    "set": "send",
    "put": "send",
    "notify": "send",
    "notify_all": "send",
    "task_done": "send",
}
_SIGNALS |= {"wait": "receive", "get": "receive", "is_set": "receive", "join": "receive"}


def managers(module):
    """Record what is done through a manager; its own process is no lane."""
    base, proxy = module.BaseManager, module.BaseProxy
    _whole(base, "start")
    _whole(base, "_create")
    real_server, real_init, real_call = base._run_server.__func__, proxy.__init__, proxy._callmethod

    @wraps(real_server)
    def run_server(*args, **kwargs):
        log.journal.is_server = True
        return real_server(*args, **kwargs)

    @wraps(real_init)
    def init(self, *args, **kwargs):
        place = log.journal.place()
        quietly(real_init, self, *args, **kwargs)
        if place:
            kind = "lock" if self._token.typeid in _LOCKS else "value"
            _proxied(self, kind, f"Manager {self._token.typeid}", place)

    @wraps(real_call)
    def callmethod(self, methodname, args=(), kwds={}):  # noqa: B006 - as multiprocessing has it
        do = partial(quietly, real_call, self, methodname, args, kwds)
        place = 0 if quiet.depth else log.journal.place()
        return _on_manager(self, methodname, args, do, place) if place else do()

    base._run_server, proxy.__init__, proxy._callmethod = classmethod(run_server), init, callmethod


def _proxied(proxy, kind, name, place=0, item=""):
    return log.journal.thing(kind, f"{proxy._token.address} {proxy._token.id}{item}", name, place)


def _on_manager(proxy, method, args, do, place):
    kind = proxy._token.typeid
    if method in ("acquire", "release") and kind in {*_LOCKS, "Condition"}:
        thing = _proxied(proxy, "lock", f"Manager {kind}")
        if method == "release":
            return releasing(thing, do, place)
        return waiting(
            thing, "acquire", do, place=place, arg="try" if may_give_up(*args) else "", gives=bool
        )
    if kind in ("Event", "Condition", "Barrier", "Queue", "JoinableQueue"):
        return _hand_over(
            _proxied(proxy, "signal", f"Manager {kind}"), _SIGNALS.get(method, "send"), do, place
        )
    item = (
        f"[{args[0]!r}]"
        if args
        and method
        in ("__getitem__", "__setitem__", "get", "__getattribute__", "__setattr__", "__delitem__")
        else ""
    )
    op = "read" if method in _READING else "write" if method in _WRITING else "add"
    return step(
        _proxied(proxy, "value", f"Manager {kind}{item}", 0, item), op, do, place=place, cause=place
    )
