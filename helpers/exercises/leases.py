"""A lock with a lease and a store that refuses late writes, for step-by-step runs and for the model: no cluster is needed.

The lease of a holder may end at any moment: whoever wants the lock then gets it.
"""

import ast
import os
from pathlib import Path
from typing import NamedTuple

from helpers import events
from helpers.resources import CounterFile
from helpers.resources.shared_files import checked_whole, read_text


def _kept(path, start):
    """The plain value that a file holds, `start` while it is not there."""
    return ast.literal_eval(read_text(path)) if os.path.exists(path) else start


class Lease(events.SharedObject):
    """Who holds the lock. Its lease ends at most `ends` times in one run, when somebody else wants the lock."""

    name = identity = "lock"

    def __init__(self, ends=0):
        self._ends = ends

    def model_start(self):
        return None, self._ends

    def model(self, state, me, op, _):
        holder, ends = state
        if op == "release":
            return (None if holder == me else holder, ends), None
        if holder in (None, me):
            return (me, ends), True
        return ((me, ends - 1), True) if ends else events.BLOCKED

    def renamed(self, state, places):
        return (None if state[0] is None else places[state[0]]), state[1]

    def attempt(self, op, arg):
        state = _kept(self._path, self.model_start())
        done = self.model(state, ord(events.observer.name), op, arg)
        if done is events.BLOCKED:
            return done
        Path(self._path).write_text(repr(done[0]))
        return done[1], ""

    do = attempt

    def enter(self, folder):
        self._path = os.path.join(folder, f"{self.name}.txt")


class Token(NamedTuple):
    """What is written: a number, and the token that came with it."""

    number: int
    token: int | None

    def __str__(self):
        return f"{self.number}, {'no token' if self.token is None else f'token {self.token}'}"


class FencedStore(CounterFile):
    """A number, and the newest token. A write with an older one is refused.

    The first `stolen` tokens are out of date at once: somebody else got the lock behind them, and wrote nothing.
    """

    def __init__(self, start=0, stolen=0):
        super().__init__("store", start)
        self._stolen = stolen

    def write(self, value, token=None):
        """Whether `value` was taken. Raises TypeError where it is no whole number, or `token` neither that nor None."""
        for name, number in {"value": value, "token": 0 if token is None else token}.items():
            checked_whole(name, number)
        return events.observer.step(self, "write", Token(value, token))

    def grant(self):
        """The token of a new grant of the lock."""
        return events.observer.step(self, "grant")

    def model_start(self):
        return str(self.start), 0

    def model(self, state, me, op, arg):
        digits, newest = state
        if op == "grant":
            is_stolen = newest < 2 * self._stolen  # then another one follows at once
            return (digits, newest + 1 + is_stolen), newest + 1
        if op == "read":
            return state, int(digits)
        is_late = arg.token is not None and arg.token < newest  # a newer one was given out
        return (state, False) if is_late else ((str(arg.number), newest), True)

    def model_value(self, state):
        return int(state[0])

    def do(self, op, arg):
        """Each step as in the model, on the number and the newest token in their files."""
        (_, newest), given = self.model(("0", _kept(self._tokens, 0)), 0, op, arg)
        if op == "grant":
            Path(self._tokens).write_text(str(newest))
            return given, f"token {given}"
        if op == "write":
            return given, super().do(op, arg.number)[1] if given else ""
        return super().do(op, arg)

    def enter(self, folder):
        super().enter(folder)
        self._tokens = os.path.join(folder, "tokens.txt")


class FencedLock:
    """The lock as an answer gets it: `with lock as token:`. It lives on a Lease, and its tokens come from the store."""

    def __init__(self, lease, store):
        self._lease, self._store = lease, store

    def __enter__(self):
        events.observer.step(self._lease, "acquire", (True, None))
        return self._store.grant()

    def __exit__(self, *exc_info):
        events.observer.step(self._lease, "release")
