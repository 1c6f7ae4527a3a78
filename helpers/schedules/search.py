"""The search through all situations: equal ones are merged, so that none is walked twice.

A situation is, for each process, what it can still tell apart (its node in its worker's tree: where it stands, and what
it may still read), and the state of each resource and lock. Where that cannot be read, or is asked for, a node is all that the
process has seen. Processes with the same worker and arguments are interchangeable: they stand side by side, sorted by their
nodes, which changes no count. For example, A and B both read a counter that holds 0 and write one more. Their one tree
has the root (next: read), after it "saw 0" (next: write 1) and "saw 1" (next: write 2), and after both the end. Level by
level, with the number of orders that lead to each situation:

    0 steps   root, root: 0              1
    1 step    saw 0, root: 0             2       either of the two has read, which makes no difference
    2 steps   saw 0, saw 0: 0            2       the other one has read, too
              end, root: 1               2       the same one has written
    3 steps   end, saw 0: 1              2 * 2   either of the two that saw 0
              end, saw 1: 1              2
    4 steps   end, end: 1                4       AB.., BA..: an update is lost
              end, end: 2                2       AABB, BBAA: one after the other

So 8 situations stand for 6 orders, which go through 6 * 5 of them when walked one by one. An order of the second kind
switches once, the fewest of all: by that, those are known in which one process runs after the other.

A situation may be reached by 5 steps and by 7, where a branch takes longer; and again from itself, where a process waits in a
loop. So it is expanded once only, when it is first met; `Graph` counts the orders when all is known.
"""

from bisect import bisect_left
from collections.abc import Callable
from threading import Event
from typing import Any

from helpers import analysis
from helpers.events import listed
from helpers.schedules import worlds
from helpers.schedules.situations import Graph, Situation
from helpers.schedules.tree import Team, loop_words
from helpers.schedules.walkers import raise_interrupt, stepped_elsewhere

