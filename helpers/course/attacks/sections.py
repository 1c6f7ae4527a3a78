"""Why an update was lost, in the words of lesson 04: which of its steps lay in no critical section."""

import math
import os

from helpers.analysis import holds
from helpers.course.attacks.parts import Failure


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
    if not any(map(_is_passed, spans)):
        return Failure(
            "own_lock",
            f"Each process has a lock of its own, and nobody waits for anybody: {say}. Acquire the lock that is passed.",
            run,
        )
    pair = sorted(filter(None, (lost, rival)), key=_end, reverse=True)
    for event in (event for update in pair for event in _section(run, account.name, update)):
        if not _held_at(event, spans):
            return Failure(
                "outside_lock",
                f"{event.process} {event.op}s {event.thing!r} without holding the lock: {say}.",
                run,
            )
    return Failure(
        "split_section",
        f"{pair[0].process} releases the lock between its read and its write of {account.name!r}: {say}. Read and write must lie in one critical section.",
        run,
    )


def _end(update):
    """When it was over: of two rivals the later one lay round the other."""
    return math.inf if update.end is None else update.end


def _is_passed(span):
    """True for the lock that the check passed: it was made in this process."""
    return span.identity.startswith(f"{os.getpid()}.")


def _section(run, name, update):
    """The write of an update, and the read before it, where there is one."""
    steps = [e for e in run.events if e.process == update.process and e.thing == name]
    write = next(e for e in steps if e.op == "write" and e.seen.startswith(update.key))
    reads = [e for e in steps if e.op == "read" and e.index < write.index]
    return [*reads[-1:], write]


def _held_at(event, spans):
    return any(
        span.process == event.process
        and _is_passed(span)
        and span.start <= event.start
        and (span.end is None or event.end <= span.end)
        for span in spans
    )
