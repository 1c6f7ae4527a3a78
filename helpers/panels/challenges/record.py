"""What a challenge is, and the ends that several of them ask for."""

from collections.abc import Callable
from dataclasses import dataclass

from helpers.schedules import Walk


@dataclass(frozen=True)
class Challenge:
    """A task: `goal` in words, `is_met(walk)`, and hints that give away more and more.

    `team()` gives a (worker, args) for each process.
    """

    title: str
    lesson: str
    team: Callable[[], list]
    goal: str
    is_met: Callable[[Walk], bool]
    hints: tuple[str, ...]

    def begin(self):
        """A Walk at the start of this challenge."""
        members = self.team()
        return Walk(team=members, processes=len(members))


def ends_with(number):
    """Whether a walk is over and its counter says `number`, as a function of the walk."""
    return lambda walk: walk.is_over and walk.values["counter"] == number
