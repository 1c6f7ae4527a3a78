"""One process of a set, seen from outside: its pipe, its tape, what it reported last, and at which line it stands."""

import multiprocessing
import os
import re
import signal
import subprocess
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from multiprocessing.context import BaseContext, set_spawning_popen
from multiprocessing.reduction import ForkingPickler
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

from helpers import child, events
from helpers.child import STACK_SIGNAL, stack_path
from helpers.lab import limits
from helpers.lab.arguments import UNSENDABLE, unpack_plain
from helpers.lab.programs import finished
from helpers.refused import explained

_WINDOWS = os.name == "nt"
# As faulthandler and py-spy write a line of a stack, the latest call first.
_FRAME = re.compile(r'File "(?P<file>.+)", line (?P<line>\d+) in (?P<function>\S+)')
_SPIED = re.compile(r"^ +(?P<function>\S+) \((?P<file>.+):(?P<line>\d+)\)", re.MULTILINE)


# Where a child process stands by its last report, whose first word this is in small letters (see `child.main`). MOVING and
# GONE it does not report: it was told to go on and has not answered yet; it has ended.
State = StrEnum("State", ["MOVING", "READY", "AT", "BLOCKED", "WAITS", "DONE", "RAISED", "GONE"])


class ChildProcess:
    """One process of a set: its letter, its pipe and its tape, its State, and since when it is ready.

    `returned` is what its worker gave back (DONE), `raised` the class, the text and the traceback of what it raised, `may_free` whether the step before which it
    waits may let others go on. `exit_code` is that of an ended process, negative after a signal; None while it
    lives, and where the lab itself ended it.
    """

    def __init__(
        self, context: BaseContext, name: str, folder: str, slots: int, shared_objects: Sequence
    ):
        self.name = name
        self.path = path = os.path.join(folder, f"{name}.tape")
        with explained("folder"):
            self.tape = events.Tape(path, slots=slots)
        self.conn, theirs = context.Pipe()
        inheritance = child.Inheritance(shared_objects)
        self.process = context.Process(  # type: ignore[attr-defined]  # each context has its own
            target=child.main, args=(name, theirs, path, folder, inheritance), daemon=True
        )
        self.state = State.MOVING
        self.returned: object = None
        self.raised: list[str] = []
        self.exit_code: int | None = None
        self.may_free = self._is_alone = False
        self.began, self.born, self.ready = time.perf_counter(), 0.0, 0.0
        try:
            self._start(inheritance)
        except BaseException:
            self.close()  # Windows removes no folder in which somebody has a file open
            raise
        finally:
            theirs.close()

    def _start(self, inheritance):
        """Start the process; where it cannot get what it should inherit, it has reported so at once."""
        try:
            if _WINDOWS:
                _try_to_send(inheritance)
            self.process.start()
            self.born = time.perf_counter()
        except UNSENDABLE as error:
            if getattr(multiprocessing.current_process(), "_inheriting", False):
                raise  # a script without its main guard, run once more by a child
            text = "".join(traceback.format_exception(error))
            self._take_in(State.RAISED, type(error).__name__, str(error), text, None)

    def _take_in(self, word, *parts):
        """Take in a report: its word, and the parts that go with it."""
        self.state = State(word)
        if self.state is State.DONE:
            self.returned, self._is_alone = parts
        elif self.state is State.RAISED:
            *self.raised, self.exit_code = parts
        elif parts:
            _, self.may_free = parts

    @property
    def is_started(self) -> bool:
        return self.process.pid is not None

    def tell(self, message: bytes) -> None:
        with suppress(OSError):
            self.conn.send_bytes(message)

    def send_on(self, word: bytes) -> None:
        """Tell a process that waits to go on: with "go" through the trial, with "turn" through one step."""
        self.state = State.MOVING
        self.tell(word)

    @property
    def is_over(self) -> bool:
        """True where it does no further step in this trial."""
        return self.state in (State.DONE, State.RAISED, State.GONE)

    def await_report(self, limit: float) -> None:
        """Return as soon as it reports something or is gone, after `limit` seconds at the latest."""
        # On Windows, the pipe of a process that is gone cannot even be asked.
        with suppress(OSError):
            self.conn.poll(limit)

    def hear(self) -> None:
        """Take in what the process reports, or that it is gone."""
        is_alive = self.process.is_alive()  # asked first: its last words may come in between
        with suppress(EOFError, OSError):
            if self.conn.poll():
                self._take_in(*_unpickled(self.conn.recv_bytes()))
                if not self.ready:
                    self.ready = time.perf_counter()
                    # A fork server is still loading when it is asked for the first time: that is no start.
                    limits.note_start(self.ready - self.born)
                return
        if not is_alive:
            self.state, self.exit_code = State.GONE, signed(self.process.exitcode)

    @property
    def may_go_on(self) -> bool:
        """True where it can serve a next trial: it ended this one well, holds nothing and has no thread left."""
        return self.state is State.DONE and self._is_alone and not self.tape.kept()

    def end_group(self) -> None:
        """End what its worker started and what may live on after it; call it when the process has ended."""
        if hasattr(os, "killpg"):
            with suppress(OSError):  # nothing does
                os.killpg(self.process.pid, signal.SIGKILL)

    def close(self) -> None:
        self.conn.close()
        self.tape.close()
        self.process.close()


