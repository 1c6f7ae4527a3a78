"""Challenges for the scheduler panel: reach a goal that only the right order reaches, by choosing who moves next."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from helpers.lab import check
from helpers.schedules import Walk, switches


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
    hints: list[str]

    @property
    def setup(self):
        """What the codes of its orders begin with."""
        return f"{self.lesson}:{check.slug(self.title)}"


CHALLENGES = {}  # by title
SHORTEST = {}  # by title: the shortest schedule that met the goal since the kernel was started
_TEXTS = json.loads(Path(__file__).with_name("challenges.json").read_text(encoding="utf-8"))


def declare(rules):
    """Let the scheduler panel know some challenges: by title, a team() and what the goal asks of a walk.

    What is said to the learner stands under the title in challenges.json.
    """
    for title, (team, is_met) in rules.items():
        CHALLENGES[title] = Challenge(title=title, team=team, is_met=is_met, **_TEXTS[title])


def challenges_of(lesson):
    """The challenges of a lesson, such as "03", by title."""
    return {title: known for title, known in CHALLENGES.items() if known.lesson == lesson}


def challenge_at(code):
    """The challenge that the code of an order names, or None."""
    setup = (found := check.CODE.fullmatch("".join(code.split()))) and found[1].lower()
    return next((known for known in CHALLENGES.values() if known.setup == setup), None)


def challenge_of(title):
    """The challenge of that title, or the Challenge itself. Raises ValueError for an unknown title."""
    if isinstance(title, Challenge):
        return title
    if title not in CHALLENGES:
        known = ", ".join(map(repr, _TEXTS))  # in the order of the lessons
        raise ValueError(f"challenge={title!r}: choose one of {known}")
    return CHALLENGES[title]


def note_solution(challenge, schedule):
    """Keep a schedule that met the goal, if none is shorter (steps, then switches); the kept one."""
    kept = SHORTEST.get(challenge.title, schedule)
    SHORTEST[challenge.title] = min(kept, schedule, key=lambda s: (len(s), switches(s)))
    return SHORTEST[challenge.title]


def ends_as(verdict):
    """Whether a walk is over and ended so, as a function of the walk."""
    return lambda walk: walk.is_over and walk.result[0] == verdict


def ends_with(number, name="counter"):
    """Whether a walk is over and its resource `name` says `number`, as a function of the walk."""
    return lambda walk: walk.is_over and walk.values[name] == number


def taking_turns(is_met):
    """Whether `is_met(walk)`, and the next step was another process's at least three times, as a function of the walk."""
    return lambda walk: is_met(walk) and switches(walk.schedule) >= 3
