"""What an attack finds: a Failure with its reason, or that it could not be carried out."""

from collections import Counter
from dataclasses import dataclass, replace

from helpers import lab, topics
from helpers.events import counted

ALL_METHODS = lab.start_methods()
TWO_METHODS = [method for method in ("forkserver", "spawn") if method in ALL_METHODS]
_LATE = "Does a line outside the functions go on for ever?"


@dataclass(frozen=True)
class Failure:
    """Why a file did not pass: a short name, the reason in the lesson's words, and what showed it.

    That is a `run`; where the order of the steps made it go wrong, real processes took that order in
    it, and it is the `schedule`. `shown` is what is drawn in place of the run, where that tells more.
    """

    name: str
    reason: str
    run: lab.Run | None = None
    schedule: str = ""
    shown: topics.Diagnosis | None = None


@dataclass(frozen=True)
class Unfinished:
    """An attack that gave no answer: the machine was too busy, or somebody stopped it. `reason` says which."""

    reason: str


class Stopped(Exception):
    """Somebody stopped a run of the check, so that nothing may be concluded from it."""


STOPPED = Unfinished("The check was stopped before it was through")


class Tried:
    """What a check has tried so far: orders in the model, those with a fault, and real runs by start method."""

    def __init__(self):
        self.orders = self.faults = 0
        self.runs = Counter()

    def __str__(self):
        orders = f"{self.orders:,} order{'' if self.orders == 1 else 's'}" if self.orders else ""
        if self.faults:
            orders += f", {self.faults:,} with a fault"
        runs = ""
        if self.runs:
            runs = f"{counted(self.runs.total(), 'real run')} under {listed(self.runs)}"
        return ", ".join(filter(None, (orders, runs)))


def listed(names):
    """Names in a sentence: "a", "a and b", "a, b and c"."""
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def death(run):
    """The Failure for a run of which a process died, Unfinished for one that was cut off, else None."""
    if run.verdict == "timed_out":
        return cut_off(run)
    if run.verdict == "crashed":
        return Failure("crashed", f"A process died: {run.sentence}.", run)
    return None


def cut_off(run):
    """Unfinished for a run that was still working, or not ready, when its time was over.

    The model has followed every order to its end by then: so it is the machine that was too slow.
    """
    return Unfinished(f"the machine was too busy: {run.sentence}")


def never_ends(run):
    """The Failure for a run of one process after the other that did not end; None for any other run."""
    if run.verdict != "timed_out":
        return None
    mend = "" if run.started else f" {_LATE}"
    return Failure("never_ends", f"It did not end: {run.sentence}.{mend}", run)


def in_order(failure, run):
    """A Failure with the order of the steps of a stepped run, which showed it; all else as it is."""
    return replace(failure, schedule=run.schedule) if isinstance(failure, Failure) else failure


def named(function, failure):
    """A Failure whose reason begins with the name of the function that it is about; all else as it is."""
    if isinstance(failure, Failure):
        return replace(failure, reason=f"{function}: {failure.reason}")
    return failure


def heeded(run):
    """`run`, unless somebody stopped it: what an attack makes of half a run is no answer. Raises Stopped."""
    if run.verdict == "stopped":
        raise Stopped
    return run
