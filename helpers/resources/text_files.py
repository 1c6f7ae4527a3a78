"""Text that several processes write: a stream that all of them have, and a log file that each one opens."""

import io
import os
from collections import namedtuple
from itertools import groupby
from operator import itemgetter

from helpers import events
from helpers.events import Any, stamps
from helpers.resources.shared_files import Shared, check_choice

_LONGEST = 32  # characters of one write: more would not fit on the tape


class Piece(namedtuple("Piece", "text place")):
    """What one write puts into the file: its text, and the place in characters; None: at the end."""

    __slots__ = ()

    def __str__(self):
        return self.text


class _TextFile(Shared):
    """Text in a real file. Each write carries a unique id in front: `B.0003 done`. A record ends with a newline.

    Outside a run, `path` says which file to use.
    """

    kind = "records"
    start = ""
    _file: Any = None

    # ---- in the model: the text, and all that was written, with ids, sorted by them

    def model_start(self) -> Any:
        return "", ()

    def model(self, state: Any, me: int, op: str, arg: Any) -> tuple[Any, Any]:
        text, writes = state
        count = sum(write[0] == _letter(me) for write in writes)
        written, text = self.reported(text, op, arg, _letter(me), count + 1)
        return (text, tuple(sorted((*writes, written))) if written else writes), None

    def model_value(self, state: Any) -> str:
        """How many records were kept, torn and lost."""
        text, writes = state
        of_each = [list(mine) for _, mine in groupby(writes, itemgetter(0))]
        records = [record for mine in of_each for record in stamps.records(mine)]
        found = stamps.sort_records(text, records)
        return "{} kept, {} torn, {} lost".format(*map(len, found))

    def renamed(self, state: Any, places: list[int]) -> Any:
        text, writes = state
        names = {_letter(old): _letter(new) for old, new in enumerate(places)}
        return stamps.renamed(text, names), tuple(sorted(stamps.renamed(w, names) for w in writes))

    def text_start(self) -> str:
        return ""

    def reported(self, text: Any, op: str, arg: Any, process: str, count: int) -> tuple[str, Any]:
        if op == "empty":
            return "", ""
        written = events.stamp(process, count, arg.text)
        return written, stamps.laid(text, written, arg.place)

    # ---- for real

    def do(self, op: str, arg: Any) -> tuple[Any, str]:
        if op == "empty":
            open(self.path, "wb").close()
            return None, ""
        written = self.stamped(arg.text)
        if arg.place is None:
            if self._file is None:
                self._file = open(self.path, "ab", buffering=0)  # noqa: SIM115 - `leave` closes it
            os.write(self._file.fileno(), written.encode())
        else:
            with open(self.path, "r+b", buffering=0) as file:
                file.seek(arg.place)
                file.write(written.encode())
        return None, written

    def _write(self, text, place=None):
        """One write: one step; "" is none. Raises TypeError or ValueError for what is no short ASCII text."""
        if not isinstance(text, str):
            raise TypeError(f"{text!r} is not text: write str(...) of it")
        if len(text) > _LONGEST or not text.isascii():
            raise ValueError(f"{text!r}: one write takes up to {_LONGEST} ASCII characters")
        if text:
            events.observer.step(self, "write", Piece(text, place))

    def leave(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def judge(self, account: Any) -> tuple[str, str]:
        """Verdict and sentence for the `analysis.Records` of this file."""
        say = f"{events.counted(account.wanted, 'line')} by {events.counted(account.writers, 'process')}"
        if not (account.torn or account.lost):
            return "correct", f"{say}: all whole"
        damage = {"lost": account.lost, "torn": account.torn}
        found = [f"{len(records)} {word}" for word, records in damage.items() if records]
        verdict = "corrupted" if account.torn else "lost_updates"
        return verdict, f"{say}: {' and '.join(found)}, {len(account.kept)} whole"


class Stream(_TextFile):
    """A stream that all processes write to, as standard output is; what comes is kept in a file.

    `print(..., file=stream)` writes to it piece by piece, as print does.
    """

    def __init__(self, name="screen", path=None):
        super().__init__(name, path)

    def write(self, text: str) -> None:
        """Put `text` at the end: one step."""
        self._write(text)

    def flush(self) -> None:
        """Nothing is held back here."""


class LogFile(_TextFile):
    """A log file, that each process opens by itself: `with log.open("a") as file: file.write("done\\n")`."""

    def __init__(self, name="log", path=None):
        super().__init__(name, path)

    def open(self, mode: str = "a") -> "OpenLog":
        """An open file: with "w" it is emptied first, one step, and written from its front on; with "a" at its end.

        Raises ValueError for any other mode.
        """
        check_choice("mode", mode, ("w", "a"))
        if mode == "w":
            events.observer.step(self, "empty")
        return OpenLog(self, 0 if mode == "w" else None)


class OpenLog(io.TextIOBase):
    """A log file that one process has open: each `write` goes straight to the file, so nothing is left for `close`."""

    def __init__(self, log, place):
        self._log, self._place = log, place

    def write(self, text: str) -> int:
        """One write to the file: one step; the number of characters. Raises TypeError or ValueError for what is no short ASCII text."""
        self._log._write(text, self._place)
        if self._place is not None and text:
            self._place += stamps.STAMP_WIDTH + len(text)
        return len(text)


def _letter(me):
    return chr(ord("A") + me)
