"""The main of every child process: takes trials from its parent, runs the worker, says how it ended.

It imports next to nothing, because every spawned child pays for it, and leaves by os._exit after
flushing, because an interpreter's shutdown takes longer than most experiments.
"""

import io
import multiprocessing
import os
import pickle
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from multiprocessing import util
from multiprocessing.connection import wait
from multiprocessing.reduction import ForkingPickler
from types import FrameType, ModuleType

from helpers import events
from helpers.events import Any

SAFE_PATH = "for the start of a child only"  # the value of PYTHONSAFEPATH by which a child knows it
# What pickle and multiprocessing raise for what they cannot hand to another process.
UNSENDABLE = (TypeError, AttributeError, ValueError, RuntimeError, pickle.PicklingError)
MOST_PRINTED = 100_000  # characters in each trial: more would fill the notebook
_LONGEST_MESSAGE = 2_000  # characters of an error that go into a sentence
_TWO_THREADS = "two of its threads wanted to take a step, and a schedule gives turns to processes only: run it without a schedule"
_real_sleep = _elsewhere = time.sleep  # the latter: what it was before the first learner's file
_learners: set[str] = set()  # the paths of the learners' files that were loaded


class Inheritance(tuple):
    """The resources and locks that a child inherits, in the order of their numbers.

    Where they cannot be sent to the child or rebuilt in it, it gets the error in their place.
    """

    __slots__ = ()

    def __reduce__(self):
        try:
            pickled = bytes(ForkingPickler.dumps(tuple(self)))
        except UNSENDABLE as error:
            pickled = pickle.dumps(error)
        return _rebuilt, (pickled,)


def _rebuilt(pickled):
    try:
        return pickle.loads(pickled)
    except Exception as error:  # noqa: BLE001 - the parent is told, whatever it is
        return error


def main(name: str, conn: Any, inquiry: Any, tape_path: str, folder: str, inherited: Any) -> None:
    """Serve trials until the parent says that there are no more, and leave.

    `name` is the process's letter, `inherited` an Inheritance as it came here. A trial is
    answered with ("ready",), then, after the word "go", with ("done", what the worker gave back) or
    ("raised", error type, message, traceback, exit code); after an error the process ends with that
    exit code. In a trial that goes step by step, ("at",) comes before each step, which waits for a "turn";
    ("blocked",) says that it has to wait for others, ("waits",) that the process waits to be notified.
    Whatever comes through `inquiry` is answered with where the process stands, also while it is blocked.

    All that the worker starts is in this process's own group and ends with the trial: programs, forks
    and their children. Not so what calls setsid (`start_new_session=True`), nor programs on Windows,
    which knows no such groups.
    """
    if os.environ.get("PYTHONSAFEPATH") == SAFE_PATH:
        del os.environ["PYTHONSAFEPATH"]
    # An interrupt ends the child at once and without a word; the parent held it back until here.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
    home = _leave_group()
    watcher = _end_with_parent(folder, home, inquiry)
    try:
        tape = events.Tape(tape_path)
    except FileNotFoundError:  # the folder: the run is over
        os._exit(1)
    code = None
    try:
        while code is None and (trial := conn.recv_bytes()):
            code = _serve(trial, name, conn, tape, inherited, watcher)
            _end_group(home)
    except (EOFError, OSError):  # of the pipe: the parent is gone
        watcher.join(1.0)
    leave(code or 0, watcher)


def _leave_group():
    """From now on be the first of a group of processes; the group until here, None on Windows."""
    if not hasattr(os, "setpgid"):
        return None
    os.register_at_fork(after_in_child=_note_fork)
    home = os.getpgrp()
    os.setpgid(0, 0)
    return home


def _note_fork():
    """What a fork of this process does is its own affair: it has no tape and no turns."""
    events.observer = events.Unobserved()


def _end_group(home):
    """Kill whatever else is in this process's group: for that moment it goes back to group `home`."""
    if home is not None:
        with suppress(OSError):  # nobody is in it
            os.setpgid(0, home)
            os.killpg(os.getpid(), signal.SIGKILL)
        with suppress(OSError):
            os.setpgid(0, 0)


