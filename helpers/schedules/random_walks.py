"""Orders by chance, where there are too many situations to go through: walks in which priorities decide who moves.

The idea is PCT (Burckhardt et al., 2010): of those that can move, the process with the highest priority does, so that long runs of
one process are as likely as quick changes; at a few steps, chosen by chance, the one that would move falls back behind all
others. For example, with B before A and a change at step 2: B reads, A reads and writes, B writes. A process that only goes round
in a loop falls back, too.
"""

import random
from itertools import groupby, islice, permutations
from typing import Any

from helpers.schedules.search import ending, is_good_end
from helpers.schedules.tree import Team

_MOST_CHANGES = 4  # of priority in one walk
_MOST_STEPS = 10_000
_MOST_IN_TURN = 5_040  # orders of seven processes, one after the other


def walked(team: Team, tries: int, walks: int) -> list[tuple]:
    """How so many walks end, and how one process after the other does, each end as the fields of an Outcome.

    Its count is that of the walks that end so. It is right where one process after the other can end so, too; then its schedule
    is of that kind. Each time the same walks are taken.
    """
    dice = random.Random(0)
    found: dict[Any, list] = {}  # None: those that come to no end
    places = range(len(team.trees))
    orders = islice(permutations(places), _MOST_IN_TURN)
    serial = {tuple(team.trees[at] for at in order): order for order in orders}
    ends = [_walk(team, tries, list(order), ()) for order in serial.values()]
    longest = max(1, *(len(walk) for _, walk in ends))
    for key, walk in sorted(ends, key=lambda end: not _is_in_turn(end[1])):
        found.setdefault(key, [walk, 0])
    for _ in range(walks):
        by_chance = dice.sample(places, len(places))
        changes = {dice.randrange(longest) for _ in range(dice.randrange(_MOST_CHANGES + 1))}
        key, walk = _walk(team, tries, by_chance, changes)
        found.setdefault(key, [walk, 0])[1] += 1
    found.pop(None, None)
    fields = []
    for (end, values, errors), (walk, count) in found.items():
        is_right = _is_in_turn(walk) and is_good_end(team, end, errors)
        fields.append((end, dict(values), errors, count, 1, walk, (), is_right))
    return fields


def _is_in_turn(walk):
    """Whether one process ran after the other; whoever had to wait in between has not."""
    return len(list(groupby(walk))) == len(set(walk))


def _walk(team: Team, tries: int, order: list[int], changes: Any) -> tuple[Any, str]:
    """The end of one walk, None where it comes to none, and its schedule."""
    nodes, states = [tree.root for tree in team.trees], team.start()
    schedule: list[str] = []
    known: set[tuple] = set()  # situations since somebody else moved
    while len(schedule) < _MOST_STEPS:
        if len(schedule) in changes:
            order.append(order.pop(0))
        for place in order:
            moved = None if nodes[place].end else nodes[place].moved(states, place)
            if moved and moved[0].refused > tries:
                return None, ""
            if moved:
                break
        else:
            return ending(team, team.letters, nodes, states), "".join(schedule)
        if schedule[-1:] != [team.letters[place]]:
            known.clear()
        nodes[place], states = moved
        schedule.append(team.letters[place])
        if (nodes[place], states) in known:
            order.remove(place)
            order.append(place)
        known.add((nodes[place], states))
    return None, ""
