"""Text that several processes write: a stream that all of them have, and a log file that each one opens."""

import os
from typing import NamedTuple

from helpers import events
from helpers.events import stamped_text
from helpers.resources.files import Shared

_LONGEST = 32  # characters of one write: more would not fit on the tape
_MODES = ("w", "a")


class Piece(NamedTuple):
    """What one write puts into the file: its text, and the place in characters; None: at the end."""

    text: str
    place: int | None = None

    def __str__(self):
        return self.text


class _TextFile(Shared):
    """Text in a real file. Each write carries a unique id in front: `B.0003 done`. A record ends with a newline.

    Outside a run, `path` says which file to use.
    """

    kind = "records"
    start = ""

    def __init__(self, name, path=None):
        super().__init__(name, path)
        self._file = None

    # ---- in the model: the text, and what each process has written, with ids

    def model_start(self):
        return "", ()

    def model(self, state, me, op, arg):
        text, writes = state
        if op == "empty":
            return ("", writes), None
        mine = dict(writes).get(me, ())
        written = events.stamp(_letter(me), len(mine) + 1, arg.text)
        others = [pair for pair in writes if pair[0] != me]
        then = tuple(sorted([*others, (me, (*mine, written))]))
        return (stamped_text.laid(text, written, arg.place), then), None

    def model_value(self, state):
        """How many records were kept, torn and lost."""
        text, writes = state
        found = stamped_text.sort_records(
            text, [record for _, mine in writes for record in stamped_text.records(mine)]
        )
        return ", ".join(f"{len(part)} {word}" for word, part in found._asdict().items())

    def renamed(self, state, places):
        text, writes = state
        names = {_letter(old): _letter(new) for old, new in enumerate(places)}
        then = [
            (places[me], tuple(stamped_text.renamed(write, names) for write in mine))
            for me, mine in writes
        ]
        return stamped_text.renamed(text, names), tuple(sorted(then))

    def text_start(self):
        return ""

    def told(self, text, op, arg, process, count):
        if op == "empty":
            return "", ""
        written = events.stamp(process, count, arg.text)
        return written, stamped_text.laid(text, written, arg.place)

    # ---- for real

    def do(self, op, arg):
        if op == "empty":
            open(self.path, "wb").close()
            return None, ""
        written = self.stamped(arg.text)
        if arg.place is None:
            os.write(self._end_of_file().fileno(), written.encode())
        else:
            with open(self.path, "r+b", buffering=0) as file:
                file.seek(arg.place)
                file.write(written.encode())
        return None, written

    def _end_of_file(self):
        if self._file is None:
            self._file = open(self.path, "ab", buffering=0)  # noqa: SIM115 - `leave` closes it
        return self._file

    def _write(self, text, place=None):
        """One write: one step; "" is none. Raises TypeError or ValueError for what is no short ASCII text."""
        if not isinstance(text, str):
            raise TypeError(f"{text!r} is no text: write str(...) of it")
        if len(text) > _LONGEST or not text.isascii():
            raise ValueError(f"{text!r}: one write takes up to {_LONGEST} ASCII characters")
        if text:
            events.hearer.step(self, "write", Piece(text, place))

    def enter(self, folder):
        super().enter(folder)
        self.leave()

    def leave(self):
        if self._file is not None:
            self._file.close()
            self._file = None

    def judge(self, account):
        """Verdict and sentence for the `analysis.Records` of this file."""
        say = f"{events.counted(account.wanted, 'line')} by {events.counted(account.writers, 'process')}"
        if not (account.torn or account.lost):
            return "correct", f"{say}: all whole"
        found = [
            f"{len(part)} {word}"
            for word, part in (("lost", account.lost), ("torn", account.torn))
            if part
        ]
        verdict = "corrupted" if account.torn else "lost_updates"
        return verdict, f"{say}: {' and '.join(found)}, {len(account.kept)} whole"


class Stream(_TextFile):
    """A stream that all processes write to, as standard output is; what comes is kept in a file.

    `print(..., file=stream)` writes to it piece by piece, as print does.
    """

    def __init__(self, name="screen", path=None):
        super().__init__(name, path)

    def write(self, text):
        """Put `text` at the end: one step."""
        self._write(text)

    def flush(self):
        """Nothing is held back here."""


class LogFile(_TextFile):
    """A log file, that each process opens by itself: `with log.open("a") as file: file.write("done\\n")`."""

    def __init__(self, name="log", path=None):
        super().__init__(name, path)

    def open(self, mode="a"):
        """An open file: with "w" it is emptied first, one step, and written from its front on; with "a" at its end.

        Raises ValueError for any other mode.
        """
        if mode not in _MODES:
            raise ValueError(f'mode={mode!r}: choose "w" or "a"')
        if mode == "w":
            events.hearer.step(self, "empty")
        return OpenLog(self, 0 if mode == "w" else None)


class OpenLog:
    """A log file that one process has open: each `write` goes straight to the file."""

    def __init__(self, log, place):
        self._log, self._place = log, place

    def write(self, text):
        """One write to the file: one step. Raises TypeError or ValueError for what is no short ASCII text."""
        self._log._write(text, self._place)
        if self._place is not None and text:
            self._place += stamped_text.STAMP_WIDTH + len(text)

    def flush(self):
        """Nothing is held back here."""

    def close(self):
        """Nothing is left to do."""

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()


def _letter(me):
    return chr(ord("A") + me)