# In the place of a process that is being started: what it would inherit can be pickled.
_NOBODY = SimpleNamespace(duplicate_for_child=lambda handle: handle)


def _try_to_send(inheritance):
    """Raise what keeps `inheritance` from being sent to a process that is started.

    On Windows, Python starts the process before it pickles. Where that fails, it closes the pipe from which the process is
    to read its orders, and the next pipe gets the same number: the process then takes the orders of the next one.
    """
    set_spawning_popen(_NOBODY)
    try:
        ForkingPickler.dumps(inheritance)
    finally:
        set_spawning_popen(None)


def signed(code: int) -> int:
    """An exit code, negative where os.kill ended the process: Windows leaves the signal's bare number."""
    return -code if _WINDOWS and code == signal.SIGTERM else code


def _unpickled(message):
    """What a process reported; where this one cannot read what its worker gave back, an error."""
    try:
        return unpack_plain(message)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever an unknown class does
        text = f"what the worker returned cannot be read outside its process: {child.message_of(error)}"
        return State.RAISED, type(error).__name__, text, "", 1


# ---- where a stuck one stands in its worker's source: asked from outside, while it is blocked


class Place(NamedTuple):
    """A line of a source: its file, number and function, and what stands there."""

    file: str
    line: int
    function: str
    text: str

    def __repr__(self) -> str:
        return f"<line {self.line} of {self.function}: {self.text}>"


def places(children: Sequence[ChildProcess], files: Mapping[str, str]) -> dict[str, Place]:
    """The Place in its worker's file at which each of the living processes stands, by letter.

    `files` holds the path of each worker's file by letter. Processes that do not answer are left out.
    Where the system has no signal for it (Windows), py-spy is asked if it is installed.
    """
    living = [each for each in children if each.process.is_alive()]
    if STACK_SIGNAL:
        return _dumped(living, files)
    reported = {each.name: _place(_spied(each), _SPIED, files[each.name]) for each in living}
    return {name: place for name, place in reported.items() if place}


def _dumped(children, files):
    """What faulthandler writes in each process when the signal comes: as soon as all have told it."""
    for each in children:
        with suppress(OSError):
            os.kill(each.process.pid, STACK_SIGNAL)
    end = time.perf_counter() + limits.for_answer(0.2)
    found = {}
    while len(found) < len(children) and time.perf_counter() < end:
        time.sleep(0.001)
        for each in children:
            whole_lines = _text(stack_path(each.path)).rpartition("\n")[0]
            if place := _place(whole_lines, _FRAME, files[each.name]):
                found[each.name] = place
    return found


def _text(path):
    with suppress(OSError):
        return Path(path).read_text(encoding="utf-8", errors="replace")
    return ""


def _spied(each):
    """What py-spy writes of a process; "" where it is missing, fails or takes too long."""
    with suppress(OSError, subprocess.TimeoutExpired):
        command = ["py-spy", "dump", "--pid", str(each.process.pid)]
        return finished(command, timeout=limits.for_answer(2)).stdout
    return ""


def _place(text, frame, path):
    """The latest call in the worker's own file; None where the text tells of none."""
    for match in frame.finditer(text):
        if _same_file(path, match["file"]):
            line = int(match["line"])
            lines = _text(path).splitlines()
            source = lines[line - 1].strip() if line <= len(lines) else ""
            return Place(path, line, match["function"], source)
    return None


def _same_file(path, reported):
    """Whether `reported` is the end of `path`; faulthandler writes letters beyond ASCII as \\x and a number."""
    plain = Path(path).as_posix()
    escaped = plain.encode("ascii", "backslashreplace").decode()
    return any(text.endswith(reported) for text in (plain, escaped, str(path)))
