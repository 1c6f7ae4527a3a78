"""Who held which lock, who waited for it, and who waits for whom."""

from collections import defaultdict
from typing import NamedTuple

from helpers.events import held_after, permits_of


class Span(NamedTuple):
    """A time in which one process held, or waited for, one lock. `end` is None where it still does.

    `taken` says for a wait whether the lock was got in the end.
    """

    process: str
    lock: str
    identity: str
    start: int
    end: int | None
    taken: bool = True


def holds(events):
    """All holds of all locks, in the order of their starts; a re-entered lock is one hold.

    A database transaction holds from its first access, or from its beginning where that takes the lock.
    """
    spans = []
    for (process, identity), steps in _lock_steps(events).items():
        held, began = 0, None
        for step in steps:
            then = held_then(held, step)
            if held <= 0 < then:
                began = step.end
            elif then <= 0 < held:
                end = step.start if step.op == "release" else step.end
                spans.append(Span(process, step.thing, identity, began, end))
            held = then
        if held > 0:
            spans.append(Span(process, steps[-1].thing, identity, began, None))
    return sorted(spans, key=lambda span: span.start)


def waits(events):
    """The time each acquire took, in the order of their starts; open where a process still waits.

    A step on a database with transactions that is still open is a wait too.
    """
    shared = _with_transactions(events)
    return sorted(
        (
            Span(e.process, e.thing, e.identity, e.start, e.end, e.outcome == "done")
            for e in events
            if e.op == "acquire" or (e.outcome == "open" and e.identity in shared)
        ),
        key=lambda span: span.start,
    )


def why_blocked(events, process):
    """Why a process whose last step is still open cannot go on, in words."""
    wanted = next(e for e in events if e.process == process and e.outcome == "open")
    if permits_of(wanted) is not None:
        return f"it waits for {lock_words(wanted.thing)}, of which no permit is free"
    holder = other_than(process, [who for who, what in held(events) if what == wanted.identity])
    if holder is None:
        return f"it waits for {lock_words(wanted.thing)}, which nobody will release"
    return f"it waits for {lock_words(wanted.thing)}, which {holder if holder != process else 'it'} holds"


def held(events):
    """Who holds what in the end, locks and open transactions: pairs of a process and an identity."""
    return [(span.process, span.identity) for span in holds(events) if span.end is None]


def other_than(process, holders):
    """Who of the holders `process` waits for: another one if there is one, else itself; None without any."""
    return next((holder for holder in holders if holder != process), next(iter(holders), None))


def lock_words(name):
    """A lock in a sentence: "lock a", but "the lock" where it has only the default name, and "fork 2"."""
    if name.endswith(("lock", "database", "semaphore")):
        return f"the {name}"
    return name if " " in name else f"lock {name}"


def _lock_steps(events):
    """The steps on locks and on databases with transactions, by process and identity."""
    steps, shared = defaultdict(list), _with_transactions(events)
    for event in sorted(events, key=lambda event: (event.process, event.index)):
        if event.op in ("acquire", "release") or event.identity in shared:
            steps[event.process, event.identity].append(event)
    return steps


def _with_transactions(events):
    return {event.identity for event in events if event.op == "begin"}


def held_then(held, step, has_permits=False):
    """How often a process holds a thing after a step of its own, as `events.held_after` counts."""
    if step.outcome in ("done", "refused") or (step.op == "release" and step.outcome == "open"):
        return held_after(held, step.op, step.arg, step.outcome == "done", has_permits)
    return held


class Contention(NamedTuple):
    """How much a lock was wanted: number of holds, hold and wait time in seconds, over all processes."""

    holds: int
    hold_time: float
    wait_time: float


def contention(events):
    """Contention over all locks of a run; spans that were still open do not count."""
    held = [span.end - span.start for span in holds(events) if span.end]
    waited = [span.end - span.start for span in waits(events) if span.end]
    return Contention(len(held), sum(held) / 1e9, sum(waited) / 1e9)


def depths(events, identity=None):
    """How deep each process stands in a lock, step by step: (process, stamp in ns, depth), in the order of time.

    `identity` says which lock; None: the first one that was taken.
    """
    steps = [e for e in events if e.op in ("acquire", "release") and e.outcome == "done"]
    identity = identity or next((e.identity for e in steps), None)
    told, depth = [], defaultdict(int)
    for event in sorted(steps, key=_takes_effect):
        if event.identity == identity:
            depth[event.process] += 1 if event.op == "acquire" else -1
            told.append((event.process, _takes_effect(event), depth[event.process]))
    return told


def _takes_effect(event):
    """When an acquire or release counts: the next one may have the lock before a release is over."""
    return event.end if event.op == "acquire" else event.start
