"""Which locks guard a file: those that a process holds at an update, from its read to its write.

The idea is the lockset of Eraser (Savage et al. 1997): a file is guarded if one lock is held at every access.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from helpers.analysis.kept_and_lost import Update
from helpers.analysis.lock_spans import Events, holds, lock_words
from helpers.events import counted, listed

_MOST_TOLD = 4  # locks of which a sentence says who takes them


class GuardedUpdate(NamedTuple):
    """One update and the locks, by identity, that its process held all through it.

    `gaps` are locks that it held at the read or at the write, but not from one to the other.
    """

    update: Update
    locks: frozenset[str]
    gaps: frozenset[str]


@dataclass(frozen=True)
class Guards:
    """The locks that guard one file. `names` gives the name of each by its identity: first those that A takes,
    then those that B takes, and so on, each in the order of first use.

    `updates` are in the order of their starts.
    """

    updates: tuple[GuardedUpdate, ...]
    names: dict[str, str]

    @property
    def common(self) -> frozenset[str]:
        """The locks that every update holds which holds any (Eraser's candidates)."""
        sets = [update.locks for update in self.updates if update.locks]
        return frozenset.intersection(*sets) if sets else frozenset()

    @property
    def bare(self) -> tuple[GuardedUpdate, ...]:
        """The updates that hold no lock, neither at the read nor at the write."""
        return tuple(u for u in self.updates if not u.locks and not u.gaps)

    @property
    def interrupted(self) -> tuple[GuardedUpdate, ...]:
        """The updates that hold a lock at the read or at the write, but not from one to the other."""
        return tuple(u for u in self.updates if not u.locks and u.gaps)

    @property
    def is_guarded(self) -> bool:
        """Whether one lock is held at every update."""
        return bool(self.common) and not self.bare and not self.interrupted

    @property
    def processes(self) -> tuple[str, ...]:
        """The letters of those who change the file."""
        return tuple(sorted({u.update.process for u in self.updates}))

    def takers(self, identity: str) -> tuple[str, ...]:
        """The letters of those who hold this lock at an update."""
        return tuple(sorted({u.update.process for u in self.updates if identity in u.locks}))

    def taken_by(self, process: str) -> tuple[str, ...]:
        """The locks, by identity, that a process holds at its updates."""
        return tuple(identity for identity in self.names if process in self.takers(identity))

    def number(self, identity: str) -> int:
        """The number of a lock, from 1, in the order of `names`."""
        return list(self.names).index(identity) + 1

    @property
    def sentence(self) -> str:
        """Which locks guard the file, or what is missing."""
        if not self.updates:
            return "nobody changed this file"
        left_out, count = _left_out(self), len(self.common or self.names)
        if not self.names:
            return f"no lock guards this file{f': {left_out}' if self.interrupted else ''}"
        guard = f"{counted(count, 'lock')} {'guards' if count == 1 else 'guard'} this file"
        return f"{guard}, but {left_out}" if left_out else f"{guard}{_say_takers(self)}"

    def __str__(self):
        return self.sentence


def find_guards(events: Events, updates: Iterable[Update]) -> Guards:
    """The Guards of the file that `updates` (of its Account) changed, from all events of the run."""
    spans = holds(events)
    in_time = sorted(updates, key=lambda update: update.start)
    found = tuple(_guarded(update, spans) for update in in_time)
    held = {span.identity: span.lock for span in spans}
    in_order = sorted(found, key=lambda guarded: guarded.update.process)
    return Guards(found, {lock: held[lock] for g in in_order for lock in sorted(g.locks)})


def _guarded(update, spans):
    mine = [span for span in spans if span.process == update.process]
    whole = {span.identity for span in mine if _covers(span, update.start, update.end)}
    ends = [update.start, update.start if update.end is None else update.end]
    part = {span.identity for span in mine if any(_covers(span, at, at) for at in ends)}
    return GuardedUpdate(update, frozenset(whole), frozenset(part - whole))


def _covers(span, start, end):
    """Whether a hold lasts from `start` to `end`; an `end` of None never comes."""
    return span.start <= start and (span.end is None or (end is not None and end <= span.end))


def _left_out(guards):
    """How many updates no lock guards, in words; "" where there are none."""
    every, parts = len(guards.updates), []
    if guards.bare:
        parts.append(f"{len(guards.bare)} of {counted(every, 'update')} hold none")
    if guards.interrupted:
        count = len(guards.interrupted)
        parts.append(f"{count} of {every} hold it, but not from read to write")
    return " and ".join(parts)


def _say_takers(guards):
    """Who takes which lock, where all updates are guarded."""
    taken = [guards.taken_by(process) for process in guards.processes]
    if guards.common:
        everybody = "all processes take" if len(taken) > 1 else f"{guards.processes[0]} takes"
        return f": {everybody} {'it' if len(guards.common) == 1 else 'them'}"
    if any(len(locks) > 1 for locks in taken):
        return ", and none of them covers every update"
    if len(guards.names) == len(taken):
        return ", one for each process"
    if len(guards.names) > _MOST_TOLD:
        return ", and each process takes one of them"
    return ": " + ", ".join(_say_group(guards, identity) for identity in guards.names)


def _say_group(guards, identity):
    """Such as "A and C take lock left"; locks of one name are told apart by their numbers."""
    who, name = guards.takers(identity), guards.names[identity]
    is_unique = list(guards.names.values()).count(name) == 1
    lock = lock_words(name) if is_unique else f"lock {guards.number(identity)}"
    return f"{listed(who)} {'takes' if len(who) == 1 else 'take'} {lock}"
