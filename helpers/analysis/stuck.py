"""Who is stuck for ever: decided from who holds and who wants which lock. No clock is asked."""

from typing import NamedTuple

from helpers.analysis.locks import held, other_than
from helpers.events.tape import NO_STAND, OTHERS


class Orphan(NamedTuple):
    """A process that waits for a lock which somebody took along who will never release it.

    `takers` are those who may have taken it: one by its own record, or, `by_elimination`, those who
    died while they took it or gave it back.
    """

    process: str
    lock: str
    takers: tuple[str, ...]
    by_elimination: bool = False


class Stuck(NamedTuple):
    """Why processes wait for ever: a circle of waits, or locks whose takers are gone. One of both is ().

    `circle` has the form ("A", "left", "B", "right"): A waits for the lock "left", which B holds,
    and so on, back to A.
    """

    circle: tuple[str, ...] = ()
    orphans: tuple[Orphan, ...] = ()

    @property
    def verdict(self):
        return "deadlock" if self.circle else "orphaned_lock"


def find_stuck(before, now, over=(), is_still=False, freed=frozenset(), others_may_go_on=False):
    """What two looks at the same processes prove: a Stuck, or None.

    `before` and `now` hold the `events.Stand` of each process by its letter, the earlier look first.
    Processes that stand with the same counter in both looks stood there together at one moment, and
    marked holds are always real: if they wait in a circle, they do so for ever. A wait with a limit and a lock
    that a stranger has released take no part. `over` are the processes that do no further step; a lock that one of
    them holds is orphaned where all others wait (with `others_may_go_on`, also where they do not),
    unless the system frees it, as those in `freed`. Who wants a lock without a known holder may be about to
    take it, unless nobody has moved for a while (`is_still`): then it was taken along by whoever died
    while taking or releasing it. Where it cannot be told who released what, nothing is decided.
    """
    strays = frozenset().union(*(stand.strays for stand in now.values()))
    if OTHERS in strays:
        return None
    unknown = strays | {OTHERS}
    waiting = {
        name: stand
        for name, stand in now.items()
        if stand.wanted and name not in over and stand == before.get(name)
    }
    holders = {}
    for name, stand in now.items():
        for lock in stand.held - unknown - (freed if name in over else frozenset()):
            holders.setdefault(lock, []).append(name)
    for name in sorted(waiting):
        if circle := _circle(name, waiting, holders):
            return Stuck(circle=circle)
    is_closed = len(waiting) + len(over) == len(now) and (
        is_still or all(stand.wanted in holders for stand in waiting.values())
    )
    if not others_may_go_on and not is_closed:
        return None
    orphans = (
        _orphan(name, waiting[name], holders, now, over, is_still)
        for name in sorted(waiting)
        if waiting[name].wanted not in freed | unknown
    )
    orphans = tuple(filter(None, orphans))
    return Stuck(orphans=orphans) if orphans else None


def _circle(first, waiting, holders):
    """The circle of waits that `first` is part of, or ()."""
    circle, at = [], first
    while at in waiting and at not in circle[::2]:
        stand = waiting[at]
        circle += [at, stand.name]
        holder = other_than(at, holders.get(stand.wanted, ()))
        if holder == at and not stand.is_again:  # it has just got it, or may take it again
            return ()
        at = holder
    return tuple(circle) if at == first else ()


def _orphan(name, stand, holders, now, over, is_still):
    holder = other_than(name, holders.get(stand.wanted, ()))
    if holder in over:
        return Orphan(name, stand.name, (holder,))
    takers = tuple(other for other in sorted(over) if now[other].touched == stand.wanted)
    if holder is None and takers and is_still:
        return Orphan(name, stand.name, takers, by_elimination=True)
    return None


def stuck_after(events, processes, over):
    """Why nobody can move after `events`, all steps taken in turn, though not all are `over`: a Stuck.

    None where all are.
    """
    stands = _stands(events, processes)
    waiting = {name: stand for name, stand in stands.items() if stand.wanted and name not in over}
    nobody = tuple(Orphan(name, stand.name, ()) for name, stand in sorted(waiting.items()))
    found = find_stuck(stands, stands, over, is_still=True)
    return found or (Stuck(orphans=nobody) if nobody else None)


def _stands(events, processes):
    """Where each process stands after `events`, as a look at its tape would tell: a dict by letter."""
    stands = dict.fromkeys(processes, NO_STAND)
    for process, identity in held(events):
        stand = stands[process]
        stands[process] = stand._replace(held=stand.held | {identity})
    for event in events:
        if event.outcome == "open" and event.arg != "try":
            stand = stands[event.process]
            stands[event.process] = stand._replace(
                wanted=event.identity,
                name=event.thing,
                touched=event.identity,
                is_again=event.arg == "again",
            )
    return stands
