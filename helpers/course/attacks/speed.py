"""How fast a file is, beside workers of the course that run on the same machine at the same time of day."""

from helpers import lab
from helpers.course.attacks import parts
from helpers.course.attacks.parts import Failure

_RUNS = 3


def timed(count, worker, *args):
    """Some runs of `count` processes that all do the same."""
    with lab.ProcessSet(count, parts.TWO_METHODS[0]) as processes:
        return [processes.run(worker, *args, deadline=parts.DEADLINE) for _ in range(_RUNS)]


def quickest(runs):
    """The run that shows what the worker needs when the machine does not disturb it."""
    return min(runs, key=lambda run: run.elapsed)


def unmeasured(runs):
    """The Failure for runs of a right worker of the course that did not all end well, or None."""
    for run in runs:
        if run.verdict == "stopped":
            return parts.stopped(run)
        if run.verdict != "correct":
            return Failure(
                "too_busy",
                f"The machine was too busy to measure anything: {run.sentence}. That says nothing about the file: check again.",
                run,
            )
    return None
