"""What tasks ask, and what attacks find: failures with their reasons, and the judges of a run that exercises share.

A judge yields what is wrong with a run: a name and the reason in the words of the lessons, "no_lock: Nobody acquires the lock.".
So does an attack; where more is known than these, such as the run, it makes Failures `about` it. Only the `first` one counts.
Where nothing can be said, they raise Unfinished.
"""

import math
import os
from collections import Counter
from collections.abc import Callable
from itertools import chain
from typing import NamedTuple

from helpers import lab, topics
from helpers.analysis import Explanation, holds, lock_words, locks_held, waits
from helpers.events import counted, listed

TWO_METHODS = [method for method in ("forkserver", "spawn") if method in lab.start_methods()]
STUCK = "timed_out", "deadlock", "orphaned_lock"
UNHELD = "released too many times", "lock not owned"


class Ask:
    """One thing that a task asks for: the `words` of its item in the lesson, and what is tried to break it.

    An attack takes the Answer and yields the Failure that it finds, or raises Unfinished. Asks of one `part` are judged together.
    """

    def __init__(self, words, *attacks: Callable, part=""):
        self.words, self.attacks, self.part = words, attacks, part


class Exercise(NamedTuple):
    """What a file must define, functions and plain values by name, and what is asked of it.

    The asks are tried in their order: decisive and cheap ones first.
    """

    asks: tuple[Ask, ...]
    functions: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


class Failure(NamedTuple):
    """Why a file did not pass: a short name, the reason in the lesson's words, and what showed it.

    That is a `run`; where the order of the steps made it go wrong, real processes took that order in
    it, and it is the `schedule`. `shown` is what is drawn in place of the run, where that tells more. `why` explains the order.
    """

    name: str
    reason: str
    run: lab.Run | None = None
    schedule: str = ""
    shown: topics.Diagnosis | None = None
    why: Explanation | None = None


class Unfinished(Exception):
    """An attack gives no answer, and says why: the machine was too busy, or too many orders are different."""


class Stopped(KeyboardInterrupt):
    """Somebody stopped a run of the check, so that nothing may be concluded from it."""


class Tried:
    """What a check has tried so far: orders in the model, those with a fault, and real runs by start method."""

    def __init__(self):
        self.orders = self.faults = 0
        self.runs = Counter()

    def __str__(self):
        orders = self.orders and f"{self.orders:,} order{'' if self.orders == 1 else 's'}"
        faults = self.faults and f"{self.faults:,} with a fault"
        ran = self.runs and f"{counted(self.runs.total(), 'real run')} under {listed(self.runs)}"
        return ", ".join(filter(None, (orders, faults, ran)))


def first(found, **more):
    """The first Failure `about` what was found, the one that counts; None where there is none. Raises Unfinished."""
    found = iter(found)
    try:
        return next(about(found, **more), None)
    finally:
        # Not left to the garbage collector: it would swallow an interrupt that comes while processes are ended.
        if hasattr(found, "close"):
            found.close()


def about(*found, **more):
    """The failures in all that was `found`: texts become those of which `more` is known, such as the `run` that showed them."""
    for each in chain.from_iterable(found):
        yield Failure(*each.split(": ", 1), **more) if isinstance(each, str) else each


def in_order(run, *found):
    """What judges found in a stepped run, each failure with the order of the steps, which showed it."""
    return (each._replace(schedule=each.run.schedule) for each in about(*found, run=run))


def named(function, found):
    """The failures; their reasons begin with the name of the function that they are about."""
    return (each._replace(reason=f"{function}: {each.reason}") for each in about(found))


def heeded(run):
    """`run`, unless somebody stopped it: what an attack makes of half a run is no answer. Raises Stopped."""
    if run.verdict == "stopped":
        raise Stopped
    return run


def in_steps(run):
    """The steps of a stepped run, in the order in which they were done; those that wait come last."""
    return sorted(run.events, key=lambda event: event.end or math.inf)


def observed(run):
    """What the files say at the end of a run, by name."""
    return {name: account.observed for name, account in run.accounts.items()}


def locks_listed(locks):
    """Locks, a dict of names as in `stands`, in a sentence."""
    return listed(map(lock_words, locks.values())) if locks else "no lock"


# ---- who dies, who waits for ever


def death(run):
    """The Failure for a run of which a process died. Raises Unfinished for one that was cut off."""
    in_time(run)
    if run.verdict == "crashed":
        if any(words in run.sentence for words in UNHELD):
            yield f"released_twice: A lock was released that was not held: {run.sentence}."
        yield f"crashed: A process died: {run.sentence}."


