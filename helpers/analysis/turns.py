"""How fairly a lock went round: who got it how often, who had it how many times in a row, who waited longest."""

from collections import defaultdict
from itertools import groupby, pairwise
from typing import NamedTuple

from helpers.analysis.lock_spans import Span, holds, waits


class Turns(NamedTuple):
    """What one process got of a lock: its holds, their streaks, and its longest wait, a Span or None."""

    holds: int = 0
    longest_streak: int = 0
    mean_streak: float = 0.0
    longest_wait: Span | None = None

    @property
    def longest_wait_ms(self):
        wait = self.longest_wait
        return (wait.end - wait.start) / 1e6 if wait else 0.0


def streaks(events):
    """The holds of the one lock of a run as streaks: holds of one process, none of another's between them."""
    return [list(in_a_row) for _, in_a_row in groupby(holds(events), key=lambda hold: hold.process)]


def turns(events):
    """The Turns of each process that wanted the one lock of a run, by letter.

    A wait that never ended lasts to the last stamp.
    """
    lengths = defaultdict(list)
    for streak in streaks(events):
        lengths[streak[0].process].append(len(streak))
    longest = _longest_waits(events)
    return {name: _turns(lengths[name], longest[name]) for name in sorted(longest)}


def overlaps(events):
    """How many holds of the one lock of a run began before the one before had ended: 0, if it excludes."""
    return sum(
        one.end is None or following.start < one.end for one, following in pairwise(holds(events))
    )


def _longest_waits(events):
    last = max((event.end or event.start for event in events), default=0)
    longest = {}
    for wait in waits(events):
        wait = wait._replace(end=wait.end or last)
        longest[wait.process] = max(longest.get(wait.process, wait), wait, key=_length)
    return longest


def _length(span):
    return span.end - span.start


def _turns(lengths, longest_wait):
    count = sum(lengths)
    mean = count / len(lengths) if lengths else 0.0
    return Turns(count, max(lengths, default=0), mean, longest_wait)
