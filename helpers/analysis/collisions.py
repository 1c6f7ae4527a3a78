"""Why an order fails: the step after which nothing can save it, the two accesses that collide, and what no common lock guards.

Two accesses collide where they touch one datum, belong to two processes, and one of them changes it. They do harm where one
process comes in between two accesses of the other: A reads, B writes, and A writes what it has made of its old number.
"""

from collections.abc import Sequence
from itertools import combinations, zip_longest
from typing import NamedTuple

from helpers.analysis.lock_spans import lock_words, locks_held
from helpers.analysis.step_words import is_of_file, step_words
from helpers.events import WRITING, Event, listed, permits_of


class Access(NamedTuple):
    """One step of an order: its number from 1, its Event, and the line of the worker's file, None where it is not known."""

    step: int
    event: Event
    line: int | None

    def __str__(self):
        name = self.event.shared
        name = repr(name) if is_of_file(self.event) else lock_words(name)
        place = f"step {self.step}, line {self.line}" if self.line else f"step {self.step}"
        return f"{self.event.process} {step_words(self.event, name)} ({place})"


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
    one, then, between, fault, named = found
    collision = f"{one}, and then: {then}{f'. In between: {between}' if between else ''}"
    known = tuple(sorted({access.line for access in named if access.line}))
    look = f": look at {listed(f'line {number}' for number in known)}" if known else ""
    fault += f": {'; '.join(map(str, sorted({*named})))}{look}"
    return Explanation(steps[turning - 1], (one, between or then), collision, fault, known)


# ---- the ways to fail. Each gives an access, the one that follows, what comes in between (None: nothing), what lets it happen,
# and the accesses at fault


def _waiting(steps, _):
    """Somebody waits for ever for what others hold, or have kept."""
    last, held = {s.event.process: s for s in steps}, _held(steps)
    waits = [s for s in last.values() if s.event.outcome == "open"]
    wanted = [(held[s].get(w.event.identity), w) for s in last.values() for w in waits]
    links = sorted((taken, wait) for taken, wait in wanted if taken)
    named = [s for taken, wait in links for s in (taken, last[taken.event.process], wait)]
    is_kept = any(last[taken.event.process] not in waits for taken, _ in links)
    fault = "Its holder ended and kept it" if is_kept else "Each holds what the next one waits for"
    return links and (*links[0], None, fault, named)


def _come_between(steps, turning):
    """One process comes in between two accesses of another: best where that one goes on with an old number, and soon."""
    done, found = [s for s in steps if is_of_file(s.event) and s.event.outcome == "done"], []
    around = [p for p in combinations(done, 2) if p[0].step <= turning <= p[1].step]
    for one, last in (p for p in around if p[0].event.process == p[1].event.process):
        between = done[done.index(one) + 1 : done.index(last)]
        late = {s.event.process for s in between if _collide(s, last)}
        others = (s for s in between if s.event.process in late and _collide(one, s))
        fresh = {s.event.shared for s in _of(one, between) if s.event.op == "read"}
        is_same = one.event.shared == last.event.shared
        is_old = is_same and last.event.op in WRITING and last.event.shared not in fresh
        found += [(not is_old, last.step - one.step, one, other, last) for other in others]
    return found and _unguarded(steps, *min(found)[2:])


def _unguarded(steps, one, other, last):
    """Why no lock keeps the `other` access out, and the accesses that show it."""
    held, these = _held(steps), (one, other, last)
    locks = [{k: t for k, t in held[s].items() if permits_of(t.event) in (None, 1)} for s in these]
    common = set.intersection(*map(set, locks))
    given = [s for s in _of(one, steps[one.step : last.step]) if s.event.identity in common]
    if bare := [access for access, mine in zip(these, locks, strict=True) if not mine]:
        before = [s for s in _of(bare[0], steps[: bare[0].step]) if not is_of_file(s.event)]
        why = f"None is held at {listed(f'step {access.step}' for access in bare)}"
        named = [*before[-1:], *bare]
    elif not common:
        why = "Each has another one"
        named = [*these, *(taken for mine in locks for taken in mine.values())]
    else:
        why = "It is given back in between" if given else "Two processes have it at once"
        named = [*these, *given]
    say = f"No lock guards {one.event.shared!r} all the time"
    return one, last, other, f"{say}. {why}", named


def _met(steps, turning):
    """Nobody comes in between: the step itself, and the nearest one of another process on the same datum."""
    turn = steps[turning - 1]
    same = [s for s in steps if s.event.identity == turn.event.identity]
    others = [s for s in same if s.event.process != turn.event.process]
    pair = sorted([turn, *sorted(others, key=lambda s: abs(s.step - turning))[:1]])
    before = [s for s in _of(turn, steps[:turning]) if s.event.op in WRITING]
    after = [s for s in _of(pair[-1], same) if s > pair[-1]]
    fault = "What the processes do before and after that does not fit"
    return (*pair, None, fault, [*before[-1:], *pair, *after[:1]]) if others else None


# ---- accesses and locks


def _collide(one, other):
    """Whether two accesses of two processes touch one datum, and one of them changes it."""
    is_changed = {one.event.op, other.event.op} & {*WRITING, "empty"}
    is_one_file = one.event.shared == other.event.shared
    return is_changed and is_one_file and one.event.process != other.event.process


def _of(access, steps):
    """Those of the steps that the same process does."""
    return [s for s in steps if s.event.process == access.event.process]


def _held(steps):
    """The locks that its process holds after each access: by identity, the access that took it."""
    at = {s.event: s for s in steps}
    held = locks_held(at)
    return {s: {key: at[taken] for key, taken in held[s.event].items()} for s in steps}