def in_time(run):
    """Raises Unfinished for a run that was still working, or not ready, when its time was over.

    The model has followed every order to its end by then: so it is the machine that was too slow.
    """
    if run.verdict == "timed_out":
        raise Unfinished(f"the machine was too busy: {run.sentence}")


def never_ends(run):
    """The Failure for a run of one process after the other that did not end."""
    if run.verdict == "timed_out":
        late = "" if run.started else " Does a line outside the functions go on for ever?"
        yield f"never_ends: It did not end: {run.sentence}.{late}"


def waits_for_ever(run):
    """The Failure for a run in which somebody waits for a lock for ever."""
    if run.verdict not in STUCK:
        return
    if run.circle or (run.stuck and run.stuck.waits):
        yield f"deadlock: This wait never ends: {run.sentence.removeprefix('deadlock: ')}."
    if any(wait.end is None for wait in waits(run.events)):
        yield f"lock_kept: A process ended and kept the lock. {run.sentence}. Look at every way out."


# ---- what a process does that was refused a lock


def states(run):
    """Each step, process by process, and where that one stands at it: (event, held, refused).

    `held` and `refused` give names by identity: of the locks that it holds, and of those that it was refused
    last and does not hold.
    """
    held_after = locks_held(run.events)
    for process in run.processes:
        held, refused = {}, {}
        for event in (event for event in run.events if event.process == process):
            yield event, held, dict(refused)
            if event.outcome == "refused" and event.identity not in held:
                refused[event.identity] = event.shared
            elif event.outcome == "done" and event.op in ("acquire", "release"):
                refused.pop(event.identity, None)
            held = {lock: taken.shared for lock, taken in held_after[event].items()}


def after_a_refusal(run):
    """The Failure for a run in which a process was refused a lock and behaves as if it had it."""
    for event, _, refused in states(run):
        if event.op == "write" and refused:
            yield f"goes_on_without_lock: {event.process} did not get {locks_listed(refused)}, and writes {event.shared!r} all the same. Look at what acquire gives back: False means that you do not hold it."
        if event.op == "release" and event.identity in refused:
            yield f"releases_a_stranger: {event.process} did not get {lock_words(event.shared)}, and releases it all the same: so it takes it from the one that holds it. Release only what you hold."


def gives_up(run, say):
    """The Failure for a run in which a process was refused a lock and ended without a write.

    `say` tells what was not done. Only for runs that end otherwise than they should.
    """
    for process in run.processes if run.verdict != "timed_out" else ():
        if steps(run, process, outcome="refused") and not steps(run, process, "write"):
            yield f"gives_up: {process} did not get a lock, and gave up in the end: {say}. Try again until it is."


def steps(run, process, op="", shared="", outcome="done"):
    """The steps of a process that came out so; where it is given, only those of that `op`, and on that shared object."""
    mine = [e for e in run.events if (e.process, e.outcome) == (process, outcome)]
    return [e for e in mine if op in ("", e.op) and shared in ("", e.shared)]


# ---- updates: lost ones, and what is none


def lost_update(run):
    """The Failure for a run in which an update was lost."""
    account = next((account for account in run.accounts.values() if account.lost), None)
    if not account:
        return
    lost = account.lost[0]
    rival = account.rivals[lost.key]
    say = f"an update of {account.name!r} by {lost.process} is lost"
    if rival:
        say += f", {rival.process} started from the same {lost.base}"
    spans = holds(run.events)
    if not spans:
        yield f"no_lock: Nobody acquires the lock: {say}."
    if not any(is_passed(span.identity) for span in spans):
        yield f"own_lock: Each process has a lock of its own, and nobody waits for anybody: {say}. Acquire the lock that is passed."
    yield f"not_guarded: There is a lock, and yet {say}. From its read to its write, each update must lie in one critical section, under the same passed lock as all other updates of {account.name!r}."


def unreal_update(run, changes, name, say):
    """The Failure for a run in which a file was changed other than by reading it and going on.

    `changes` says by how much each update must change the file of that name. The Failure is called
    `name`, and `say` tells what is wanted.
    """
    known = set()
    for event in run.events:
        if event.op == "write" and (event.process, event.shared) not in known:
            yield f"{name}: {event.process} writes {event.shared!r} without having read it."
        known.add((event.process, event.shared))
    for file, change in changes.items():
        for update in run.accounts[file].updates:
            if update.value - update.base != change:
                yield f"{name}: {update.process} changed {file!r} from {update.base} to {update.value}. {say}."


def is_passed(identity):
    """True for that of a lock that the check passed: it was made in this process."""
    return identity.startswith(f"{os.getpid()}.")
