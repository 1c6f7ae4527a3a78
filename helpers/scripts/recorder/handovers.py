"""What orders processes: starts and ends, queues and pipes, the tasks and results of pools, and what managers keep.

A thread that multiprocessing or an executor runs for itself has no line of the script (its place is 0): what it sends was
asked for by the main thread, and what it receives reaches the main thread when that one collects a result.
"""

import os
import sys
from _signal import SIGTERM
from functools import partial

from . import journal as log
from .journal import hand_over, handed, quiet, quietly, releasing, step, waiting
from .lock_calls import may_give_up
from .wrapping import imported, records

_starting = []  # the letter of the process that is being started
_forks = []  # the letters of those that are being forked
_always = partial(records, always=True)
_PIPES, _EXECUTORS = "multiprocessing.connection", "concurrent.futures.process"


# ---- processes


@_always("multiprocessing.process", "BaseProcess.start")
def _start(place, do, self):
    letter = log.journal.claim()
    _starting.append(letter)
    try:
        step(_life(letter), "start", do, place, arg=self.name)
    finally:
        _starting.pop()
    self.__dict__["_watched"] = letter
    log.journal.write("method", self._popen.method)


@_always("multiprocessing.process", "BaseProcess.join")
def _join(place, do, self, timeout=None):
    if (letter := self.__dict__.get("_watched")) is None:
        return do()
    wait = partial(waiting, _life(letter), "join", do, place, "" if timeout is None else "try")
    try:
        return wait(lambda _: self._popen.returncode is not None)
    finally:
        _note_death(self)


@_always("multiprocessing.process", "BaseProcess._bootstrap")
def _run(place, do, *_, **__):
    code = None
    try:
        code = do()
        return code
    finally:
        log.journal.turns.end()
        log.journal.write("exit", code)


def _note_death(process):
    """Write down that a child was killed by a signal, which it cannot say itself.

    SIGTERM tells one to end: `terminate` sends it, and multiprocessing itself to each daemon at the script's end.
    """
    code = process._popen and process._popen.returncode
    if code and code < 0 and code != -SIGTERM:
        log.journal.write("death", process.__dict__["_watched"], code)


def _life(letter):
    return log.journal.thing("process", letter, letter)


@_always("multiprocessing.process", "BaseProcess.is_alive", lambda is_alive: not is_alive)
@_always("multiprocessing.process", "BaseProcess.exitcode", lambda code: code is not None)
def _found(has_ended, place, do, self):
    """What is found of a process: that it has ended orders as a join does."""
    letter, found = self.__dict__.get("_watched"), do()
    if letter is not None and has_ended(found):
        _note_death(self)
        handed(_life(letter), "join", place)
    return found


# A manager asks for it in its own start.
@records("tempfile", "mkdtemp", inside=True)
def _make_folder(place, do, *_, prefix="", dir=None, **__):
    """Make the temporary folder that multiprocessing asks for under a name that is noted before."""
    if prefix != "pymp-":
        return do()
    path = os.path.join(dir or sys.modules["tempfile"].gettempdir(), prefix + os.urandom(4).hex())
    quietly(os.mkdir, log.journal.leaves("folder", path), 0o700)
    return path


@_always("multiprocessing.spawn", "get_preparation_data")
def _tell(place, do, name):
    """Tell each child its letter, with what multiprocessing tells it."""
    data = do()
    if _starting and name != "ignore":
        data["watched"] = _starting[-1]
    return data


@_always("multiprocessing.spawn", "prepare")
def _be_told(place, do, data):
    if letter := data.get("watched"):
        log.journal.begin(letter)
    return do()


@_always("subprocess", "Popen.__init__")
def _make_popen(place, do, self, *_, **__):
    """The line is looked for anew: between it and here may be functions of subprocess, which have none.

    A program that is a Python with the run's environment is recorded itself; of any other, its number is all that is known.
    """
    began, caller = log.now(), log.caller(sys.modules["subprocess"].__file__)
    do()
    place = log.journal.place(caller) if caller else 0
    handed(_program(self.pid), "start", place, began)
    log.journal.write("ran", self.pid, place)


@_always("subprocess", "Popen.poll Popen.wait")
def _look_at(place, do, self, *_, **__):
    if (code := do()) is not None:
        handed(_program(self.pid), "join", place)
    return code


def _program(pid):
    return log.journal.thing("process", f"pid {pid}", f"{pid}")


def before_fork():
    """A fork is about to come: its child's letter, unless it is known, or a server's own."""
    is_own = log.journal.is_server or quiet.depth
    if _starting or is_own:
        _forks.append(None if is_own else _starting[-1])
        return
    _forks.append(log.journal.claim())
    handed(_life(_forks[-1]), "start", log.journal.place())


def after_fork_in_child():
    log.journal.begin(_forks.pop())
    _forks.clear()
    _starting.clear()


@imported("os")
def _forking(_):
    """Record forks."""
    if hasattr(os, "register_at_fork"):
        after = {"after_in_parent": _forks.pop, "after_in_child": after_fork_in_child}
        os.register_at_fork(before=before_fork, **after)


