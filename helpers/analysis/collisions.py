"""Why an order fails: the step after which nothing can save it, the two accesses that collide, and what no common lock guards.

Two accesses collide where they touch one datum, belong to two processes, and one of them changes it. They do harm where one
process comes in between two accesses of the other: A reads, B writes, and A writes what it has made of its old number.
"""

from collections.abc import Sequence
from itertools import combinations, zip_longest
from typing import NamedTuple

from helpers.analysis.lock_spans import holds, lock_words
from helpers.analysis.step_words import is_of_file, step_words
from helpers.events import Event, listed, permits_of


class Access(NamedTuple):
    """One step of an order: its number from 1, its Event, and the line of the worker's file, None where it is not known."""

    step: int
    event: Event
    line: int | None

    def __str__(self):
        name = self.event.shared
        event = self.event._replace(
            shared=repr(name) if is_of_file(self.event) else lock_words(name)
        )
        place = f"step {self.step}, line {self.line}" if self.line else f"step {self.step}"
        return f"{event.process} {step_words(event)} ({place})"


class Explanation(NamedTuple):
    """Why an order fails: after the step `turn` nothing leads to a right end, and the `pair` of accesses collides.

    Both are on one datum, a file or a lock. `collision` says what happens between them, `fault` what lets it happen, with the
    numbers of the `lines` at fault.
    """

    turn: Access
    pair: tuple[Access, Access]
    collision: str
    fault: str
    lines: tuple[int, ...]

    @property
    def sentence(self) -> str:
        """All of it in words."""
        return f"After this step nothing can save it: {self.turn}. {self.collision}. {self.fault}."


def explain(
    events: Sequence[Event], turning: int | None, lines: Sequence[int | None] = ()
) -> Explanation | None:
    """The Explanation of an order: of its `events` as they were done, and then those that wait.

    `turning` is the number, from 1, of the step after which nothing leads to a right end; `lines` are those of the events, as
    far as they are known. None where it fails from the start, or no two accesses explain it.
    """
    steps = [Access(n, *pair) for n, pair in enumerate(zip_longest(events, lines), 1)]
    ways = (way(steps, turning) for way in (_waiting, _come_between, _met) if turning)
    if not turning or not (found := next(filter(None, ways), None)):
        return None
    *pair, collision, fault, named = found
    known = tuple(sorted({access.line for access in named if access.line}))
    look = f": look at {listed(f'line {number}' for number in known)}" if known else ""
    return Explanation(steps[turning - 1], tuple(pair), collision, fault + look, known)


# ---- the ways to fail. Each gives the two accesses, what happens between them, what lets it happen, and the accesses at fault


def _waiting(steps, _):
    """Somebody waits for ever for what others hold, or have kept."""
    last = {s.event.process: s for s in steps}
    waits = [s for s in last.values() if s.event.outcome == "open"]
    holding = [(span.identity, taken) for span, taken in _holds(steps) if not span.end]
    links = [(taken, w) for w in waits for key, taken in holding if key == w.event.identity]
    named = sorted({s for taken, w in links for s in (taken, last[taken.event.process], w)})
    is_kept = any(last[taken.event.process] not in waits for taken, _ in links)
    fault = "Its holder ended and kept it" if is_kept else "Each holds what the next one waits for"
    return links and (*links[0], "; ".join(map(str, named)), fault, named)


def _come_between(steps, turning):
    """One process comes in between two accesses of another, or changes what the other has just accessed."""
    done = [s for s in steps if is_of_file(s.event) and s.event.outcome == "done"]
    around = [p for p in combinations(done, 2) if p[0].step <= turning <= p[1].step]
    found = [(2, one.step, one, other) for one, other in around if _collide(one, other)]
    for one, last in (p for p in around if p[0].event.process == p[1].event.process):
        between = done[done.index(one) + 1 : done.index(last)]
        late = {s.event.process for s in between if _collide(s, last)}
        is_old = one.event.op == "read" and one.event.shared == last.event.shared
        others = (s for s in between if s.event.process in late and _collide(one, s))
        found += [(not is_old, last.step - one.step, one, other, last) for other in others]
    for _, _, one, other, *last in sorted(found):
        if because := _unguarded(steps, (one, other, *last)):
            say = f"{one}, and then: {(last or [other])[0]}"
            return one, other, f"{say}. In between: {other}" if last else say, *because
    return None


def _unguarded(steps, accesses):
    """Why no lock keeps these accesses apart, and the accesses that show it; None where one does."""
    held_at = [(access, _locks(steps, access)) for access in accesses]
    common = set.intersection(*(set(locks) for _, locks in held_at))
    why, named = "None is held when", [access for access, locks in held_at if not locks]
    if named:  # perhaps it was refused one
        mine = [s for s in steps[: named[-1].step] if s.event.process == named[-1].event.process]
        named += [s for s in mine if s.event.outcome == "refused"][-1:]
    elif not common:
        why, named = "Each has another one", {t: t for _, locks in held_at for t in locks.values()}
        named = [*named, *accesses]
    elif len(accesses) > 2:
        first, *_, last = accesses
        mine = [s for s in steps[first.step : last.step] if s.event.process == first.event.process]
        mine = [s for s in mine if s.event.identity in common]
        why = "It is given back in between" if mine else "Two processes have it at once"
        named = [first, *mine, *accesses[1:]]
    say = f"No lock guards {accesses[0].event.shared!r} all the time"
    return named and (f"{say}. {why}: {'; '.join(map(str, named))}", named)


def _met(steps, turning):
    """Nobody comes in between: the step itself, and the nearest one of another process on the same datum."""
    turn = steps[turning - 1]
    same = [s for s in steps if s.event.identity == turn.event.identity]
    others = [s for s in same if s.event.process != turn.event.process]
    pair = sorted([turn, *sorted(others, key=lambda s: abs(s.step - turning))[:1]])
    named = [*pair, *[s for s in same if s > pair[-1] and s.event[0] == pair[-1].event[0]][:1]]
    fault = f"What the processes do after that does not fit: {'; '.join(map(str, named))}"
    return (*pair, f"{pair[0]}, and then: {pair[1]}", fault, named) if others else None


# ---- accesses and locks


def _collide(one, other):
    """Whether two accesses of two processes touch one datum, and one of them changes it."""
    changes = {one.event.op, other.event.op} - {"read", "begin", "commit", "rollback", "grant"}
    is_one_file = one.event.shared == other.event.shared
    return bool(changes) and is_one_file and one.event.process != other.event.process


def _holds(steps):
    """All holds of locks, pairs of a Span and the access that took it."""
    took = {(s.event.process, s.event.end): s for s in steps if s.event.op == "acquire"}
    spans = holds([s.event for s in steps])
    return [(span, took[key]) for span in spans if (key := (span.process, span.start)) in took]


def _locks(steps, access):
    """The locks that a process holds at an access and nobody else can hold then: by identity, the access that took each."""
    at, process = access.event.start, access.event.process
    mine = [(span, taken) for span, taken in _holds(steps) if span.process == process]
    mine = [(span, taken) for span, taken in mine if permits_of(taken.event) in (None, 1)]
    return {span.identity: t for span, t in mine if span.start <= at <= (span.end or at)}
