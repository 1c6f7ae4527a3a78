"""A script: tries add(lock, store) of the file that it is given in every order of A's and B's steps.

It prints what went wrong as JSON, or null. The lease of a holder may end at any moment, twice in all.
"""

import json
import os
import runpy
import sys
from collections import deque

import greenlet

_MOST_ENDS = 2  # of leases in one order
_MOST_STEPS = 60
_LETTERS = "AB"


class Table:
    """One order: a lock, a store, and what was done with them, in memory."""

    def __init__(self):
        self.value = self.newest = self.ends = 0
        self.holder = None
        self.read_under = {}  # by process: the token under which it last read
        self.words = []
        self.refused = set()  # processes whose last write was refused
        self.bare = self.stale = False

    def told(self, process, words):
        self.words.append(f"{process} {words}")

    def may_move(self, process, op):
        """Whether this step is possible now: a held lock is got only where a lease may still end."""
        return op != "acquire" or self.holder is None or self.ends < _MOST_ENDS


class Lock:
    def __init__(self, table, process, wait):
        self._table, self._process, self._wait = table, process, wait

    def __enter__(self):
        self._wait("acquire")
        table = self._table
        if table.holder is not None:
            table.ends += 1
            table.told(table.holder, "is paused and its lease ends")
        table.holder = self._process
        table.newest += 1
        table.told(self._process, f"gets the lock with token {table.newest}")
        return table.newest

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
        table.told(self._process, f"reads {table.value}")
        return table.value

    def write(self, value, token=None):
        self._wait("write")
        table = self._table
        if token is not None and token < table.newest:
            table.told(self._process, "is refused")
            table.refused.add(self._process)
            return False
        table.refused.discard(self._process)
        table.bare |= token is None
        table.stale |= table.read_under.get(self._process) != table.newest
        table.value = value
        table.told(self._process, f"writes {value}")
        return True


def try_order(add, choices):
    """What went wrong in the order that begins with `choices`; who took each step; who else could have."""
    table, taken, others = Table(), [], []
    wanted = dict.fromkeys(_LETTERS, "begin")

    def body(process):
        def wait(op):
            wanted[process] = op
            main.switch()

        add(Lock(table, process, wait), Store(table, process, wait))

    main = greenlet.getcurrent()
    running = {process: greenlet.greenlet(body) for process in _LETTERS}
    for process in _LETTERS:
        running[process].switch(process)
    for number in range(_MOST_STEPS):
        able = [p for p in _LETTERS if not running[p].dead and table.may_move(p, wanted[p])]
        if not able:
            return _judged(table, running), taken, others
        chosen = choices[number] if number < len(choices) else able[0]
        taken.append(chosen)
        others.append([process for process in able if process != chosen])
        running[chosen].switch()
    return _found(table, "never_ends"), taken, others


def _judged(table, running):
    if not all(task.dead for task in running.values()):
        return _found(table, "never_ends")
    if table.value > len(_LETTERS):
        return _found(table, "counted_twice")
    if table.value == len(_LETTERS):
        return None
    if table.refused:
        return _found(table, "ignored_answer")
    return _found(
        table, "no_token" if table.bare else "stale_value" if table.stale else "not_added"
    )


def _found(table, name, **more):
    words = table.words[:16] + ["..."] * (len(table.words) > 16)
    return {"name": name, "order": ", ".join(words), **more}


def first_failure(add):
    """What goes wrong in the simplest order that fails; None where all hold."""
    waiting = deque([()])
    while waiting:
        choices = waiting.popleft()
        try:
            found, taken, others = try_order(add, choices)
        except Exception as error:  # noqa: BLE001 - the learner's
            return {"name": "raised", "error": f"{type(error).__name__}: {error}", "order": ""}
        if found:
            return found
        for number in range(len(choices), len(others)):
            waiting += [(*taken[:number], other) for other in others[number]]
    return None


if __name__ == "__main__":
    learners = runpy.run_path(sys.argv[1], run_name="my_fenced_add")
    print(json.dumps(first_failure(learners["add"])), flush=True)
    os._exit(0)  # nobody waits for calls that are still on their way
