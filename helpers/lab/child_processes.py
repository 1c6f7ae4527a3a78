"""One process of a set, seen from outside: its pipes, its tape, what it reported last, and at which line it stands."""

import linecache
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from multiprocessing.context import BaseContext
from typing import NamedTuple

from helpers import child, events
from helpers.lab import limits
from helpers.lab.arguments import unpack_plain
from helpers.lab.check import Member, file_of
from helpers.refused import explained

_WINDOWS = os.name == "nt"


# Where a child process stands by its last report, whose first word this is in small letters (see `child.main`). MOVING and
# GONE it does not report: it was told to go on and has not answered yet; it has ended.
State = StrEnum("State", ["MOVING", "READY", "AT", "BLOCKED", "WAITS", "DONE", "RAISED", "GONE"])


class ChildProcess:
    """One process of a set: its letter, its pipes and its tape, its State, and since when it is ready.

    `returned` is what its worker gave back (DONE), `raised` the class, the text and the traceback of what it raised.
    `exit_code` is that of an ended process, negative after a signal; None while it lives, and where the lab itself ended it.
    """

    def __init__(
        self, context: BaseContext, name: str, folder: str, slots: int, shared_objects: Sequence
    ):
        self.name = name
        path = os.path.join(folder, f"{name}.tape")
        with explained("folder"):
            self.tape = events.Tape(path, slots=slots)
        self.conn, theirs = context.Pipe()
        self.inquiry, answers = context.Pipe()
        how = name, theirs, answers, path, folder, child.Inheritance(shared_objects)
        self.process = context.Process(  # type: ignore[attr-defined]  # each context has its own
            target=child.main, args=how, daemon=True
        )
        self.state = State.MOVING
        self.returned: object = None
        self.raised: list[str] = []
        self.exit_code: int | None = None
        self._is_alone = False
        self.began, self.born, self.ready = time.perf_counter(), 0.0, 0.0
        try:
            self.process.start()
            self.born = time.perf_counter()
        except BaseException:
            self.close()  # Windows removes no folder in which somebody has a file open
            raise
        finally:
            theirs.close()
            answers.close()

    def _take_in(self, word, *parts):
        """Take in a report: its word, and the parts that go with it."""
        self.state = State(word)
        if self.state is State.DONE:
            self.returned, self._is_alone = parts
        elif self.state is State.RAISED:
            *self.raised, self.exit_code = parts

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

    def close(self) -> None:
        self.conn.close()
        self.inquiry.close()
        self.tape.close()
        self.process.close()


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


def places(children: Sequence[ChildProcess], team: Sequence[Member]) -> dict[str, Place]:
    """The Place in its worker's file at which each of the living processes stands, by letter.

    Processes that do not answer in time are left out.
    """
    asked = [pair for pair in zip(children, team, strict=True) if pair[0].process.is_alive()]
    for each, _ in asked:
        with suppress(OSError):
            each.inquiry.send_bytes(b"where")
    end = time.perf_counter() + limits.for_answer(0.2)
    found: dict[str, Place] = {}
    for each, (worker, _) in asked:
        with suppress(EOFError, OSError):
            if each.inquiry.poll(max(end - time.perf_counter(), 0)):
                calls = unpack_plain(each.inquiry.recv_bytes())
                own = [call for call in calls if call[0] == file_of(worker)]
                found.update((each.name, _place(*call)) for call in own[:1])
    return found


def _place(file, line, function):
    """That Place, with the text of its line."""
    linecache.checkcache(file)
    return Place(file, line, function, linecache.getline(file, line).strip())
