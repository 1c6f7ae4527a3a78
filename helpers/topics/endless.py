"""Exercises without end: a small worker made from a number, with a fault to find, to name and to repair.

A worker is kept only where the explorer proves its twin right and finds from 1 to 60 % bad orders. Two classes have none, which is
proved as well: "none", and "one lock for too much", which is right and known by what lies under the lock.
"""

import html
import itertools
import random
import re
from dataclasses import dataclass
from functools import cache

from helpers import record
from helpers.lab import check
from helpers.panels.challenge import Challenge
from helpers.panels.source import source_html
from helpers.pictures import html_table
from helpers.schedules import Exploration, explore
from helpers.workers import drafts
from helpers.workers.drafts import FAULTS, TEXTS

_MOST, _SITUATIONS, _FEWEST, _FILES = 999_999, 3_000, 4, 3
DIFFICULTIES = "easy", "medium", "hard"


@dataclass(frozen=True, repr=False)
class Endless(Challenge):
    """The exercise of a `seed`: its class of `fault`, every order `found` by the explorer, and the `ends` of its repaired twin.

    `key` is what `workers.drafts` makes both of. Shown in a notebook, it says what to do.
    """

    seed: int
    key: str
    fault: str
    found: Exploration
    ends: tuple

    @property
    def source(self):
        """The worker as the text of a module."""
        return drafts.texts(self.key)[0]

    @property
    def difficulty(self):
        """One of `DIFFICULTIES`: the fewer of the orders fail; where none does, the more orders there are to look through."""
        share, orders = self.found.failures / self.found.schedules, self.found.schedules
        limits = (share < 0.5, share < 0.3) if share else (orders > 10, orders > 50)
        return DIFFICULTIES[sum(limits)]

    def fault_is(self, name):
        """Whether the fault is of the class `name`, one of those shown: a sentence. Raises ValueError for any other name."""
        if name not in FAULTS:
            raise ValueError(f"fault_is({name!r}): choose one of {', '.join(map(repr, FAULTS))}")
        is_right, it = name == self.fault, FAULTS[name]
        noted = record.note("challenge", self.lesson, self.title, fault=name, right=is_right)
        say = f"Right: {it['is']}." if is_right else f"Not {name!r}. {it['would']}"
        return f"{say} {noted}".strip()

    def __repr__(self):
        return f"{self.title.capitalize()} ({self.difficulty}). {self.goal}"

    def _repr_html_(self):
        todo = "".join(f"<li>{text.format(self.seed)}</li>" for text in TEXTS["todo"])
        rows = [(name, it["is"]) for name, it in FAULTS.items()]
        table = html_table(["class", "what it means"], rows, label="classes of faults")
        source = source_html(self.source)
        return f"<div><b>{html.escape(str(self))}</b></div>{source}<ol>{todo}</ol>{table}"


def challenge(seed=None, difficulty=None):
    """The exercise without end of a `seed` from 0 to 999,999, the same one everywhere: an Endless. Without a seed, one by chance.

    With a `difficulty`, "easy", "medium" or "hard", the first one of that difficulty from the seed on.
    Raises TypeError or ValueError for any other seed or difficulty.
    """
    if difficulty not in (None, *DIFFICULTIES):
        known = ", ".join(map(repr, DIFFICULTIES))
        raise ValueError(f"difficulty={difficulty!r}: choose one of {known}")
    first = random.randrange(_MOST) if seed is None else check.whole("seed", seed, 0, _MOST)
    tasks = (_made((first + more) % (_MOST + 1)) for more in itertools.count())
    return next(task for task in tasks if difficulty in (None, task.difficulty))


def challenge_in(file):
    """The Endless whose repaired worker is to stand in the file of that name, such as "my_challenge_7.py"; None for other names."""
    found = re.fullmatch(r"my_challenge_(0|[1-9]\d{0,5})(\.py)?", file)
    return found and challenge(int(found[1]))


def ends_right(ends):
    """Whether an Outcome is one of the `ends`, texts of what all files say, and nobody died or waits for ever: a function of it."""
    return lambda end: (end.verdict, end.errors) == ("ended", ()) and str(end.values) in ends


@cache
def _made(seed):
    """The first worker of a seed that the explorer proves fit."""
    number = int(random.Random(seed).random() * len(FAULTS))
    keys = (f"{seed}.{attempt}.{number}" for attempt in itertools.count())
    return next(task for key in keys if (task := _task(seed, key, list(FAULTS)[number])))


def _task(seed, key, fault):
    """The Endless of a worker; None where it is not fit for one."""
    how = {"processes": len(drafts.team(key)), "limit": _SITUATIONS}
    twin = explore(team=drafts.team(key, " repaired"), **how)
    ends = tuple(str(end.values) for end in twin.outcomes)
    found = explore(team=drafts.team(key), holds=ends_right(ends), **how)
    if not (found.is_proof and twin.is_proof) or twin.failures:
        return None
    share, files = found.failures / found.schedules, len(twin.outcomes[0].values)
    is_fit = 0.01 <= share <= 0.6 if FAULTS[fault]["fails"] else share == 0
    if not is_fit or found.schedules < _FEWEST or files > _FILES:
        return None

    def is_met(walk):
        return walk.is_over and bool(walk.stuck or walk.errors or str(walk.values) not in ends)

    last = f"{found.finding}."
    if found.failing:
        failing = found.failing.schedule
        last = f"A failing order begins with {failing[: len(failing) // 2]}."
    hints = [TEXTS["hint"], FAULTS[fault]["hint"], last]
    panel = f"challenge {seed}", "11", lambda: drafts.team(key), TEXTS["goal"], is_met, hints
    return Endless(*panel, seed, key, fault, found, ends)
