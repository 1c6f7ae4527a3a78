"""How long the course waits before it gives up: every limit in seconds comes from here.

A limit must not judge a program by the speed of the machine. So it grows with two things: with the
pauses that the processes ask for, since all of them may lie under one lock, one after the other; and with
the machine, as it was of late: the slowest of the last ten starts of a process, and of the last ten steps.
Each process that starts and each run that ends brings a new measurement.

    limit of a run = 5 s + 2 * asked + 20 * slowest start + 200 * slowest step, in whole seconds

For example, 4 processes that take 10 pauses of 20 ms each ask for 0.8 s. On a quiet machine, where a
process starts in 60 ms and a step takes 0.1 ms, that makes 5 + 1.6 + 1.2 + 0.02: a limit of 8 s. On
one where a start takes 1.5 s and a step 10 ms, it makes 5 + 1.6 + 30 + 2: a limit of 39 s.

A `deadline` that a caller gives counts as it is. Three spans do not grow. Stop is heard within 0.2 s, and
the children of a kernel that is gone end within 1 s, because the one who waits wants them to give up.
And what a resource waits for inside one of its steps, such as a database that is busy, is part of that step.
"""

import math
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from helpers.events import Event

_LEAST = 5.0
_UNMEASURED_START, _UNMEASURED_STEP = 0.25, 0.001  # until the first process has started


class Slowest(NamedTuple):
    """The machine of late: its slowest start of a process and its slowest step, in seconds."""

    start: float
    step: float


starts: deque[float] = deque(maxlen=10)  # seconds, the latest at the right
steps: deque[float] = deque(maxlen=10)


def note_start(seconds: float) -> None:
    """Take in how long a process took, once it was there, until it was ready."""
    starts.append(seconds)


def note_steps(events: Iterable[Event]) -> None:
    """Take in the steps of one run: the median of those that do not wait for somebody else."""
    usual = ("read", "write", "release")
    spans = sorted(e.end - e.start for e in events if e.end and e.op in usual)
    if spans:
        steps.append(spans[len(spans) // 2] / 1e9)


def slowest() -> Slowest:
    """The Slowest of the last ten starts and steps."""
    # Copied at once: another thread may note one meanwhile.
    start = max(tuple(starts), default=_UNMEASURED_START)
    return Slowest(start, max(tuple(steps), default=_UNMEASURED_STEP))


def for_run(asked: float = 0.0, least: float = _LEAST, machine: Slowest | None = None) -> float:
    """Seconds until a run is ended whose processes ask for `asked` seconds of pauses in all.

    `machine` is a Slowest; None means this one, now.
    """
    start, step = machine or slowest()
    return float(math.ceil(least + 2 * asked + 20 * start + 200 * step))


def for_start(processes: int, machine: Slowest | None = None) -> float:
    """Seconds until so many processes, started one after the other, must all be ready."""
    return float(math.ceil(10 + 10 * processes * (machine or slowest()).start))


def for_answer(least: float) -> float:
    """Seconds until a process must have done something small: `least` on a machine that is never busy."""
    return least + slowest().start
