"""What all experiments share: results that are told in a sentence, and runs with the same settings, which can be stopped."""

from dataclasses import dataclass

from helpers import lab
from helpers.lab import check


class Told:
    """A result that is its `sentence` in print. A kind of result with more to tell has its own `__str__`."""

    def __str__(self):
        return self.sentence

    def __repr__(self):
        return str(self)


@dataclass(frozen=True, repr=False)
class Repeated(Told):
    """Several runs with the same settings, in order; fewer than wanted where they were stopped.

    A kind of them says in its `sentence` what they tell.
    """

    settings: object
    wanted: int
    runs: tuple[lab.Run, ...]

    @classmethod
    def of(cls, count, run_one, settings, progress=None, stop=None):
        """`count` of `run_one(settings, stop)`. `progress(done, count)` is called after each; a set `stop` ends them."""
        check.whole("count", count, 1, 10_000)
        return cls(
            settings, count, tuple(until_stopped(run_one, [settings] * count, progress, stop))
        )

    @property
    def failures(self):
        """How many runs did not end correct."""
        return sum(run.verdict != "correct" for run in self.runs)

    @property
    def stopped_words(self):
        """The end of a sentence that says that they were stopped; "" where they were not."""
        done = len(self.runs)
        return f"; stopped after {done} of {self.wanted}" if done < self.wanted else ""


def until_stopped(run_one, plan, progress, stop):
    """The Runs of `run_one(settings, stop)` for all settings in `plan`, up to the first that was stopped."""
    for done, settings in enumerate(plan, 1):
        run = run_one(settings, stop)
        if run.verdict == "stopped":
            return
        if progress:
            progress(done, len(plan))
        yield run