_LOOK = 256  # situations between two looks at Stop
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
        self._has_alike = len(set(first)) < len(first)
        # The ends of those orders in which one process runs after the other: they switch once less than processes move.
        self._moving = sum(tree.root.end is None for tree in team.trees) or 1
        self._known: dict[tuple, Situation] = {}  # by the numbers of the nodes, and the states
        # Those from which nobody goes on, by verdict, values and errors.
        self._ends: dict[tuple, list[Situation]] = {}
        # Those from which a step was not followed, as it only repeats others.
        self._left: list[Situation] = []
        self._graph: Graph | None = None
        self.ended, self.reason, self._loop = "complete", "", ""

    # ---- the search

    def explore(self) -> dict[str, Any]:
        """Go through all situations, or those that limit and Stop allow: what was found, see `_found`."""
        key = tuple(tree.root.number for tree in self._trees), self._team.start()
        start = self._known[key] = Situation(*key, 0)
        start.ways = 1
        start.switches = [0] * len(self._trees)  # whoever comes first need not switch
        self.states, self._is_rejoined = 0, False
        situations = [start]
        for situation in situations:  # more and more of them, those of fewer steps first
            if self._is_over():
                break
            self.states += 1
            self._expand(situation, situations)
        if self.ended == "complete":
            self._graph = Graph(situations, self._is_rejoined)
            self._tell_circles()
        if self._loop and self.ended != "stopped":
            self.ended, self.reason = "waits in a loop", self._loop
        return self._found()

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

    def _mover(self, numbers, place, switched):
        """The place that moves for all processes at the node of the one at `place`, and how many they are.

        They stand side by side, and are interchangeable; behind the first of them it is 0.
        """
        low, high = self._reach[place]
        if place > low and numbers[place - 1] == numbers[place]:
            return place, 0
        alike = numbers[low:high].count(numbers[place])
        return min(range(place, place + alike), key=switched.__getitem__), alike

    def _expand(self, situation, situations):
        """Put behind the `situations` all new ones to which one step leads, or note that none does."""
        numbers, states, level = situation.numbers, situation.states, situation.level + 1
        switched = situation.switches
        fewest = min(switched)
        is_end = True
        for place, number in enumerate(numbers):
            node = self._nodes[number]
            if node.end:
                continue
            mover, alike = self._mover(numbers, place, switched) if self._has_alike else (place, 1)
            moved = node.moved(states, mover) if alike else None
            if moved is None:
                continue
            is_end = False
            child = moved[0]
            if child.refused > self._tries:
                situation.cut += alike
            elif child.period and child.repeats(moved[1], mover):
                self._loop = self._loop or f"{self._name(mover)} {child.loop_words}"
                self._left.append(situation)
            else:
                then, to = self._seated(numbers, moved, mover)
                if (goal := self._known.get(then)) is None:
                    goal = self._known[then] = Situation(*then, level)
                    situations.append(goal)
                situation.edges.append((goal, place, alike, to))
                if goal.level == level:
                    goal.ways += situation.ways * alike
                    stays = switched[mover] <= fewest + 1
                    cost = switched[mover] if stays else fewest + 1
                    if cost < goal.switches[to]:
                        last = mover if stays else _last(switched, fewest)
                        goal.switches[to], goal.backs[to] = cost, (situation, last, mover)
                else:
                    self._is_rejoined = True
        if is_end:
            self._ends.setdefault(self._ending(situation), []).append(situation)

    def _name(self, place):
        """The letter of the process at a place, the first of those alike."""
        return self._letters[self._reach[place][0]]

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

    def _nodes_at(self, situation):
        return [self._nodes[number] for number in situation.numbers]

    def _ending(self, situation):
        """Verdict, values and errors of a situation from which nobody can go on."""
        return ending(self._team, self._letters, self._nodes_at(situation), situation.states)

    def _tell_circles(self):
        """Say who goes round in a circle; where no end can be reached any more, that is an outcome of its own."""
        circle = self._graph.circle
        movers = sorted({self._name(place) for _, place in circle})
        if len(movers) == 1:
            nodes = (self._nodes[situation.numbers[place]] for situation, place in circle)
            self._loop = f"{movers[0]} {loop_words(nodes)}"
        elif movers:
            self._loop = f"{listed(movers)} may go round in a circle for ever"
        ends = (situation for ends in self._ends.values() for situation in ends)
        lost = self._graph.endless([*self._left, *ends])
        if lost:
            self._ends["livelock", *self._ending(lost)[1:]] = [lost]
            self._loop += ", and there is a livelock: from there, no step leads to an end"

    def _found(self):
        """What was found, free of workers: fields of an Exploration, each outcome as the tuple of its own.

        A second walk over each way shows whether the workers are steady.
        """
        doubt = self._doubt()
        # Outcomes that end come first, each kind in the order of its values.
        keys = sorted(self._ends, key=lambda key: (key[0] != "ended", key))
        if self._graph:
            ends = [(number, end) for number, key in enumerate(keys) for end in self._ends[key]]
            self._graph.note_left(ends)
        return {
            "outcomes": [self._outcome(key, self._ends[key]) for key in keys],
            "states": self.states,
            "ended": self.ended,
            "reason": self.reason,
            "cut": sum(situation.ways * situation.cut for situation in self._known.values()),
            "doubt": doubt,
            "pauses": {} if self._team.merges else self._team.pauses(),
            "merged": f"by history ({self._team.history})" if self._team.history else "by state",
        }

    def _doubt(self):
        if not any(tree.root.step for tree in self._trees):
            return "no process takes a step: does the worker use what it was given?"
        if stepped_elsewhere(self._team.shared_objects):
            say = "a second thread takes steps, and their orders were not tried"
            return f"{say}: this proves nothing"
        return worlds.difference(self._team.ways(), self._most_replays, self._heed_stop)

    def _is_right(self, verdict, errors, situations):
        """Whether processes that run one after the other can end so, too; None where that is not known."""
        if verdict == "livelock":
            return False
        if self.ended != "complete":
            return None
        is_serial = min(map(self._graph.fewest_switches, situations)) < self._moving
        return is_serial and is_good_end(self._team, verdict, errors)

    def _outcome(self, key, situations):
        """One way to end, which these situations are, as the fields of an Outcome."""
        verdict, values, errors = key
        situation = min(situations, key=lambda at: (at.level, min(at.switches)))
        schedule, letters, passed = self._schedule(situation)
        stuck = _stuck(letters, self._nodes_at(situation)) if verdict != "livelock" else None
        count = sum(at.ways for at in situations), len(situations)
        circle = stuck.circle if stuck else ()
        is_right = self._is_right(verdict, errors, situations)
        left = tuple(_bits(at.left) for at, _ in passed) if self._graph else ()
        lines = tuple(self._nodes[at.numbers[mover]].line for at, mover in passed[:-1])
        return verdict, dict(values), errors, *count, schedule, circle, is_right, left, lines

    def _schedule(self, situation):
        """The schedule that arrives there with the fewest switches, the letter of the process at each place, and the situations on the way.

        These are pairs: the situation, and the place that moves there.
        """
        place, moves = _last(situation.switches, min(situation.switches)), []
        passed: list[tuple] = [(situation, None)]
        while situation.backs[place]:
            to = place
            situation, place, mover = situation.backs[to]
            moves.append((mover, to))
            passed.append((situation, mover))
        seats, order = list(range(len(self._letters))), []
        for mover, to in reversed(moves):
            order.append(seats[mover])
            _rotated(seats, mover, to)
        # Interchangeable processes get their letters in the order in which they move first.
        letters = {low: iter(self._letters[low:]) for low, _ in self._reach}
        first = dict.fromkeys([*order, *sorted(seats)])
        names = {seat: next(letters[self._reach[seat][0]]) for seat in first}
        letters_now = [names[seat] for seat in seats]
        return "".join(names[seat] for seat in order), letters_now, passed[::-1]


def ending(team: Team, letters: Any, nodes: list, states: tuple) -> tuple[str, tuple, tuple]:
    """Verdict, values and errors where the processes of these letters stand at `nodes` and nobody can go on."""
    stuck = _stuck(letters, nodes)
    errors = sorted(node.end.error for node in nodes if node.end and node.end.error)
    values = tuple(team.values(states).items())
    return stuck.verdict if stuck else "ended", values, tuple(errors)


def is_good_end(team: Team, verdict: str, errors: tuple) -> bool:
    """Whether everybody ended, and nobody by an error, unless a fault was asked for."""
    return verdict == "ended" and (team.fault is not None or not errors)


def _stuck(letters, nodes):
    """Why the processes at these nodes cannot go on: what `analysis` says of real ones, None where all are over."""
    if all(node.end for node in nodes):
        return None
    places = dict(sorted(zip(letters, nodes, strict=True)))
    events = [event for letter, node in places.items() for event in node.as_events(letter)]
    return analysis.stuck_after(events, places, [at for at, node in places.items() if node.end])


def _bits(mask):
    """The numbers of the bits that are 1."""
    return tuple(number for number in range(mask.bit_length()) if mask >> number & 1)


def _last(switched, fewest):
    """Index of the last place with `fewest` switches. Breaking ties this way makes the reported schedule the
    alphabetically first one.
    """
    return len(switched) - 1 - switched[::-1].index(fewest)


def _rotated(places, mover, to):
    """`places` after the one at `mover` was put at `to`."""
    places.insert(to, places.pop(mover))
    return places
