"""Who held which lock, who waited for it, and how fairly it went round.

Where a function takes `events`, these are all Events of a run, in any order.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

from helpers.events import Event, counted, held_after, permits_of

Events = Iterable[Event]


class Span(NamedTuple):
    """A time in which one process held, or waited for, one lock. `end` is None where it still does."""

    process: str
    lock: str
    identity: str
    start: int
    end: int | None

    @property
    def length(self) -> int:
        """Its nanoseconds, where it has ended."""
        return self.end - self.start if self.end else 0


def holds(events: Events) -> list[Span]:
    """All holds of all locks, in the order of their starts; a re-entered lock is one hold.

    A database transaction holds from its first access, or from its beginning where that takes the lock.
    """
    found, began = [], {}
    for step, before, after in followed(events):
        key = step.process, step.identity
        if before <= 0 < after:
            began[key] = step
        elif after <= 0 < before:
            end = step.start if step.op == "release" else step.end
            found.append((began.pop(key), end))
    found += [(step, None) for step in began.values()]
    spans = [Span(e.process, e.shared, e.identity, e.end, end) for e, end in found]
    return sorted(spans, key=lambda span: span.start)


def waits(events: Events) -> list[Span]:
    """The time each acquire took, in the order of their starts; open where a process still waits.

    A step on a database with transactions that is still open is a wait too.
    """
    shared = {event.identity for event in events if event.op == "begin"}
    spans = [
        Span(e.process, e.shared, e.identity, e.start, e.end)
        for e in events
        if e.op == "acquire" or (e.outcome == "open" and e.identity in shared)
    ]
    return sorted(spans, key=lambda span: span.start)


def why_blocked(events: Events, process: str) -> str:
    """Why a process whose last step is still open cannot go on, in words."""
    wanted = next(e for e in events if e.process == process and e.outcome == "open")
    waits_for = f"it waits for {lock_words(wanted.shared)}"
    if permits_of(wanted) is not None:
        return f"{waits_for}, of which no permit is free"
    held = [hold for hold in holds(events) if hold.identity == wanted.identity and not hold.end]
    if not held:
        return f"{waits_for}, which nobody will release"
    others = [hold.process for hold in held if hold.process != process]
    return f"{waits_for}, which {others[0] if others else 'it'} holds"


def lock_words(name: str) -> str:
    """A lock in a sentence: "lock a", but "the lock" where it has only the default name, and "fork 2"."""
    if name.endswith(("lock", "database", "semaphore")):
        return f"the {name}"
    return name if " " in name else f"lock {name}"


def followed(
    events: Events, given_freely: Collection[str] = ()
) -> Iterator[tuple[Event, int, int]]:
    """Each step, those of one process in their order: the Event, how often its process held the shared object before, and after.

    Counted as by `events.held_after`. Of shared objects whose identities are `given_freely`, as a semaphore's, the number
    falls below 0 where a process gives back what it never took.
    """
    held: Counter = Counter()
    for step in sorted(events, key=lambda step: (step.process, step.index)):
        key = step.process, step.identity
        before = held[key]
        if step.outcome in ("done", "refused") or (step.op == "release" and step.outcome == "open"):
            is_done, has_permits = step.outcome == "done", key[1] in given_freely
            held[key] = held_after(before, step.op, step.arg, is_done, has_permits)
        yield step, before, held[key]


def locks_held(events: Events) -> dict[Event, dict[str, Event]]:
    """The locks that its process holds after each event: by identity, the acquire that took it."""
    taken: dict[str, dict] = defaultdict(dict)
    held = {}
    for event, _, depth in followed(events):
        mine = taken[event.process]
        if depth <= 0:
            mine.pop(event.identity, None)
        elif event.op == "acquire":
            mine.setdefault(event.identity, event)
        held[event] = dict(mine)
    return held


class Contention(NamedTuple):
    """How much a lock was wanted: number of holds, hold and wait time in seconds, over all processes."""

    holds: int
    hold_time: float
    wait_time: float

    def __repr__(self):
        return f"{counted(self.holds, 'hold')}; hold time {self.hold_time:.3f} s, wait time {self.wait_time:.3f} s"


def contention(events: Events) -> Contention:
    """Contention over all locks of a run; spans that were still open do not count."""
    held, waited = ([span.length for span in spans(events) if span.end] for spans in (holds, waits))
    return Contention(len(held), sum(held) / 1e9, sum(waited) / 1e9)


def depths(events: Events) -> list[tuple[str, int, int]]:
    """How deep each process stands in the lock that was taken first, step by step: (process, stamp in ns, depth), in the order of time."""
    steps = [e for e in events if e.op in ("acquire", "release") and e.outcome == "done"]
    first = {e.identity for e in steps[:1]}
    # The next acquire may have the lock before a release is over: so that counts from its start.
    reported = [
        (e.process, e.end if e.op == "acquire" else e.start, depth)
        for e, _, depth in followed([e for e in steps if e.identity in first], first)
    ]
    return sorted(reported, key=itemgetter(1))


class Turns(NamedTuple):
    """What one process got of a lock: its holds, their streaks, and its longest wait, a Span or None."""

    holds: int = 0
    longest_streak: int = 0
    longest_wait: Span | None = None

    @property
    def longest_wait_ms(self) -> float:
        """The length of its longest wait in milliseconds, 0 without any."""
        return self.longest_wait.length / 1e6 if self.longest_wait else 0.0


def streaks(events: Events) -> list[list[Span]]:
    """The holds of the one lock of a run as streaks: holds of one process, none of another's between them."""
    return [list(in_a_row) for _, in_a_row in groupby(holds(events), key=lambda hold: hold.process)]


def turns(events: Events) -> dict[str, Turns]:
    """The Turns of each process that wanted the one lock of a run, by letter.

    A wait that never ended lasts to the last stamp.
    """
    last = max((event.end or event.start for event in events), default=0)
    waited = [wait._replace(end=wait.end or last) for wait in waits(events)]
    found, in_a_row = {}, streaks(events)
    for name in sorted({wait.process for wait in waited}):
        lengths = [len(streak) for streak in in_a_row if streak[0].process == name]
        longest = max((w for w in waited if w.process == name), key=lambda wait: wait.length)
        found[name] = Turns(sum(lengths), max(lengths, default=0), longest)
    return found


def overlaps(events: Events) -> int:
    """How many holds of the one lock of a run began before the one before had ended: 0, if it excludes."""
    pairs = pairwise(holds(events))
    return sum(one.end is None or following.start < one.end for one, following in pairs)
