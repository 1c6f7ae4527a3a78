"""What the attacks of all exercises share: the Failure, the limits, how a run can end badly."""

import ast
from dataclasses import dataclass
from pathlib import Path

from helpers import experiments, lab

ALL_METHODS = lab.start_methods()
TWO_METHODS = [method for method in ("forkserver", "spawn") if method in ALL_METHODS]
DEADLINE = 3.0
_LATE = "Either a line outside the functions goes on for ever, or the machine is too busy: then check again."


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
    shown: experiments.Diagnosis | None = None


def death(run):
    """The Failure for a run that crashed or did not end; None for any other."""
    if run.verdict == "timed_out":
        mend = "" if run.started else f" {_LATE}"
        return Failure("never_ends", f"It did not end: {run.sentence}.{mend}", run)
    if run.verdict == "crashed":
        return Failure("crashed", f"A process died: {run.sentence}.", run)
    if run.verdict == "stopped":
        return stopped(run)
    return None


def stopped(run=None):
    """The Failure for a check that somebody has stopped."""
    return Failure("stopped", "The check was stopped before it was through.", run)


def constant(path, name):
    """The plain value that the file assigns to `name` at its top level, read without running it."""
    for node in ast.parse(Path(path).read_text(encoding="utf-8")).body:
        targets = getattr(node, "targets", [getattr(node, "target", None)])
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and name in map(_name, targets):
            try:
                return ast.literal_eval(node.value)
            except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
                return None
    return None


def _name(target):
    return getattr(target, "id", None)
