"""The seat of one process of a set: its pipe, its tape, and what it said last."""

import multiprocessing
import os
import signal
import time
import traceback
from contextlib import suppress
from multiprocessing.context import set_spawning_popen
from multiprocessing.reduction import ForkingPickler

from helpers import child, events
from helpers.lab import limits
from helpers.lab.arguments import UNSENDABLE, unpack_plain
from helpers.refused import explained

_WINDOWS = os.name == "nt"


class Seat:
    """One process of a set: its letter, its pipe and its tape, the last it said, and since when it is ready."""

    def __init__(self, context, name, folder, slots, things):
        self.name = name
        self.path = path = os.path.join(folder, f"{name}.tape")
        with explained("folder"):
            self.tape = events.Tape(path, slots=slots)
        self.conn, theirs = context.Pipe()
        inheritance = child.Inheritance(things)
        self.process = context.Process(
            target=child.main, args=(name, theirs, path, folder, inheritance), daemon=True
        )
        self.said = ("done", None, True)
        self.began, self.born, self.ready = time.perf_counter(), None, None
        try:
            self._start(inheritance)
        except BaseException:
            self.close()  # Windows removes no folder in which somebody has a file open
            raise
        finally:
            theirs.close()

    def _start(self, inheritance):
        """Start the process; where it cannot get what it should inherit, it has said so at once."""
        try:
            if _WINDOWS:
                _try_to_send(inheritance)
            self.process.start()
            self.born = time.perf_counter()
        except UNSENDABLE as error:
            if getattr(multiprocessing.current_process(), "_inheriting", False):
                raise  # a script without its main guard, run once more by a child
            text = "".join(traceback.format_exception(error))
            self.said = ("raised", type(error).__name__, str(error), text, None)

    @property
    def is_started(self):
        return self.process.pid is not None

    def wait_for_trial(self):
        """From now on the next words count; who could not start has none."""
        if self.is_started:
            self.said = ("waiting",)

    def tell(self, message):
        with suppress(OSError):
            self.conn.send_bytes(message)

    def is_due(self, word):
        """True while it has not said `word` and may still do so."""
        return self.said[0] not in (word, "raised", "gone")

    def is_moving(self):
        """True while it is on its way to its next step."""
        return self.said[0] == "moving"

    @property
    def is_over(self):
        """True where it does no further step in this trial."""
        return self.said[0] in ("done", "raised", "gone")

    def await_words(self, limit):
        """Return as soon as it says something or is gone, after `limit` seconds at the latest."""
        with suppress(
            OSError
        ):  # on Windows, the pipe of a process that is gone cannot even be asked
            self.conn.poll(limit)

    def hear(self):
        """Take in what the process said, or that it is gone."""
        is_alive = self.process.is_alive()  # asked first: its last words may come in between
        with suppress(EOFError, OSError):
            if self.conn.poll():
                self.said = _unpickled(self.conn.recv_bytes())
                if self.ready is None:
                    self.ready = time.perf_counter()
                    # A fork server is still loading when it is asked for the first time: that is no start.
                    limits.note_start(self.ready - self.born)
                return
        if not is_alive:
            self.said = ("gone",)

    @property
    def may_go_on(self):
        """True where it can serve a next trial: it ended this one well, holds nothing and has no thread left."""
        return self.said[0] == "done" and self.said[2] and not self.tape.kept()

    def end_group(self):
        """End what its worker started and what may live on after it; call it when the process has ended."""
        if hasattr(os, "killpg"):
            with suppress(OSError):  # nothing does
                os.killpg(self.process.pid, signal.SIGKILL)

    @property
    def exit_code(self):
        """Of the ended process, negative after a signal; None while it lives, and where the lab itself ended it."""
        if self.said[0] == "raised":  # it said so itself; the lab may end it while it leaves
            return self.said[-1]
        return _signed(self.process.exitcode) if self.said[0] == "gone" else None

    def close(self):
        self.conn.close()
        self.tape.close()
        self.process.close()


class _Nobody:
    """In the place of a process that is being started: what it would inherit can be pickled."""

    def duplicate_for_child(self, handle):
        return handle


def _try_to_send(inheritance):
    """Raise what keeps `inheritance` from being sent to a process that is started.

    On Windows, Python starts the process before it pickles. Where that fails, it closes the pipe from which the process is
    to read its orders, and the next pipe gets the same number: the process then takes the orders of the next one.
    """
    set_spawning_popen(_Nobody())
    try:
        ForkingPickler.dumps(inheritance)
    finally:
        set_spawning_popen(None)


def _signed(code):
    """An exit code, negative where os.kill ended the process: Windows leaves the signal's bare number."""
    return -code if _WINDOWS and code == signal.SIGTERM else code


def _unpickled(message):
    """What a process said; where this one cannot read what its worker gave back, an error."""
    try:
        return unpack_plain(message)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever an unknown class does
        text = f"what the worker gave back cannot be read outside: {child.message_of(error)}"
        return "raised", type(error).__name__, text, "", 1
