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
from contextlib import contextmanager

from helpers import child

# What changes, in the words of a sentence such as "takes other steps where the clock is another".
WORLD = ("the process id", "the clock", "chance", "the number of an object (id, hash)")
_CLOCKS = "time", "monotonic", "perf_counter", "process_time"
_LATER = 12_345  # seconds
_changed = {}
_asked = {}  # number and object, by address: kept, so that no address is used again


@contextmanager
def another(changes=WORLD, number=1):
    """Inside, `changes` are different from what they are outside, and differ from `number` to number.

    Only where `let_change` was called.
    """
    _changed.update(dict.fromkeys(changes, number))
    try:
        yield
    finally:
        _changed.clear()


def numbers():
    """The numbers of the worlds to try: several, since in one of them a choice between two may be what it was."""
    return (1, 2, 3) if hasattr(os.getpid, "is_changeable") else (1,)


def begin():
    """Chance and the numbers of objects begin anew: call it before each walk."""
    if hasattr(os.getpid, "is_changeable"):
        seed = 1 + _changed.get("chance", 0)
        random.seed(seed)
        random._urandom = os.urandom = random.Random(seed).randbytes
        _asked.clear()


def let_change():
    """From now on, `another` changes this process, which shall do nothing else than explore a learner's file."""
    if hasattr(os.getpid, "is_changeable"):
        return
    os.getpid, os.getppid = _neighbour(os.getpid), _neighbour(os.getppid)
    os.getpid.is_changeable = True
    for name in _CLOCKS:
        setattr(time, name, _shifted(getattr(time, name), "the clock", _LATER))
        in_ns = f"{name}_ns"
        setattr(time, in_ns, _shifted(getattr(time, in_ns), "the clock", _LATER * 10**9))
    builtins.id, builtins.hash = _changeable(id, _in_order), _changeable(hash, hash)
    kind = type("Process", (type(multiprocessing.current_process()),), {"name": property(_name)})
    multiprocessing.current_process().__class__ = kind


def _neighbour(real):
    """`real`, one higher in the changed world for calls from a learner's file: multiprocessing must know its own process."""

    def number():
        is_asked_by_learner = child.is_learners(sys._getframe(1))
        return real() + (_changed.get(WORLD[0], 0) if is_asked_by_learner else 0)

    return number


def _shifted(real, name, distance):
    return lambda: real() + distance * _changed.get(name, 0)


def _changeable(real, number_of):
    """`number_of(value)`, in the changed world in the opposite order, for calls from a learner's file; else `real`."""

    def number(value, /):
        if not child.is_learners(sys._getframe(1)):
            return real(value)
        return ~number_of(value) if WORLD[3] in _changed else number_of(value)

    return number


def _in_order(value):
    """Which object this is of those that were asked for in this walk: an address would be another each time."""
    return _asked.setdefault(id(value), (len(_asked), value))[0]


def _name(process):
    return f"{process._name}{'-changed' if WORLD[0] in _changed else ''}"