@records("os", "wait waitpid wait3 wait4")
def _wait(place, do, *_):
    found = waiting(log.journal.thing("process", "any", "a child"), "join", do, place)
    if found[0]:
        handed(_program(found[0]), "join", place)
    return found


# ---- pipes and queues


@_always(_PIPES, "Connection._send_bytes PipeConnection._send_bytes", "send")
@_always(_PIPES, "Connection._recv_bytes PipeConnection._recv_bytes", "receive")
def _message(op, place, do, self, *_):
    """A message, whoever sends it: a script, or a pool for it."""
    return hand_over(log.journal.thing("signal", log.identity(self), "pipe"), op, do, place)


@_always(_PIPES, "Pipe")
def _pipe(place, do, duplex=True):
    ends = do()
    if duplex:  # its two ends are two numbers of the system
        log.journal.write("pair", *map(log.identity, ends))
    return ends


@_always("multiprocessing.queues", "Queue.put SimpleQueue.put JoinableQueue.put", "send", "")
@_always("multiprocessing.queues", "Queue.get SimpleQueue.get", "receive", "")
@_always("multiprocessing.queues", "JoinableQueue.task_done", "send", " done")
@_always("multiprocessing.queues", "JoinableQueue.join", "receive", " done")
def _queued(op, more, place, do, self, *_, **__):
    end = self._reader if op == "receive" or more else self._writer
    thing = log.journal.thing("signal", log.identity(end) + more, "queue")
    if op == "receive" and not place and log.journal.letter != "P":
        log.journal.turns.before_task()
    return hand_over(thing, op, partial(quietly, do), place)


# ---- pools


@_always("multiprocessing.pool", "Pool.__init__", "_processes", "_inqueue")
@_always(_EXECUTORS, "ProcessPoolExecutor.__init__", "_max_workers", "_call_queue")
def _make_pool(count, tasks, place, do, self, *_, **__):
    """Record whether a pool, or an executor, has only one worker."""
    do()
    if getattr(self, count) == 1:
        log.journal.write("single", log.identity(getattr(self, tasks)._reader))


@_always(_EXECUTORS, "ProcessPoolExecutor.submit")
def _submit(place, do, *_, **__):
    """Record when a task of an executor is submitted, for its own thread sends it on later."""
    handed(log.journal.thing("signal", "submitted", "submitted"), "submit", place)
    return do()


@_always("multiprocessing.pool", "ApplyResult.get ApplyResult.wait Pool.join")
@_always("multiprocessing.pool", "IMapIterator.next IMapIterator.__next__")
@_always("concurrent.futures._base", "Future.result Future.exception wait Executor.__exit__")
def _collect(place, do, *_, **__):
    """Record where results are collected."""
    results = log.journal.thing("signal", "results", "results")
    return waiting(results, "collect", do, place)


# ---- managers

_OF_AN_ITEM = {*"__getitem__ __setitem__ get __getattribute__ __setattr__ __delitem__".split()}
_READING = {*"__getitem__ get __contains__ copy keys values items index count".split()}
_READING |= {"__len__", "__getattribute__"}
_WRITING = {*"__setitem__ set __setattr__ __delitem__ __delattr__".split()}
_LOCKS = {"Lock", "RLock", "Semaphore", "BoundedSemaphore"}
_SIGNALS = {"Event", "Condition", "Barrier", "Queue", "JoinableQueue"}
_RECEIVING = {"wait", "get", "is_set", "join"}


# It may be forked in the manager's own start.
@records("multiprocessing.managers", "BaseManager._run_server", inside=True)
def _serve(place, do, *_, **__):
    """A manager's own process is no lane."""
    log.journal.is_server = True
    return do()


@records("multiprocessing.managers", "BaseProxy.__init__")
def _proxy_made(place, do, self, *_, **__):
    quietly(do)
    kind = self._token.typeid
    _proxied(self, "lock" if kind in _LOCKS else "value", f"Manager {kind}", place)


def _proxied(proxy, kind, name, place=0, item=""):
    return log.journal.thing(kind, f"{proxy._token.address} {proxy._token.id}{item}", name, place)


@records("multiprocessing.managers", "BaseProxy._callmethod")
def _call_manager(place, do, proxy, method, args=(), _=None):
    do, kind = partial(quietly, do), proxy._token.typeid
    name = f"Manager {kind}"
    if method in ("acquire", "release") and kind in {*_LOCKS, "Condition"}:
        thing = _proxied(proxy, "lock", name)
        if method == "release":
            return releasing(thing, do, place)
        return waiting(thing, "acquire", do, place, "try" if may_give_up(*args) else "", bool)
    if kind in _SIGNALS:
        op = "receive" if method in _RECEIVING else "send"
        return hand_over(_proxied(proxy, "signal", name), op, do, place)
    item = f"[{args[0]!r}]" if args and method in _OF_AN_ITEM else ""
    op = "read" if method in _READING else "write" if method in _WRITING else "add"
    return step(_proxied(proxy, "value", name + item, 0, item), op, do, place)