def _serve(trial, name, conn, tape, inherited, watcher):
    """Serve one trial; the exit code if the process is to end after it, else None."""
    tape.reset()
    try:
        source, folder, pickled, is_stepped, fault = pickle.loads(trial)
        _use_temporary_folder(folder)
        sys.stdout, sys.stderr = _bounded(sys.stdout), _bounded(sys.stderr)
        events.observer = events.Free(name, tape, fault)
        if is_stepped:
            events.observer = events.Stepped(name, tape, turns(conn, watcher), fault)
        if isinstance(inherited, Exception):
            raise inherited
        # However it ends: if the process ends too, nobody is to find these in the way until then.
        with ExitStack() as entered:
            for shared in inherited:
                entered.callback(shared.leave)
                shared.enter(folder)
            worker = _called(load, *source)
            args = unpack(pickled, inherited)
            conn.send(("ready",))
            if not conn.recv_bytes():
                return 0
            try:
                given = _called(worker, *args)
            finally:
                _await_threads()
        _flush()
        # Does no thread of the worker live on, which would take part in the next trial?
        is_alone = {*threading.enumerate()} == {threading.current_thread(), watcher}
        conn.send(("done", given, is_alone))
    except BaseException as error:  # noqa: BLE001 - told to the parent, whatever it is
        return _report(error, conn)
    return None


def _called(function, *args):
    """What `function` gives back. A process that it forked from this one ends where the call ends."""
    me = os.getpid()
    try:
        return function(*args)
    finally:
        if os.getpid() != me:
            _flush()
            os._exit(0)


def _use_temporary_folder(folder):
    """Temporary files go to `folder`, which is removed after the trial."""
    os.environ.update(dict.fromkeys(("TMPDIR", "TEMP", "TMP"), folder))
    if "tempfile" in sys.modules:
        sys.modules["tempfile"].tempdir = None  # it asks the environment again


def _bounded(stream):
    """`stream` with a bound for the next trial; None, which pythonw has, stays."""
    return stream and _Bounded(getattr(stream, "stream", stream))


class _Bounded:
    """A `stream` that passes on so many characters, says that there were more, and drops those.

    What does not go through sys.stdout or sys.stderr, such as os.write, is not bounded.
    """

    def __init__(self, stream):
        self.stream = stream
        self._left = MOST_PRINTED
        if hasattr(stream, "buffer"):
            self.buffer = _Bounded(stream.buffer)

    def write(self, text):
        if len(text) <= self._left:
            self.stream.write(text)
        elif self._left >= 0:
            note = f"\n[more than {MOST_PRINTED:,} characters: the rest is not shown]\n"
            note = note if isinstance(text, str) else note.encode()
            self.stream.write(text[: self._left] + note)
        self._left -= len(text)
        return len(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def __getattr__(self, name):
        return getattr(self.stream, name)


def _await_threads():
    """Until the worker's own threads have ended: a process lives as long as they do."""
    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()


def turns(conn: Any, watcher: Any) -> Any:
    """What a Stepped observer calls before each step."""

    one_at_a_time = threading.Lock()

    def take_turn(word):
        if not one_at_a_time.acquire(blocking=False):
            leave(_report(RuntimeError(_TWO_THREADS), conn), watcher)
        conn.send((word,))
        goes_on = conn.recv_bytes()
        one_at_a_time.release()
        if not goes_on:
            leave(0, watcher)  # the trial is over, and the tape stays as it is

    return take_turn


def _report(error, conn):
    import traceback  # only the unlucky pay for it

    code = 1
    if isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    _flush()
    text = "".join(traceback.format_exception(error))
    conn.send(("raised", type(error).__name__, message_of(error), text, code))
    return code


def message_of(error: BaseException) -> str:
    """The text of an error as far as it can be read, and not without end."""
    try:
        return str(error)[:_LONGEST_MESSAGE]
    except Exception:  # noqa: BLE001 - its class is the worker's own
        return "its text cannot be read"


def unpack(pickled: bytes, shared_objects: Any) -> Any:
    """The arguments that `lab.arguments.pack` packed, with `shared_objects` in the places of its shared objects."""
    return _SharedUnpickler(io.BytesIO(pickled), shared_objects).load()


class _SharedUnpickler(pickle.Unpickler):
    """Puts the inherited resources and locks in the places of the trial's arguments."""

    def __init__(self, file, shared_objects):
        super().__init__(file)
        self._shared_objects = shared_objects

    def persistent_load(self, number):
        return self._shared_objects[number].as_argument()


def _end_with_parent(folder, home, inquiry):
    """From now on, remove the run's folder and end, with its group, as soon as the parent is gone.

    Until then, answer its inquiries.
    """
    sentinel = multiprocessing.parent_process().sentinel

    def watch():
        with suppress(EOFError, OSError):  # of the pipe: no more are to come
            while inquiry in wait([sentinel, inquiry]):
                inquiry.recv_bytes()
                inquiry.send(_calls_under_way())
        wait([sentinel])
        _end_group(home)
        for _ in range(20):
            remove(folder)
            if not os.path.exists(folder):
                break
            time.sleep(0.01)  # somebody was still writing
        kill_group(os.getpid())  # with this process: `home` may be gone as well
        os._exit(1)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    return watcher


def _calls_under_way():
    """File, line and function of each call of each thread, the latest ones first."""
    calls = []
    for frame in sys._current_frames().values():
        while frame:
            calls.append((frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name))
            frame = frame.f_back
    return calls


def remove(folder: str) -> None:
    """Delete a folder and all in it; what cannot be deleted stays, without an error."""
    import shutil  # from Python 3.14 on, it is no more there in a child that has just started

    shutil.rmtree(folder, ignore_errors=True)


def kill_group(leader: int) -> None:
    """End all that is left in the group of process `leader`; nothing on Windows, which knows no groups."""
    with suppress(OSError, AttributeError):
        os.killpg(leader, signal.SIGKILL)


def _flush():
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError, OSError):  # there may be none, or a closed one
            stream.flush()


