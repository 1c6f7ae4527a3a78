"""The situations of a search and the steps between them: what can be told once all of them are known.

Where every situation is reached by one number of steps only, the search has counted the orders on its way. Else they are
counted here, in an order in which each step leads on. Where a step leads back it closes a circle, and there are orders without
end; then those with the fewest steps count. For example, A waits until B has written, `while c.read() < 1: pass`:

    A reads 0: back to where it was           the circle
    B writes 1, A reads 1, both have ended    the one order with the fewest steps
"""

from typing import Any

NEVER = float("inf")


class Situation:
    """The `numbers` of the processes' nodes, the `states` of what they share, and the `level`: the fewest steps that lead here.

    `ways` is how many orders lead here, or of those the ones with the fewest steps (see above). `switches[place]` is for
    those with the fewest steps whose last step was that of the process at `place`; `backs[place]` tells where the best of them came from: the situation before, the place of the
    last step there, and the place at which the one that moved then stood. `edges` has the steps that lead on: the next
    situation, the place that moves, how many there are that could move alike, and the place of the mover afterwards. `cut`
    counts those that are not followed; `left` is for `Graph.note_left`.
    """

    __slots__ = ("backs", "cut", "edges", "left", "level", "numbers", "states", "switches", "ways")

    def __init__(self, numbers: tuple, states: tuple, level: int):
        self.numbers, self.states, self.level = numbers, states, level
        self.ways = self.cut = self.left = 0
        self.switches: list[Any] = [NEVER] * len(numbers)
        self.backs: list[Any] = [None] * len(numbers)
        self.edges: list[tuple] = []


class Graph:
    """All `situations`, the first one first. `circle` is the shortest of the circles of as few processes as possible.

    It is a list of pairs, a situation and the place that moves there; empty where there is no circle. With `is_rejoined`
    some situation was reached by several numbers of steps.
    """

    def __init__(self, situations: list[Situation], is_rejoined: bool):
        # Where there is no circle, the goals of a situation stand behind it.
        self._order = situations
        self.circle: list[tuple[Situation, int]] = []
        self._fewest: dict[Situation, list] | None = None
        if is_rejoined:
            self._sort()
            if not self.circle:
                self._count()

    def _sort(self):
        """Put the goals of each situation behind it: depth first, what is left last stands first."""
        left: list[Situation] = []
        start = self._order[0]
        depths = {start: 0}  # of those on the path; -1 of those that were left
        path: list[list] = [[start, iter(start.edges), None]]
        while path:
            here = path[-1]
            situation, edges, _ = here
            for goal, place, _, _ in edges:
                here[2] = place
                if goal not in depths:
                    depths[goal] = len(path)
                    path.append([goal, iter(goal.edges), None])
                    break
                if depths[goal] >= 0:
                    circle = [(passed, mover) for passed, _, mover in path[depths[goal] :]]
                    self.circle = min(self.circle or circle, circle, key=_size)
            else:
                left.append(situation)
                depths[situation] = -1
                path.pop()
        self._order = left[::-1]

    def _count(self):
        """Count the orders anew, and for each situation the fewest switches by place, however many steps it takes."""
        start, *others = self._order
        self._fewest = {start: start.switches}
        for situation in others:
            situation.ways, self._fewest[situation] = 0, [NEVER] * len(situation.numbers)
        for situation in self._order:
            switched = self._fewest[situation]
            fewest = min(switched)
            for goal, place, alike, to in situation.edges:
                goal.ways += situation.ways * alike
                cost = min(*switched[place : place + alike], fewest + 1)
                then = self._fewest[goal]
                then[to] = min(then[to], cost)

    def fewest_switches(self, situation: Situation) -> float:
        """By how few switches of the process a situation can be reached."""
        return min(self._fewest[situation] if self._fewest else situation.switches)

    def endless(self, ends: list[Situation]) -> Situation | None:
        """The nearest situation from which nothing leads to one of the `ends`, nor to a step that is not followed; or None."""
        if not self.circle:
            return None
        followed = [situation for situation in self._order if situation.cut]
        self.note_left([(0, situation) for situation in followed + ends])
        lost = (situation for situation in self._order if not situation.left)
        return min(lost, key=lambda situation: situation.level, default=None)

    def note_left(self, ends: list[tuple[int, Situation]]) -> None:
        """Put into `left` of each situation the numbers of those `ends`, pairs of a number and a situation, that may still come, as bits."""
        for situation in self._order:
            situation.left = 0
        for number, situation in ends:
            situation.left |= 1 << number
        is_stable = False
        while not is_stable:  # once is enough where there is no circle
            is_stable = True
            for situation in reversed(self._order):
                left = situation.left
                for edge in situation.edges:
                    left |= edge[0].left
                if left != situation.left:
                    situation.left, is_stable = left, not self.circle


def _size(circle):
    return len({place for _, place in circle}), len(circle)
