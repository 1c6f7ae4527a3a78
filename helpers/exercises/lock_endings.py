"""How a run with locks ends badly, in the words of the lessons: who waits for ever, who gives back what it has not."""

from collections import Counter

from helpers.analysis import lock_words, waits
from helpers.exercises import findings
from helpers.exercises.findings import Failure

STUCK = "timed_out", "deadlock", "orphaned_lock"
UNHELD = "released too many times", "lock not owned"


def waits_for_ever(run):
    """The Failure for a run in which somebody waits for a lock for ever; None for any other."""
    if run.verdict not in STUCK:
        return None
    if len(run.circle) == 2:
        reason = f"{run.circle[0]} acquires {lock_words(run.circle[1])} that it holds already, and waits for itself."
        return Failure("waits_for_itself", reason, run)
    if run.circle:
        say = run.sentence.removeprefix("deadlock: ")
        return Failure("deadlock", f"A circle, in which nobody gives way: {say}.", run)
    if run.stuck and run.stuck.waits:
        return Failure("deadlock", f"Nobody goes on. {run.sentence}.", run)
    if any(wait.end is None for wait in waits(run.events)):
        reason = f"A process went away with the lock. {run.sentence}. Look at every way out."
        return Failure("lock_kept", reason, run)
    return None


def death(run):
    """The Failure for a run in which a process died, or that did not end; None for any other."""
    if run.verdict == "crashed" and any(words in run.sentence for words in UNHELD):
        return Failure(
            "released_twice", f"A lock was released that was not held: {run.sentence}.", run
        )
    return findings.death(run)


def after_a_refusal(run):
    """The Failure for a run in which a process was refused a lock and behaves as if it had it, or None."""
    for event, _, refused in stands(run):
        if event.op == "write" and refused:
            reason = f"{event.process} did not get {listed(refused)}, and writes {event.thing!r} all the same. Look at what acquire gives back: False means that you do not hold it."
            return Failure("goes_on_without_lock", reason, run)
        if event.op == "release" and event.identity in refused:
            reason = f"{event.process} did not get {lock_words(event.thing)}, and releases it all the same: so it takes it from the one that holds it. Release only what you hold."
            return Failure("releases_a_stranger", reason, run)
    return None


def stands(run):
    """Each step, process by process, and where that one stands at it: (event, held, refused).

    `held` and `refused` give names by identity: of the locks that it holds, and of those that it was refused
    last and does not hold.
    """
    for process in run.processes:
        depths, held, refused = Counter(), {}, {}
        for event in (event for event in run.events if event.process == process):
            yield event, dict(held), dict(refused)
            if event.outcome == "refused" and not depths[event.identity]:
                refused[event.identity] = event.thing
            elif event.outcome == "done" and event.op in ("acquire", "release"):
                depths[event.identity] += 1 if event.op == "acquire" else -1
                refused.pop(event.identity, None)
                held.pop(event.identity, None)
                if depths[event.identity] > 0:
                    held[event.identity] = event.thing


def gives_up(run, say):
    """The Failure for a run in which a process was refused a lock and ended without a write, or None.

    `say` tells what was not done. Only for runs that end otherwise than they should.
    """
    if run.verdict == "timed_out":
        return None
    for process in run.processes:
        if was_refused(run, process) and not written_by(run, process):
            reason = f"{process} did not get a lock, and went away in the end: {say}. Try again until it is."
            return Failure("gives_up", reason, run)
    return None


def was_refused(run, process):
    """Whether a process was refused a lock at any time."""
    return any(event.process == process and event.outcome == "refused" for event in run.events)


def written_by(run, process):
    """How many writes a process has done."""
    return sum(
        (event.process, event.op, event.outcome) == (process, "write", "done")
        for event in run.events
    )


def listed(locks):
    """Locks, a dict of names as in `stands`, in a sentence."""
    return " and ".join(map(lock_words, locks.values())) or "no lock"