def leave(code: int, watcher: Any) -> None:
    """End this process with that exit code, its output written and its locks removed."""
    _flush()
    # Locks made in this process: os._exit would leave their names behind.
    util._run_finalizers(0)  # type: ignore[attr-defined]
    if wait([multiprocessing.parent_process().sentinel], 0):  # type: ignore[union-attr]
        watcher.join()  # it removes the folder and ends the process
    os._exit(code & 0xFF)


# ---- the files that learners write, as a child or the model runs them: read anew each time, and their sleeps are pauses


def load(module: str, name: str, path: str | None = None, calls: int = 1) -> Callable[..., Any]:
    """The function `name` of `module`; with `path`, of that file, read anew, to be called `calls` times in a row.

    From then on, a `time.sleep` that the file calls is a pause, as `events.pause`. Raises what importing
    it raises, and AttributeError where it has no such function.
    """
    if path is not None:
        worker = getattr(load_module(path), name)
        return worker if calls == 1 else lambda *args: tuple(worker(*args) for _ in range(calls))
    __import__(module)
    return getattr(sys.modules[module], name)


def load_module(path: str) -> ModuleType:
    """The module in the file at `path`, run anew under its own name, as Python would import it.

    Raises what running it raises. The file is read as bytes: Python knows its coding line and its line ends.
    """
    name = os.path.splitext(os.path.basename(path))[0]
    fresh = ModuleType(name)
    fresh.__file__ = path
    if os.path.exists(path) and not os.path.isfile(path):
        raise OSError(f"{path} is not a file")  # opening a pipe would wait for ever
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec")
    if "fork" in multiprocessing.get_all_start_methods():
        # A lock that the file makes has no name then: killed, this process would leave the name behind.
        multiprocessing.set_start_method("fork", force=True)
    sys.modules[name] = fresh
    # From now on, `time.sleep` is a pause where this file calls it, else what it was.
    global _elsewhere
    _learners.add(path)
    if time.sleep is not _sleep:
        _elsewhere, time.sleep = time.sleep, _sleep
    exec(code, fresh.__dict__)  # noqa: S102 - the learner's own file
    return fresh


def is_learners(frame: FrameType) -> bool:
    """Whether a frame belongs to a learner's file."""
    return frame.f_code.co_filename in _learners


def _sleep(seconds, /):
    if not is_learners(sys._getframe(1)):
        _elsewhere(seconds)
    elif isinstance(seconds, (int, float)) and 0 < seconds <= threading.TIMEOUT_MAX:
        events.pause(seconds)
    else:
        _real_sleep(seconds)  # it gives way for 0, and raises its own errors
