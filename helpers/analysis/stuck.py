"""Who is stuck for ever: decided from who holds and who wants which lock. No clock is asked.

Two looks at the tapes, one after the other, show for each process a ProcessState: what it holds, what it wants, and a
counter that every step changes. For example, both looks show

    A  counter 5  holds left   wants right
    B  counter 3  holds right  wants left
    C  counter 9, then 11      holds nothing

C moved in between, A and B did not. So there was a moment at which A held left and waited for right while B held right
and waited for left: nobody but these two can change that, and both wait. It is a circle, whatever C does.

With semaphores it is not so simple, for anybody may give back a permit. Let left be a semaphore with one permit, which
A took: then C, too, can let B go on. So nobody waits for a permit for ever but where all who live wait, each for
a lock that somebody holds or for a semaphore of which no permit is free: as many were taken, by the marks on
the tapes, as there are. A mark is set after the real acquire and cleared before the real release: so if the marks say
that none is free, then none is, and nobody who seems to wait has just got one.
"""

from collections.abc import Collection, Iterable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

from helpers.analysis.lock_spans import Events, followed
from helpers.events import ProcessState, permits_of
from helpers.events.tape import NO_STATE, OTHERS


class Orphan(NamedTuple):
    """A process that waits for a lock whose taker is gone and will never release it.

    `takers` are those who may have taken it: one by its own record, or, where `is_inferred`, those who
    died while they took it or gave it back.
    """

    process: str
    lock: str
    takers: tuple[str, ...]
    is_inferred: bool = False


class Stuck(NamedTuple):
    """Why processes wait for ever: a circle of waits, locks whose takers are gone, or permits that nobody gives back.

    One of the three is not (). `circle` has the form ("A", "left", "B", "right"): A waits for the lock "left", which
    B holds, and so on, back to A. `waits` are all who live, each with what it waits for: ("A", "semaphore").
    """

    circle: tuple[str, ...] = ()
    orphans: tuple[Orphan, ...] = ()
    waits: tuple[tuple[str, str], ...] = ()

    @property
    def verdict(self) -> str:
        """ "orphaned_lock" or "deadlock"."""
        return "orphaned_lock" if self.orphans else "deadlock"


def find_stuck(
    before: Mapping[str, ProcessState],
    now: Mapping[str, ProcessState],
    over: Collection[str] = (),
    is_still: bool = False,
    freed: Collection[str] = frozenset(),
    others_may_go_on: bool = False,
) -> Stuck | None:
    """What two looks at the same processes prove: a Stuck, or None.

    `before` and `now` hold the `events.ProcessState` of each process by its letter, the earlier look first.
    Processes that have the same counter in both looks were there together at one moment, and marked holds are always
    real: if they wait in a circle, they do so for ever. A wait with a limit and a lock that a stranger has released take no part. `over` are the processes that do no
    further step; a lock that one of them holds is orphaned where all others wait (with `others_may_go_on`, also where
    they do not), unless the system frees it, as those in `freed`. Who wants a lock without a known holder may be about
    to take it, unless nobody has moved for a while (`is_still`): then it was taken along by whoever died while taking
    or releasing it. Where it cannot be told who released what, nothing is decided.
    """
    strays = frozenset().union(*(state.strays for state in now.values()))
    waits = _waits(now, over, before)
    if OTHERS in strays or not waits:
        return None
    unknown = strays | {OTHERS}
    permits, shut = _permits(now)
    holders = _holders(now, unknown, freed, over, permits)
    is_closed = len(waits) + len(over) == len(now)
    wanted = [state.wanted for state in waits.values()]
    is_sure = is_closed and all(it in (shut if it in permits else holders) for it in wanted)
    if not is_sure:
        waits = {name: state for name, state in waits.items() if state.wanted not in permits}
    if circle := _circle(waits, holders, permits):
        return Stuck(circle=circle)
    if not (others_may_go_on or is_sure or (is_closed and is_still)):
        return None
    if orphans := tuple(_orphans(waits, holders, unknown.union(freed), now, over, is_still)):
        return Stuck(orphans=orphans)
    names = tuple((name, state.name) for name, state in waits.items())
    return Stuck(waits=names) if any(s.wanted in permits for s in waits.values()) else None


