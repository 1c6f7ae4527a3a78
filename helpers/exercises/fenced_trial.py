"""A script: tries add(lock, store) of the file that it is given in every order of A's and B's steps.

It prints what went wrong as JSON, or null. The lease of a holder may end at any moment: twice where every order
is tried, and a few hundred times in one more order, in which A and B take the lock from each other.
"""

import json
import os
import sys
import time
from collections import deque
from pathlib import Path

import greenlet

_FEW_ENDS, _MANY_ENDS = 2, 250  # of leases in one order
_MOST_STEPS, _MOST_STEPS_IN_ALL = 60, 10_000  # of one process alone; of both in one order
_TRIES = 3  # an order in which a process was refused more often is not varied
_PATIENCE = 3.0  # seconds
_LETTERS = "AB"
_START = 5  # no number that an answer would have by chance


class Table:
    """One order: a lock, a store, and what was done with them, in memory."""

    def __init__(self, most_ends):
        self.most_ends = most_ends
        self.value, self.newest, self.ends = _START, 0, 0
        self.holder = None
        self.granted = {process: set() for process in _LETTERS}  # tokens
        self.read_under = {}  # by process: the token under which it last read
        self.seen = dict.fromkeys(_LETTERS, ())  # by process: all answers that it got
        self.words = []
        self.refused = set()  # processes whose last write was refused
        self.bare = self.stale = False

    def told(self, process, words, answer=None):
        self.words.append(f"{process} {words}")
        self.seen[process] += (answer,)
        return answer

    def may_move(self, process, op):
        """Whether this step is possible now: a held lock is got only where a lease may still end."""
        return op != "acquire" or self.holder is None or self.ends < self.most_ends

    @property
    def situation(self):
        """What decides how it can go on: all that each process has seen, and how the lock and the store stand."""
        return *self.seen.values(), self.value, self.newest, self.ends, self.holder

    @property
    def most_refusals(self):
        """How often that process was refused which was refused most often."""
        return max(sum(answer is False for answer in seen) for seen in self.seen.values())

    @property
    def added(self):
        return self.value - _START


class Lock:
    def __init__(self, table, process, wait):
        self._table, self._process, self._wait = table, process, wait

    def __enter__(self):
        self._wait("acquire")
        table = self._table
        if table.holder is not None:
            table.ends += 1
            table.words.append(f"{table.holder} is paused and its lease ends")
        table.holder = self._process
        table.newest += 1
        table.granted[self._process].add(table.newest)
        return table.told(self._process, f"gets the lock with token {table.newest}", table.newest)

    def __exit__(self, *_):
        self._wait("release")
        if self._table.holder == self._process:
            self._table.holder = None
        self._table.told(self._process, "releases")


class Store:
    def __init__(self, table, process, wait):
        self._table, self._process, self._wait = table, process, wait

    def read(self):
        self._wait("read")
        table = self._table
        table.read_under[self._process] = table.newest
        return table.told(self._process, f"reads {table.value}", table.value)

    def write(self, value, token=None):
        self._wait("write")
        table = self._table
        if token is not None and token < table.newest:
            table.refused.add(self._process)
            return table.told(self._process, "is refused", False)
        table.refused.discard(self._process)
        table.bare |= token not in table.granted[self._process]
        table.stale |= table.read_under.get(self._process) != table.newest
        table.value = value
        return table.told(self._process, f"writes {value}", True)


class Order:
    """Two callers of add, which go on step by step. Each has the file's globals for itself, as processes have."""

    def __init__(self, code, most_ends):
        self.table, self.taken = Table(most_ends), ""
        self._wanted = dict.fromkeys(_LETTERS, "begin")
        self._main = greenlet.getcurrent()
        self._running = {process: greenlet.greenlet(self._body(code)) for process in _LETTERS}

    def begin(self):
        """Let each caller come to its first step."""
        for process in _LETTERS:
            self._running[process].switch(process)

    def _body(self, code):
        def body(process):
            def wait(op):
                self._wanted[process] = op
                self._main.switch()

            own = {"__name__": "my_fenced_add"}
            exec(code, own)  # noqa: S102 - the learner's
            own["add"](Lock(self.table, process, wait), Store(self.table, process, wait))

        return body

    def able(self):
        """Who can take a step now."""
        return [
            process
            for process in _LETTERS
            if not self._running[process].dead
            and self.table.may_move(process, self._wanted[process])
        ]

    def step(self, process):
        self.taken += process
        self._running[process].switch()

    def judged(self):
        """What went wrong in this order, in which nobody can take a step any more, or None."""
        table = self.table
        if not all(task.dead for task in self._running.values()):
            return self.found("lock_kept")
        if table.added > len(_LETTERS):
            return self.found("counted_twice")
        if table.added == len(_LETTERS):
            return None
        if table.refused:
            return self.found("ignored_answer")
        return self.found(
            "no_token" if table.bare else "stale_value" if table.stale else "not_added"
        )

    def found(self, name, **more):
        words = self.table.words
        return {"name": name, "order": ", ".join(words[:16] + ["..."] * (len(words) > 16)), **more}


class Trial:
    """All orders of the calls of one file's add."""

    def __init__(self, code):
        self._code = code
        self._orders = []  # kept: a call that has not ended would be broken off with its order

    def first_failure(self):
        """What goes wrong in the simplest order that fails; None where all hold."""
        try:
            return self._in_every_order() or self._with_many_ends()
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the learner's
            said = f"{type(error).__name__}: {error}".removesuffix(": ")
            return self._orders[-1].found("raised", error=said)

    def _order(self, most_ends):
        order = Order(self._code, most_ends)
        self._orders.append(order)
        order.begin()
        return order

    def _in_every_order(self):
        """Each situation is met once; from there first A goes on alone, then B. After `_PATIENCE` no more are tried."""
        waiting, known = deque([""]), set()
        end = time.monotonic() + _PATIENCE
        while waiting and time.monotonic() < end:
            order = self._order(_FEW_ENDS)
            for process in waiting.popleft():
                order.step(process)
            if failure := self._gone_on(order, waiting, known):
                return failure
        return None

    def _gone_on(self, order, waiting, known):
        for _ in range(_MOST_STEPS):
            able = order.able()
            if not able:
                return order.judged()
            if order.table.situation in known:
                return None
            known.add(order.table.situation)
            if order.table.most_refusals <= _TRIES:
                waiting += [order.taken + other for other in able[1:]]
            order.step(able[0])
        return order.found("never_ends")

    def _with_many_ends(self):
        """A and B take the lock from each other before either can write, a few hundred times."""
        order = self._order(_MANY_ENDS)
        for _ in range(_MOST_STEPS_IN_ALL):
            able = order.able()
            if not able:
                failure = order.judged()
                return failure and {**failure, "name": "gives_up"}
            order.step(min(able, key=lambda process: process == order.table.holder))
        return order.found("never_ends")


def main(file):
    said, sys.stdout = sys.stdout, sys.stderr  # what the file prints is no answer
    time.sleep = lambda _: None  # a pause is no step
    sys.path.append(str(Path(__file__).parents[3]))  # where helpers is
    code = compile(Path(file).read_bytes(), file, "exec")
    exec(code, {"__name__": "my_fenced_add"})  # noqa: S102 - what fails here is not add
    print(json.dumps(Trial(code).first_failure()), file=said, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
    os._exit(0)  # nobody waits for calls that are still on their way
