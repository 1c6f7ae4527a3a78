"""Other worlds: what a worker can ask the machine, changed from one walk to the next.

A worker may print its process id or look at a clock; its steps must not depend on them. So each leaf of
its tree is walked once more in a world in which all of this is different. Where the steps differ, one
change after the other is tried alone, and the first that makes them differ is named. Example: a worker
that takes its lock first if `os.getpid() % 2` takes other steps where the process id is one higher.
"""

import builtins
import multiprocessing
import os
import random
import sys
import time
from collections.abc import Callable

from helpers import child

# What changes, in the words of a sentence such as "takes other steps when the clock is different".
WORLD = ("the process id", "the clock", "chance", "the number of an object (id, hash)")
_CLOCKS = "time", "monotonic", "perf_counter", "process_time"
_LATER = 12_345  # seconds
_can_change = False
_MORE = 50  # ways that are walked in further worlds
_changed: dict[str, int] = {}
# Number and object, by address: kept, so that no address is used again.
_asked: dict[int, tuple] = {}


def difference(ways: list, most: int, is_stopped: Callable[[], bool]) -> str:
    """Why workers take other steps than on these ways through their trees; "" where they do not.

    Where `let_change` was called, they walk in several other worlds: in one of them a choice between two may be
    what it was. Where these ways have more than `most` steps, some are left out.
    """
    every = 1 + sum(way.depth for way in ways) // most
    for number in (1, 2, 3) if _can_change else (1,):
        for way in ways[::every] if number == 1 else ways[:_MORE]:
            if is_stopped():
                return ""
            if _differs(way, WORLD, number):
                return _what_differs(way, number)
    return ""


def _what_differs(way, number):
    for change in WORLD:
        if not _differs(way) and _differs(way, [change], number):
            return f"the worker takes other steps when {change} is different: these numbers mean nothing"
    return (
        "the worker does not take the same steps each time (does it keep something from one "
        "call to the next?): these numbers mean nothing"
    )


def _differs(way, changes=(), number=0):
    """Whether the steps of `way` are others where `changes` are different, in the world of this number."""
    _changed.update(dict.fromkeys(changes, number))
    try:
        return way.differs()
    finally:
        _changed.clear()


def begin() -> None:
    """Chance and the numbers of objects begin anew: call it before each walk."""
    if _can_change:
        seed = 1 + _changed.get("chance", 0)
        random.seed(seed)
        os.urandom = random.Random(seed).randbytes
        setattr(random, "_urandom", os.urandom)  # noqa: B010 - mypy does not know it
        _asked.clear()


def let_change() -> None:
    """From now on, `difference` changes what this process sees; it must do nothing else than explore a learner's file."""
    global _can_change
    if _can_change:
        return
    _can_change = True
    for name in ("getpid", "getppid"):
        real = getattr(os, name)
        setattr(os, name, _for_learners(real, _shifted(real, WORLD[0], 1)))
    for name in _CLOCKS:
        for clock, later in (name, _LATER), (f"{name}_ns", _LATER * 10**9):
            setattr(time, clock, _shifted(getattr(time, clock), "the clock", later))
    builtins.id = _for_learners(id, _turned(_in_order))
    builtins.hash = _for_learners(hash, _turned(hash))
    kind = type("Process", (type(multiprocessing.current_process()),), {"name": property(_name)})
    multiprocessing.current_process().__class__ = kind


def _for_learners(real, changed):
    """`changed` for calls from a learner's file, else `real`: multiprocessing, say, must know its own process."""

    def number(*args):
        return (changed if child.is_learners(sys._getframe(1)) else real)(*args)

    return number


def _shifted(real, name, distance):
    return lambda: real() + distance * _changed.get(name, 0)


def _turned(number_of):
    """`number_of`, in the changed world in the opposite order."""
    return lambda value: ~number_of(value) if WORLD[3] in _changed else number_of(value)


def _in_order(value):
    """Which object this is of those that were asked for in this walk: an address would be another each time."""
    return _asked.setdefault(id(value), (len(_asked), value))[0]


def _name(process):
    return f"{process._name}{'-changed' if WORLD[0] in _changed else ''}"
