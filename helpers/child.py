"""The main of every child process: takes trials from its parent, runs the worker, says how it ended.

It imports next to nothing, because every spawned child pays for it, and leaves by os._exit after
flushing, because an interpreter's shutdown takes longer than most experiments.
"""

import faulthandler
import io
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
import types
from contextlib import suppress
from multiprocessing import util
from multiprocessing.connection import wait
from multiprocessing.reduction import ForkingPickler

from helpers import events

_real_sleep = time.sleep
_learners = set()  # the paths of the learners' files that were loaded
# On this signal a child writes down where it stands, also while it is blocked; None on Windows.
STACK_SIGNAL = getattr(signal, "SIGUSR1", None)


class Inheritance:
    """What a child inherits. Where it cannot be rebuilt in the child, asking for it raises why."""

    def __init__(self, things, error=None):
        self._things = things
        self._error = error

    def __reduce__(self):
        return _rebuilt, (bytes(ForkingPickler.dumps(self._things)),)

    @property
    def things(self):
        if self._error:
            raise self._error
        return self._things


def _rebuilt(pickled):
    try:
        return Inheritance(pickle.loads(pickled))
    except Exception as error:  # noqa: BLE001 - the parent is told, whatever it is
        return Inheritance((), error)


def main(name, conn, tape_path, folder, inheritance):
    """Serve trials until the parent says that there are no more, and leave.

    `name` is the process's letter, `inheritance` holds the resources and locks. A trial is
    answered with ("ready",), then, after the word "go", with ("done", what the worker gave back) or
    ("raised", error type, message, traceback, exit code); after an error the process ends with that
    exit code. In a trial that goes step by step, ("at", name of the thing, whether the step may let
    others go on) comes before each step, which waits for a "turn"; ("blocked", the same) says that it has to wait.
    """
    _end_at_interrupt()
    _tell_stack_when_asked(tape_path)
    watcher = _end_with_parent(folder)
    tape = events.Tape(tape_path)
    code = None
    try:
        while code is None and (trial := conn.recv_bytes()):
            code = _serve(trial, name, conn, tape, inheritance, watcher)
    except (EOFError, OSError):  # of the pipe: the parent is gone
        watcher.join(1.0)
    _leave(code or 0, watcher)


def _end_at_interrupt():
    """An interrupt ends the child at once and without a word; the parent held it back until here."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])


def stack_path(tape_path):
    """Where the process with this tape writes its stack."""
    return f"{tape_path}.stack"


def _tell_stack_when_asked(tape_path):
    """From now on, write the stack to a file when STACK_SIGNAL comes."""
    if STACK_SIGNAL is not None:
        file = open(stack_path(tape_path), "wb", buffering=0)  # noqa: SIM115 - stays open
        faulthandler.register(STACK_SIGNAL, file)


def _serve(trial, name, conn, tape, inheritance, watcher):
    """Serve one trial; the exit code if the process is to end after it, else None."""
    tape.reset()
    entered = []
    try:
        source, folder, pickled, is_stepped, fault = pickle.loads(trial)
        events.hearer = events.Free(name, tape, fault)
        if is_stepped:
            events.hearer = events.Stepped(name, tape, _turns(conn, watcher), fault)
        for thing in inheritance.things:
            entered.append(thing)
            thing.enter(folder)
        worker = load(*source)
        args = unpack(pickled, inheritance.things)
        conn.send(("ready",))
        if not conn.recv_bytes():
            return 0
        try:
            given = worker(*args)
        finally:
            _await_threads()
        _leave_all(entered)
        _flush()
        conn.send(("done", given))
    except BaseException as error:  # noqa: BLE001 - told to the parent, whatever it is
        _leave_all(entered)  # the process will end: nobody shall find it in the way until then
        return _report(error, conn)
    return None


def _leave_all(things):
    for thing in things:
        thing.leave()


def _await_threads():
    """Until the worker's own threads have ended: a process lives as long as they do."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()


def _turns(conn, watcher):
    """What a Stepped hearer calls before each step."""

    def take_turn(word, thing, op):
        conn.send((word, thing.name, op in thing.ending))
        if not conn.recv_bytes():
            _leave(0, watcher)  # the trial is over, and the tape stays as it is

    return take_turn


def _report(error, conn):
    import traceback  # only the unlucky pay for it

    code = 1
    if isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    _flush()
    text = "".join(traceback.format_exception(error))
    conn.send(("raised", type(error).__name__, str(error), text, code))
    return code


def load(module, name, path=None, calls=1):
    """The function `name` of `module`; with `path`, of that file, read anew, to be called `calls` times in a row.

    From then on, a `time.sleep` that the file calls is a pause, as `events.pause`. Raises what importing
    it raises, and AttributeError where it has no such function.
    """
    if path is not None:
        worker = getattr(load_module(path), name)
        return worker if calls == 1 else lambda *args: tuple(worker(*args) for _ in range(calls))
    __import__(module)
    return getattr(sys.modules[module], name)


def load_module(path):
    """The module in the file at `path`, run anew under its own name, as Python would import it.

    Raises what running it raises. The file is read as bytes: Python knows its coding line and its line ends.
    """
    name = os.path.splitext(os.path.basename(path))[0]
    fresh = types.ModuleType(name)
    fresh.__file__ = path
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec")
    sys.modules[name] = fresh
    _hear_sleeps(path)
    exec(code, fresh.__dict__)  # noqa: S102 - the learner's own file
    return fresh


def _hear_sleeps(path):
    """From now on, `time.sleep` is a pause where the file at `path` calls it, else what it was."""
    _learners.add(path)
    if time.sleep is not _sleep:
        _sleep.elsewhere, time.sleep = time.sleep, _sleep


def is_learners(frame):
    """Whether a frame belongs to a learner's file."""
    return frame.f_code.co_filename in _learners


def _sleep(seconds, /):
    if not is_learners(sys._getframe(1)):
        _sleep.elsewhere(seconds)
    elif isinstance(seconds, (int, float)) and 0 < seconds <= threading.TIMEOUT_MAX:
        events.pause(seconds)
    else:
        _real_sleep(seconds)  # it gives way for 0, and raises its own errors


def unpack(pickled, things):
    """The arguments that `lab.arguments.pack` packed, with `things` in the places of its things."""
    return _ThingUnpickler(io.BytesIO(pickled), things).load()


class _ThingUnpickler(pickle.Unpickler):
    """Puts the inherited resources and locks in the places of the trial's arguments."""

    def __init__(self, file, things):
        super().__init__(file)
        self._things = things

    def persistent_load(self, number):
        return self._things[number].as_argument()


def _end_with_parent(folder):
    """From now on, remove the run's folder and end as soon as the parent is gone."""
    sentinel = multiprocessing.parent_process().sentinel

    def watch():
        wait([sentinel])
        for _ in range(20):
            remove(folder)
            if not os.path.exists(folder):
                break
            time.sleep(0.01)  # somebody was still writing
        os._exit(1)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    return watcher


def remove(folder):
    """Delete a folder and all in it; what cannot be deleted stays, without an error."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                remove(entry.path)
            else:
                with suppress(OSError):  # another process removes it too
                    os.unlink(entry.path)
    with suppress(OSError):
        os.rmdir(folder)


def _flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, ValueError, OSError):
            pass  # pythonw has none, a closed one takes none


def _leave(code, watcher):
    _flush()
    util._run_finalizers(0)  # locks made in this process; os._exit would leave their names behind
    if wait([multiprocessing.parent_process().sentinel], 0):
        watcher.join()  # it removes the folder and ends the process
    os._exit(code & 0xFF)
