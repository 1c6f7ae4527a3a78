"""The search through all situations: equal ones are merged, so that none is walked twice.

A situation is, for each process, all that it has seen (its node in its worker's tree), and the state
of each resource and lock. Processes with the same worker and arguments are interchangeable: they
stand side by side, sorted by their nodes, which changes no count. For example, A and B both read a counter that
holds 0 and write one more. Their one tree has the root (next: read), after it "saw 0" (next: write 1) and "saw 1" (next:
write 2), and after each of these an end. Level by level, with the number of orders that lead to each situation:

    0 steps   root, root: 0              1
    1 step    saw 0, root: 0             2       either of the two has read, which makes no difference
    2 steps   saw 0, saw 0: 0            2       the other one has read, too
              end of 0, root: 1          2       the same one has written
    3 steps   end of 0, saw 0: 1         2 * 2   either of the two that saw 0
              end of 0, saw 1: 1         2
    4 steps   end of 0, end of 0: 1      4       AB.., BA..: an update is lost
              end of 0, end of 1: 2      2       AABB, BBAA: one after the other

So 8 situations stand for 6 orders, which go through 6 * 5 of them when walked one by one. An order of the second kind
switches once, the fewest of all: by that, those are known in which one process runs after the other.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable
from functools import partial
from threading import Event
from typing import Any

from helpers import analysis
from helpers.schedules import worlds
from helpers.schedules.greenlets import raise_interrupt, stepped_elsewhere
from helpers.schedules.tree import Team

_LOOK = 256  # situations between two looks at Stop
_NEVER = float("inf")
_REPLAYS = 10  # steps walked again for each situation of the limit, and a million more


class Search:
    """Goes through all situations, step by step: all that can be reached by n steps, then by n + 1."""

    def __init__(
        self, team: Team, tries: int, limit: int, progress: Callable | None, stop: Event | None
    ):
        self._team, self._nodes = team, team.nodes
        self._tries, self._limit = tries, limit
        self._progress, self._stop = progress, stop
        self._most_replays = 1_000_000 + _REPLAYS * limit
        # Processes with the same tree stand side by side; `_reach[i]` is the range of those beside place i.
        order = sorted(range(len(team.trees)), key=lambda at: team.trees.index(team.trees[at]))
        self._trees = [team.trees[at] for at in order]
        self._letters = [team.letters[at] for at in order]
        first = [self._trees.index(tree) for tree in self._trees]
        self._reach = [(low, low + first.count(low)) for low in first]
        # For each way to end: how many orders and situations, and where the shortest arrives.
        self._ways: Counter[tuple] = Counter()
        self._situations: Counter[tuple] = Counter()
        self._shortest: dict[tuple, tuple] = {}
        # The ends of those orders in which one process runs after the other: they switch once less than processes move.
        self._serial: set[tuple] = set()
        self._movers = sum(tree.root.end is None for tree in team.trees) or 1
        self.states = self.cut = 0
        self.ended, self.reason, self._loop = "complete", "", ""

    # ---- the search

    def explore(self) -> None:
        """Go through all situations, or those that limit and Stop allow: then `found` tells what came out."""
        start = tuple(tree.root.number for tree in self._trees), self._team.start()
        level: dict[tuple, _Reached] = {start: _Reached(len(self._trees))}
        level[start].ways = 1
        level[start].switches = [0] * len(self._trees)  # whoever comes first need not switch
        while level and self.ended == "complete":
            following: dict[tuple, _Reached] = defaultdict(partial(_Reached, len(self._trees)))
            for situation, reached in level.items():
                if self._is_over():
                    break
                self.states += 1
                self._expand(situation, reached, following)
            level = following
        if self._loop and self.ended != "stopped":
            self.ended, self.reason = "waits in a loop", self._loop

    def _is_over(self):
        if self.states >= self._limit:
            self.ended = "limit reached"
            self.reason = f"there are more than the limit of {self._limit:,} situations"
        elif self.states % _LOOK == 0:
            if self._progress:
                self._progress(self.states)
            self._heed_stop()
            if sum(tree.replayed for tree in set(self._trees)) > self._most_replays:
                self.ended = "limit reached"
                self.reason = f"the workers had to be run again for {self._most_replays:,} steps"
        return self.ended != "complete"

    def _heed_stop(self):
        """Look for what ends the work before its end: an interrupt, or Stop. True where it is to end."""
        raise_interrupt()
        if self._stop is not None and self._stop.is_set():
            self.ended, self.reason = "stopped", "stopped"
        return self.ended == "stopped"

    def _expand(self, situation, reached, following):
        """Put into `following` all situations to which one step leads, or note that none does."""
        numbers, states = situation
        ways, switched = reached.ways, reached.switches
        fewest = min(switched)
        is_end = True
        for number in dict.fromkeys(numbers):
            node = self._nodes[number]
            if node.end:
                continue
            # Processes at one node are interchangeable: one of them moves for all.
            alike = numbers.count(number)
            mover = place = numbers.index(number)
            if alike > 1:
                mover = min(range(place, place + alike), key=switched.__getitem__)
            moved = node.moved(states, mover)
            if moved is None:
                continue
            is_end = False
            child = moved[0]
            if child.refused > self._tries:
                self.cut += ways * alike
            elif child.period and child.repeats(moved[1], mover):
                first = self._letters[self._reach[mover][0]]  # of those alike
                self._loop = self._loop or f"{first} {child.loop_words}"
            else:
                stays = switched[mover] <= fewest + 1
                last = mover if stays else _last(switched, fewest)
                cost = switched[mover] if stays else fewest + 1
                then, to = self._seated(numbers, moved, mover)
                goal = following[then]
                goal.ways += ways * alike
                if cost < goal.switches[to]:
                    goal.switches[to], goal.backs[to] = cost, (reached, last, mover)
        if is_end:
            self._note_end(situation, reached)

    def _seated(self, numbers, moved, mover):
        """The situation with the process at `mover` moved, all sorted again, and its new place."""
        child, states = moved
        low, high = self._reach[mover]
        if high - low == 1:  # nobody like it: it keeps its place
            return ((*numbers[:mover], child.number, *numbers[mover + 1 :]), states), mover
        then = list(numbers)
        del then[mover]
        to = bisect_left(then, child.number, low, high - 1)
        then.insert(to, child.number)
        if self._team.renamed and to != mover:
            places = _rotated(list(range(len(then))), to, mover)  # old place -> new place
            states = list(states)
            for number in self._team.renamed:
                states[number] = self._team.shared_objects[number].renamed(states[number], places)
        return (tuple(then), tuple(states)), to

    # ---- the ends

    def _note_end(self, situation, reached):
        numbers, states = situation
        nodes = [self._nodes[number] for number in numbers]
        key = self._ending(nodes, states)
        steps, fewest = sum(node.depth for node in nodes), min(reached.switches)
        if key[0] == "ended" and fewest < self._movers:
            self._serial.add(key)
        self._ways[key] += reached.ways
        self._situations[key] += 1
        shortest = steps, fewest, reached, nodes
        if shortest[:2] < self._shortest.setdefault(key, shortest)[:2]:
            self._shortest[key] = shortest

    def _ending(self, nodes, states):
        """Verdict, values and errors of a situation from which nobody can go on."""
        stuck = _stuck(self._letters, nodes)
        errors = sorted(node.end.error for node in nodes if node.end and node.end.error)
        values = tuple(self._team.values(states).items())
        return stuck.verdict if stuck else "ended", values, tuple(errors)

    def found(self) -> dict[str, Any]:
        """What was found, free of workers and greenlets: fields of an Exploration, each outcome as the tuple of its own.

        A second walk to each leaf shows whether the workers are steady.
        """
        doubt = self._doubt()
        return {
            "outcomes": [self._outcome(key) for key in sorted(self._shortest, key=_order)],
            "states": self.states,
            "ended": self.ended,
            "reason": self.reason,
            "cut": self.cut,
            "doubt": doubt,
            "pauses": self._team.pauses(),
        }

    def _doubt(self):
        if not any(tree.root.step for tree in self._trees):
            return "no process takes a step: does the worker use what it was given?"
        if stepped_elsewhere(self._team.shared_objects):
            return (
                "a second thread takes steps, and their orders were not tried: this proves nothing"
            )
        return worlds.difference(self._team.leaves(), self._most_replays, self._heed_stop)

    def _outcome(self, key):
        verdict, values, errors = key
        _, _, reached, nodes = self._shortest[key]
        schedule, letters = self._schedule(reached)
        stuck = _stuck(letters, nodes)
        circle = stuck.circle if stuck else ()
        is_right = None  # how they end one after the other is not known
        if self.ended == "complete":
            is_right = key in self._serial and (self._team.fault is not None or not errors)
        count, situations = self._ways[key], self._situations[key]
        return verdict, dict(values), errors, count, situations, schedule, circle, is_right

    def _schedule(self, reached):
        """The schedule that arrives there with the fewest switches, and the letter of the process at each place."""
        place, moves = _last(reached.switches, min(reached.switches)), []
        while reached.backs[place]:
            to = place
            reached, place, mover = reached.backs[to]
            moves.append((mover, to))
        seats, order = list(range(len(self._letters))), []
        for mover, to in reversed(moves):
            order.append(seats[mover])
            _rotated(seats, mover, to)
        # Interchangeable processes get their letters in the order in which they move first.
        letters = {low: iter(self._letters[low:]) for low, _ in self._reach}
        first = dict.fromkeys([*order, *sorted(seats)])
        names = {seat: next(letters[self._reach[seat][0]]) for seat in first}
        return "".join(names[seat] for seat in order), [names[seat] for seat in seats]


class _Reached:
    """In how many ways a situation is reached, by how few switches.

    `switches[place]` is for those orders whose last step was that of the process at `place`; `backs[place]` tells
    where the best of them came from: what is known of the situation before, the place of the last step there, and
    the place at which the one that moved then stood.
    """

    __slots__ = ("backs", "switches", "ways")

    def __init__(self, places):
        self.ways = 0
        self.switches, self.backs = [_NEVER] * places, [None] * places


def _stuck(letters, nodes):
    """Why the processes at these nodes cannot go on: what `analysis` says of real ones, None where all are over."""
    if all(node.end for node in nodes):
        return None
    places = dict(sorted(zip(letters, nodes, strict=True)))
    events = [event for letter, node in places.items() for event in node.as_events(letter)]
    return analysis.stuck_after(events, places, [at for at, node in places.items() if node.end])


def _last(switched, fewest):
    """Index of the last place with `fewest` switches. Breaking ties this way makes the reported schedule the
    alphabetically first one.
    """
    return len(switched) - 1 - switched[::-1].index(fewest)


def _rotated(places, mover, to):
    """`places` after the one at `mover` was put at `to`."""
    places.insert(to, places.pop(mover))
    return places


def _order(key):
    """Outcomes that end come first, each kind in the order of its values."""
    verdict, values, errors = key
    return verdict != "ended", verdict, values, errors
