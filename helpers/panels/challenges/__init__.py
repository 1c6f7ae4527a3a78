"""Challenges for the scheduler panel: reach a goal by choosing who moves next.

A goal can be reached by the right order only. `CHALLENGES` holds them by title.
"""

from helpers.panels.challenges.databases import DATABASES
from helpers.panels.challenges.deadlocks import DEADLOCKS
from helpers.panels.challenges.locks import LOCKS
from helpers.panels.challenges.races import RACES
from helpers.panels.challenges.record import Challenge
from helpers.schedules.outcomes import switches

__all__ = ["CHALLENGES", "Challenge", "challenge_of", "note_solution", "shortest_solution"]

CHALLENGES = {challenge.title: challenge for challenge in (*RACES, *LOCKS, *DEADLOCKS, *DATABASES)}

_shortest = {}


def note_solution(challenge, schedule):
    """Keep a schedule that met the goal, if none is shorter (steps, then switches); the kept one."""
    kept = _shortest.get(challenge.title, schedule)
    _shortest[challenge.title] = min(kept, schedule, key=lambda s: (len(s), switches(s)))
    return _shortest[challenge.title]


def shortest_solution(challenge):
    """The shortest schedule that met the goal since the kernel was started, or None."""
    return _shortest.get(challenge.title)


def challenge_of(title):
    """The challenge of that title. Raises ValueError for an unknown one."""
    if title not in CHALLENGES:
        known = ", ".join(repr(known) for known in CHALLENGES)
        raise ValueError(f"challenge={title!r}: choose one of {known}")
    return CHALLENGES[title]
