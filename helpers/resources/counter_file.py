"""A number in a file, that several processes read and write."""

import os

from helpers import events
from helpers.resources.files import Shared, checked_whole, patiently, read_text

_STEPS = {"replace": ("write",), "truncate": ("empty", "fill")}


class CounterFile(Shared):
    """A number in a real file. Each write carries a unique id in front of it: `B.0003 17`.

    `write="replace"` writes a new file and puts it in the place of the old one, in one step.
    `write="truncate"` empties the file and then fills it, two steps, as `open(path, "w")` does.
    `empty="zero"` reads an empty file as 0, a reset; `empty="raise"` lets int("") raise ValueError.
    Outside a run, `path` says which file to use.
    """

    kind = "updates"

    def __init__(self, name="counter", start=0, write="replace", empty="zero", path=None):
        if write not in _STEPS:
            raise ValueError(f'write={write!r}: choose "replace" or "truncate"')
        if empty not in ("zero", "raise"):
            raise ValueError(f'empty={empty!r}: choose "zero" or "raise"')
        super().__init__(name, path)
        self.start = checked_whole("start", start)
        self.write_mode = write
        self.empty_mode = empty
        self._file = None

    def read(self):
        """The number in the file: one step."""
        return events.hearer.step(self, "read")

    def write(self, number):
        """Put `number` into the file: one step, or two where the file is emptied first.

        Raises TypeError for what is no whole number.
        """
        checked_whole("number", number)
        for op in _STEPS[self.write_mode]:
            events.hearer.step(self, op, number)

    def model_start(self):
        return str(self.start)

    def model(self, state, me, op, arg):
        """The digits in the file; what `do` does to them."""
        if op == "read":
            return state, self._number(state)
        return text_after(op, state, str(arg)), None

    def told(self, text, op, number, process, count):
        written = events.stamp(process, count, number)
        seen = {"read": text, "empty": ""}.get(op, written)
        return seen, text_after(op, text, written)

    def model_value(self, state):
        """The number that `state` stands for; 0 where it is none, as for an empty file."""
        return int(state) if state.removeprefix("-").isdecimal() else 0

    def do(self, op, arg):
        return getattr(self, f"_do_{op}")(arg)

    def _do_read(self, _):
        text = patiently(lambda: read_text(self.path))
        return self._number(text.partition(" ")[2]), text

    def _do_write(self, number):
        text = self.stamped(number)
        fresh = f"{self.path}.{events.hearer.name}"
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

    def judge(self, account):
        """Verdict and sentence for an `analysis.Account` of this counter's updates."""
        updates = events.counted(account.total, "update")
        writers = events.counted(account.writers, "process")
        say = f"{updates} by {writers}, the file says {account.observed}"
        if account.resets:
            times = "once" if account.resets == 1 else f"{account.resets} times"
            return "corrupted", f"{say}: it was read empty {times} and the count began again at 0"
        if account.torn:
            return "corrupted", f"{say}: it held a number that nobody wrote"
        if account.lost_count:
            return "lost_updates", f"{say}: {events.counted(account.lost_count, 'update')} lost"
        return "correct", f"{say}: no update lost"


def text_after(op, text, written):
    """What stands in a file that held `text` after a process has done `op` to write `written`.

    A fill begins at the front: of a longer text that came in between, the end stays.
    """
    if op == "fill":
        return written + text[len(written) :]
    return {"read": text, "write": written, "empty": ""}[op]
