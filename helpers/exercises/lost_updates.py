"""Why an update was lost, in the words of lesson 04: which of its steps lay in no critical section, or in whose."""

import math
import os

from helpers.analysis import holds
from helpers.exercises.findings import Failure
from helpers.exercises.lock_endings import listed


def lost_update(run):
    """The Failure for a run in which an update was lost; None for any other."""
    for account in run.accounts.values():
        if account.lost:
            return _explained(run, account)
    return None


def _explained(run, account):
    lost = account.lost[0]
    rival = account.rivals[lost.key]
    say = f"an update of {account.name!r} by {lost.process} is lost"
    if rival:
        say += f", {rival.process} started from the same {lost.base}"
    spans = holds(run.events)
    if not spans:
        return Failure("no_lock", f"Nobody acquires the lock: {say}.", run)
    if not any(map(is_passed, spans)):
        reason = f"Each process has a lock of its own, and nobody waits for anybody: {say}. Acquire the lock that is passed."
        return Failure("own_lock", reason, run)
    pair = sorted(filter(None, (lost, rival)), key=_end, reverse=True)
    steps = [event for update in pair for event in _section(run, account.name, update)]
    held = [_held_at(event, spans) for event in steps]
    for event, locks in zip(steps, held, strict=True):
        if not locks:
            reason = f"{event.process} {event.op}s {event.thing!r} without holding the lock: {say}."
            return Failure("outside_lock", reason, run)
    if not set.intersection(*map(set, held)):
        who = [
            f"{event.process} holds {listed(locks)}"
            for event, locks in zip(steps, held, strict=True)
        ]
        reason = f"{', '.join(dict.fromkeys(who))}: no lock in common, and nobody waits for anybody. So {say}."
        return Failure("no_common_lock", reason, run)
    reason = f"{pair[0].process} releases the lock between its read and its write of {account.name!r}: {say}. Read and write must lie in one critical section."
    return Failure("split_section", reason, run)


def unreal_update(run, changes, name, say):
    """The Failure for a run in which a file was changed other than by reading it and going on, or None.

    `changes` says by how much each update must change the file of that name. The Failure is called
    `name`, and `say` tells what is wanted.
    """
    known = set()
    for event in run.events:
        if event.op == "write" and (event.process, event.thing) not in known:
            return Failure(
                name, f"{event.process} writes {event.thing!r} without having read it.", run
            )
        known.add((event.process, event.thing))
    for file, change in changes.items():
        for update in run.accounts[file].updates:
            if update.value - update.base != change:
                reason = f"{update.process} changed {file!r} from {update.base} to {update.value}. {say}."
                return Failure(name, reason, run)
    return None


def _end(update):
    """When it was over: of two rivals the later one lay round the other."""
    return math.inf if update.end is None else update.end


def is_passed(thing):
    """True for a lock that the check passed, or an event or a hold of it: it was made in this process."""
    return thing.identity.startswith(f"{os.getpid()}.")


def _section(run, name, update):
    """The write of an update, and the read before it, where there is one."""
    steps = [e for e in run.events if e.process == update.process and e.thing == name]
    write = next(e for e in steps if e.op == "write" and e.seen.startswith(update.key))
    reads = [e for e in steps if e.op == "read" and e.index < write.index]
    return [*reads[-1:], write]


def _held_at(event, spans):
    """The names of the passed locks that its process holds all through `event`, by identity."""
    return {
        span.identity: span.lock
        for span in spans
        if span.process == event.process
        and is_passed(span)
        and span.start <= event.start
        and (span.end is None or event.end <= span.end)
    }
