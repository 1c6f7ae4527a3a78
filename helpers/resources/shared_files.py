"""Files that processes read and change: what they have in common; numbers, of a counter or of accounts whose sum must stay; text."""

import io
import os
import re
import time
from collections import namedtuple
from collections.abc import Callable, Collection
from itertools import groupby
from operator import itemgetter

from helpers import events
from helpers.events import Any, stamps

_WINDOWS = os.name == "nt"
_STEPS = {"replace": ("write",), "truncate": ("empty", "fill")}  # of a write, by its mode
_NAME = re.compile("[A-Za-z0-9_ -]{1,40}")  # it becomes a file name, and has to fit on the tape
_LONGEST = 32  # characters of one write: more would not fit on the tape


def checked_whole(name: str, value: object) -> int:
    """`value` if it is a whole number. Raises TypeError."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}={value!r}: give a whole number")
    return value


def check_choice(name: str, value: object, choices: Collection[str]) -> None:
    """Raises ValueError where `value` is none of the words `choices`."""
    if value not in choices:
        words = " or ".join(f'"{word}"' for word in choices)
        raise ValueError(f"{name}={value!r}: choose {words}")


def read_text(path: str) -> str:
    """The text in a file. Raises OSError."""
    with open(path, "rb", buffering=0) as file:
        return file.read().decode(errors="replace")


def patiently(action: Any, limit: float = 1.0) -> Any:
    """Do `action`; on Windows try again for up to `limit` seconds while somebody has the file open."""
    end = time.perf_counter() + limit
    while True:
        try:
            return action()
        except PermissionError:
            if not _WINDOWS or time.perf_counter() > end:
                raise
            time.sleep(0.001)


def awaited(look: Callable[[], bool], limit: float, pause: float = 0.001) -> bool:
    """Whether `look()` came true within `limit` seconds: it is asked at once, and again after each `pause`."""
    end = time.perf_counter() + limit
    while not (found := look()) and time.perf_counter() < end:
        time.sleep(pause)
    return found


class Shared(events.SharedObject):
    """Something in a file that processes read and change, and that is judged by what it holds when they have ended.

    A resource of a new kind derives from this and says

    - `kind`: what its account is, "updates" (as here) of a whole number (`analysis.Account`) or "records" of a text
      (`analysis.Records`); `start` is what it begins with;
    - what workers call: methods that announce one step each, `events.observer.step(self, op, arg)`. `op` is one of
      `events.tape.OPS`, `str(arg)` is recorded (24 bytes of it);
    - `do(op, arg)`: the step for real, on the file at `path`. It gives the step's result, and the text that it saw
      or left there, which begins with the id of the write that left it: `stamped(content)` makes one;
    - `model_start()` and `model(state, me, op, arg)`: that step in memory, see `events.SharedObject`. `model_value(state)`
      is what `observed` says of an account: the number, or the records in words;
    - `reported(text, op, arg, process, count)`: the step on a text that stands in the file: what `process` sees or
      leaves by its `count`th write, and the text after that. `text_start()` is the first one;
    - `judge(account)`: a `lab.Verdict`, and a sentence.

    Outside a run, `path` says which file to use; in a run the file lies in the run's folder.
    """

    is_file = True
    kind = "updates"
    start: Any = 0
    suffix = "txt"

    def __init__(self, name, path=None):
        if not (isinstance(name, str) and _NAME.fullmatch(name)):
            raise ValueError(f"name={name!r}: choose 1 to 40 letters, digits, spaces, - or _")
        self.name = self.identity = name
        self._path = path
        self._writes = 0

    @property
    def path(self) -> str:
        """The file. Raises RuntimeError where it belongs to no run and has none."""
        if self._path is None:
            raise RuntimeError(
                f"{self.name!r} belongs to no run: give it to lab.run, or name a file for use in a cell, "
                f'as in {type(self).__name__}(path="my_file.{self.suffix}")'
            )
        return self._path

    def enter(self, folder: str) -> None:
        self.leave()
        self._path = os.path.join(folder, f"{self.name}.{self.suffix}")
        self._writes = 0

    def stamped(self, content: object) -> str:
        """`content` with the unique id of this process's next write in front, as `events.stamp` makes it."""
        self._writes += 1
        return events.stamp(events.observer.name, self._writes, content)

    def text_start(self) -> Any:
        """The whole text in the file before the first step."""
        return events.stamp("-", 0, self.start)

    def prepare(self) -> None:
        """Write the file as it is before the first step."""
        with open(self.path, "wb") as file:
            file.write(self.text_start().encode())

    def content(self) -> str:
        """The whole text in the file now; empty where the file is gone."""
        try:
            return read_text(self.path)
        except FileNotFoundError:
            return ""

    def final_text(self, text: Any) -> str:
        """What the file holds at the end of a walk, of what `reported` tells."""
        return text

    def model_value(self, state: Any) -> Any:
        """What `state` means to a reader."""
        return state

    @classmethod
    def judge_together(cls, accounts: list) -> tuple[str, str] | None:
        """Verdict and sentence for what all resources of this class must add up to; None where nothing."""
        return None