def _waits(now, over, before):
    """The stands of those who wait now as they did before, by letter and in its order."""
    wanting = [(name, state) for name, state in sorted(now.items()) if state.wanted]
    return {n: state for n, state in wanting if n not in over and state == before.get(n)}


def _circle(waits, holders, permits):
    """A circle among those who wait, as in `Stuck.circle`, or ()."""
    wanted = {
        name: state.wanted
        for name, state in waits.items()
        # Else it has just got it, or may take it again.
        if state.wanted in permits or state.is_again or holders.get(state.wanted) != [name]
    }
    held_by = {name: holders.get(lock, ()) for name, lock in wanted.items()}
    ahead = {name: [o for o in by if o != name] or by for name, by in held_by.items()}
    try:
        TopologicalSorter(ahead).prepare()
    except CycleError as error:
        names = error.args[1][:0:-1]  # it is closed, and against the direction of waiting
        first = names.index(min(names))
        names = names[first:] + names[:first]
        return tuple(words for name in names for words in (name, waits[name].name))
    return ()


def _permits(now):
    """The semaphores that somebody has used, by identity, each with what was taken by whom; and those with no permit free."""
    taken, count = {}, {}
    for name, state in now.items():
        for shared, (permits, balance) in state.taken.items():
            taken.setdefault(shared, {})[name] = balance
            count[shared] = permits
    return taken, {shared for shared, by in taken.items() if sum(by.values()) >= count[shared]}


def _holders(now, unknown, freed, over, permits):
    """Who holds each lock, by its mark. And who has a permit, unless one gave back what it never took: whose was it?"""
    holders = {}
    for name, state in now.items():
        for lock in state.held - unknown - (freed if name in over else frozenset()):
            if min(permits.get(lock, {}).values(), default=0) >= 0:
                holders.setdefault(lock, []).append(name)
    return holders


def _orphans(waits, holders, unknown, now, over, is_still):
    """An Orphan for each who waits for a lock that somebody who is `over` holds, or took with it unseen."""
    for name, state in waits.items():
        lock, held_by = state.wanted, holders.get(state.wanted, ())
        gone = [holder for holder in held_by if holder in over]
        takers = tuple(other for other in sorted(over) if now[other].touched == lock)
        if lock in unknown:
            continue
        if gone:
            yield Orphan(name, state.name, (gone[0],))
        elif takers and not held_by and is_still and not state.taken.get(lock):
            yield Orphan(name, state.name, takers, is_inferred=True)


def stuck_after(events: Events, processes: Iterable[str], over: Collection[str]) -> Stuck | None:
    """Why nobody can move after `events`, all steps taken in turn, though not all are `over`: a Stuck.

    None where all are.
    """
    states = _states(events, processes)
    waits = _waits(states, over, states)
    orphans = tuple(Orphan(name, state.name, ()) for name, state in waits.items())
    found = find_stuck(states, states, over, is_still=True)
    return found or (Stuck(orphans=orphans) if orphans else None)


def _states(events, processes):
    """Where each process stands after `events`, as a look at its tape would tell: a dict by letter."""
    permits = {e.identity: permits_of(e) for e in events if permits_of(e) is not None}
    counts, states = {}, dict.fromkeys(processes, NO_STATE)
    for event, _, count in followed(events, permits):
        process, shared = event.process, event.identity
        counts[process, shared] = count
        if event.outcome == "open" and event.arg != "try":
            states[process] = NO_STATE._replace(
                wanted=shared, name=event.shared, touched=shared, is_again=event.arg == "again"
            )
    for name, state in states.items():
        held = frozenset(shared for (who, shared), n in counts.items() if who == name and n > 0)
        taken = {shared: (n, counts.get((name, shared), 0)) for shared, n in permits.items()}
        states[name] = state._replace(held=held, taken=taken)
    return states
