"""What resources in files have in common: the Shared, names, numbers, and patience with Windows."""

import os
import re
import time

from helpers import events

_WINDOWS = os.name == "nt"
_NAME = re.compile("[A-Za-z0-9_ -]{1,40}")  # it becomes a file name, and has to fit on the tape


def checked_name(name):
    """`name` if a file and a tape can bear it. Raises ValueError."""
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise ValueError(f"name={name!r}: choose 1 to 40 letters, digits, spaces, - or _")
    return name


def checked_whole(name, value):
    """`value` if it is a whole number. Raises TypeError."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}={value!r}: give a whole number")
    return value


def read_text(path):
    with open(path, "rb", buffering=0) as file:
        return file.read().decode(errors="replace")


def patiently(action, limit=1.0):
    """Do `action`; on Windows try again for up to `limit` seconds while somebody has the file open."""
    end = time.perf_counter() + limit
    while True:
        try:
            return action()
        except PermissionError:
            if not _WINDOWS or time.perf_counter() > end:
                raise
            time.sleep(0.001)


class Shared(events.Thing):
    """Something in a file that processes read and change, and that is judged by what it holds when they have ended.

    A resource of a new kind derives from this and says

    - `kind`: what its account is, "updates" of a whole number (`analysis.Account`) or "records" of a text
      (`analysis.Records`); `start` is what it begins with;
    - what workers call: methods that announce one step each, `events.hearer.step(self, op, arg)`. `op` is one of
      `events.tape.OPS`, `str(arg)` is recorded (24 bytes of it);
    - `do(op, arg)`: the step for real, on the file at `path`. It gives the step's result, and the text that it saw
      or left there, which begins with the id of the write that left it: `stamped(content)` makes one;
    - `model_start()` and `model(state, me, op, arg)`: the same step in memory, see `Thing`. `model_value(state)`
      is what `observed` says of an account: the number, or the records in words;
    - `told(text, op, arg, process, count)`: the step on a text that stands in the file: what `process` sees or
      leaves by its `count`th write, and the text after that. `text_start()` is the first one;
    - `judge(account)`: a `lab.Verdict`, and a sentence.

    Outside a run, `path` says which file to use; in a run the file lies in the run's folder.
    """

    start = 0
    suffix = "txt"

    def __init__(self, name, path=None):
        self.name = self.identity = checked_name(name)
        self._path = path
        self._writes = 0

    @property
    def path(self):
        """The file. Raises RuntimeError where it belongs to no run and has none."""
        if self._path is None:
            kind = type(self).__name__
            raise RuntimeError(
                f"{self.name!r} belongs to no run: give it to lab.run, or name a file for use in a cell, "
                f'as in {kind}(path="my_file.{self.suffix}")'
            )
        return self._path

    def enter(self, folder):
        self._path = os.path.join(folder, f"{self.name}.{self.suffix}")
        self._writes = 0

    def stamped(self, content):
        """`content` with the unique id of this process's next write in front, as `events.stamp` makes it."""
        self._writes += 1
        return events.stamp(events.hearer.name, self._writes, content)

    def text_start(self):
        """The whole text in the file before the first step."""
        return events.stamp("-", 0, self.start)

    def prepare(self):
        """Write the file as it is before the first step."""
        with open(self.path, "wb") as file:
            file.write(self.text_start().encode())

    def content(self):
        """The whole text in the file now; empty where the file is gone."""
        try:
            return read_text(self.path)
        except FileNotFoundError:
            return ""

    def told(self, text, op, arg, process, count):
        raise NotImplementedError

    def final_text(self, text):
        """What the file holds at the end of a walk, of what `told` tells."""
        return text

    def model_value(self, state):
        """What `state` means to a reader."""
        return state

    def judge(self, account):
        raise NotImplementedError

    @classmethod
    def judge_together(cls, accounts):
        """Verdict and sentence for what all resources of this class must add up to; None where nothing."""
        return