class CounterFile(Shared):
    """A number in a real file. Each write carries a unique id in front of it: `B.0003 17`.

    `write="replace"` writes a new file and puts it in the place of the old one, in one step.
    `write="truncate"` empties the file and then fills it, two steps, as `open(path, "w")` does.
    `empty="zero"` reads an empty file as 0, a reset; `empty="raise"` lets int("") raise ValueError.
    Outside a run, `path` says which file to use.
    """

    def __init__(self, name="counter", start=0, write="replace", empty="zero", path=None):
        check_choice("write", write, _STEPS)
        check_choice("empty", empty, ("zero", "raise"))
        super().__init__(name, path)
        self.start = checked_whole("start", start)
        self.write_mode = write
        self.empty_mode = empty
        self._file = None

    def read(self) -> int:
        """The number in the file: one step."""
        return events.observer.step(self, "read")

    def write(self, number: int) -> None:
        """Put `number` into the file: one step, or two where the file is emptied first.

        Raises TypeError for what is no whole number.
        """
        checked_whole("number", number)
        for op in _STEPS[self.write_mode]:
            events.observer.step(self, op, number)

    def model_start(self) -> str:
        return str(self.start)

    def model(self, state: Any, me: int, op: str, arg: Any) -> tuple[Any, Any]:
        """The digits in the file after the step, and what a read gives."""
        if op == "read":
            return state, self._number(state)
        return text_after(op, state, str(arg)), None

    def reported(self, text: Any, op: str, arg: Any, process: str, count: int) -> tuple[str, Any]:
        written = events.stamp(process, count, arg)
        return {"read": text, "empty": ""}.get(op, written), text_after(op, text, written)

    def model_value(self, state: Any) -> int:
        """The number that `state` stands for; 0 where it is none, as for an empty file."""
        return int(state) if state.removeprefix("-").isdecimal() else 0

    def do(self, op: str, arg: Any) -> tuple[Any, str]:
        return getattr(self, f"_do_{op}")(arg)

    def _do_read(self, _):
        text = patiently(lambda: read_text(self.path))
        return self._number(text.partition(" ")[2]), text

    def _do_write(self, number):
        text = self.stamped(number)
        fresh = f"{self.path}.{events.observer.name}"
        with open(fresh, "wb", buffering=0) as file:
            file.write(text.encode())
        patiently(lambda: os.replace(fresh, self.path))
        return None, text

    def _do_empty(self, _):
        self._file = open(self.path, "wb", buffering=0)  # noqa: SIM115 - the next step closes it
        return None, ""

    def _do_fill(self, number):
        text = self.stamped(number)
        with self._file as file:
            file.write(text.encode())
        return None, text

    def _number(self, digits):
        if digits == "" and self.empty_mode == "zero":
            return 0
        return int(digits)

    def judge(self, account: Any) -> tuple[str, str]:
        """Verdict and sentence for an `analysis.Account` of this counter's updates."""
        say = what_it_says(account, "file")
        if account.resets:
            times = "once" if account.resets == 1 else f"{account.resets} times"
            return "corrupted", f"{say}: it was read empty {times}, and the count began again at 0"
        if account.torn:
            return "corrupted", f"{say}: it held a number that nobody wrote"
        if account.lost_count:
            return "lost_updates", f"{say}: {events.counted(account.lost_count, 'update')} lost"
        return "correct", f"{say}: {account.none_lost}"


def text_after(op: str, text: str, written: str) -> str:
    """What stands in a file that held `text` after a process has done `op` to write `written`.

    A fill begins at the front: of a longer text that came in between, the end stays.
    """
    if op == "fill":
        return written + text[len(written) :]
    return {"read": text, "write": written, "empty": ""}[op]


def what_it_says(account: Any, place: str) -> str:
    """How a verdict on the number in a "file" or a "database" begins."""
    updates = events.counted(account.total, "update")
    writers = events.counted(account.writers, "process")
    return f"{updates} by {writers}, the {place} says {account.observed}"


class AccountFile(CounterFile):
    """The money of one account, a number in a real file.

    All AccountFiles of a run are judged together too: transfers among them never change the sum.
    """

    def __init__(self, name="account", start=100, write="replace", empty="zero", path=None):
        super().__init__(name, start, write, empty, path)

    @classmethod
    def judge_together(cls, accounts: list) -> tuple[str, str]:
        wanted = sum(account.start for account in accounts)
        found = sum(account.observed for account in accounts)
        say = f"all accounts together hold {found}"
        if found == wanted:
            return "correct", f"{say}, as at the start"
        return "broken_invariant", f"{say}, and held {wanted} at the start"


# ---- text: a stream that all processes have, and a log file that each one opens


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
        return "{} kept, {} torn, {} lost".format(*map(len, stamps.sort_records(text, records)))

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
        with open(self.path, "ab" if arg.place is None else "r+b", buffering=0) as file:
            file.seek(arg.place or 0)  # what is open to append writes at the end all the same
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
