"""The search through all situations: equal ones are merged, so that none is walked twice.

A situation is, for each process, all that it has seen (its node in its worker's tree), and the state
of each resource and lock. Processes with the same worker and arguments are interchangeable: they
stand side by side, sorted by their nodes, which changes no count.
"""

from bisect import bisect_left
from typing import NamedTuple

from helpers import analysis, events
from helpers.schedules import worlds
from helpers.schedules.outcomes import Outcome
from helpers.schedules.tree import after_end
from helpers.schedules.walker import Own, raise_interrupt, stepped_elsewhere

_LOOK = 256  # situations between two looks at Stop
_MORE = 50  # leaves that are walked in further worlds
_NEVER = float("inf")
_REPLAYS = 10  # steps walked again for each situation of the limit, and a million more


class Told(NamedTuple):
    """What an exploration tells, free of workers and greenlets.

    `right` are the serial endings, `pauses` those of `Exploration.pauses`.
    """

    outcomes: list
    right: set
    states: int
    ended: str = "complete"
    reason: str = ""
    cut: int = 0
    doubt: str = ""
    pauses: dict | None = None


class Search:
    """Goes through all situations, step by step: all that can be reached by n steps, then by n + 1."""

    def __init__(self, team, tries, limit, progress, stop):
        self._team, self._nodes, self._things = team, team.nodes, team.things
        self._tries, self._limit = tries, limit
        self._progress, self._stop = progress, stop
        self._seat_processes()
        self._renamed = {
            number
            for number, thing in enumerate(team.things)
            if type(thing).renamed is not events.Thing.renamed
        }
        self._left = [
            number
            for number, thing in enumerate(team.things)
            if type(thing).left is not events.Thing.left
        ]
        self._known = {}  # moves, by node and state, of things whose states name no process
        self._backs = []  # for each number of steps, how each situation was reached
        self._ends = {}
        self.states = self.cut = 0
        self.ended, self.reason, self._loop = "complete", "", ""

    def _seat_processes(self):
        """Processes with the same tree side by side; `_reach[i]` is the range of those beside place i."""
        trees = list(dict.fromkeys(self._team.trees))
        pairs = sorted(
            zip(self._team.trees, self._team.letters, strict=True),
            key=lambda pair: trees.index(pair[0]),
        )
        self._trees = [tree for tree, _ in pairs]
        self._letters = [letter for _, letter in pairs]
        first = [self._trees.index(tree) for tree in self._trees]
        self._reach = [(low, low + first.count(low)) for low in first]

    # ---- the search

    def explore(self):
        level = _Level(len(self._trees))
        start = tuple(tree.root.number for tree in self._trees), self._team.start()
        level.reach(start, 0, 1, 0, None)
        level.switches[0] = [0] * len(self._trees)  # whoever comes first need not switch
        while level.situations:
            self._backs.append(level.backs)
            level = self._next_level(level)
        if self._loop and self.ended != "stopped":
            self.ended, self.reason = "waits in a loop", self._loop

    def _next_level(self, level):
        following = _Level(len(self._trees))
        for index, situation in enumerate(level.situations):
            if self._is_over():
                return _Level(0)
            self.states += 1
            self._expand(index, situation, level, following)
        return following

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

    @property
    def _most_replays(self):
        return 1_000_000 + _REPLAYS * self._limit

    def _heed_stop(self):
        """Look for what ends the work before its end: an interrupt, or Stop. True where it is to end."""
        raise_interrupt()
        if self._stop is not None and self._stop.is_set():
            self.ended, self.reason = "stopped", "stopped"
        return self.ended == "stopped"

    def _expand(self, index, situation, level, following):
        numbers, states = situation
        ways, switched = level.ways[index], level.switches[index]
        fewest = min(switched)
        latest = _last(switched, fewest)
        is_end = True
        place = 0
        while place < len(numbers):
            alike = self._alike(numbers, place)
            node = self._nodes[numbers[place]]
            if node.end is None:
                mover = place
                if alike > 1:
                    mover = min(range(place, place + alike), key=switched.__getitem__)
                moved = self._moved(node, states, mover)
                if moved:
                    is_end = False
                if moved and moved[0].refused > self._tries:
                    self.cut += ways * alike
                elif moved and moved[0].period and moved[0].repeats(moved[1], mover):
                    first = self._letters[self._reach[mover][0]]  # of those alike
                    self._loop = self._loop or f"{first} {moved[0].loop_words}"
                elif moved:
                    stays = switched[mover] <= fewest + 1
                    last = mover if stays else latest
                    cost = switched[mover] if stays else fewest + 1
                    then, to = self._seated(numbers, moved, mover)
                    following.reach(then, to, ways * alike, cost, (index, last, mover, to))
            place += alike
        if is_end:
            self._note_end(index, situation, ways, switched)

    def _alike(self, numbers, place):
        """How many processes from `place` on are interchangeable and stand at the same node."""
        after = place + 1
        while after < self._reach[place][1] and numbers[after] == numbers[place]:
            after += 1
        return after - place

    def _moved(self, node, states, mover):
        """The node and the states after the process at `mover` did its step; None where it is blocked."""
        number = node.step.thing
        if isinstance(number, Own):
            given = node.play(None, mover)[1]
            return None if given is events.BLOCKED else (node.after(given), states)
        before = states[number]
        known = self._known.get((node.number, before))
        if known is None:
            state, given = node.play(before, mover)
            known = state, None if given is events.BLOCKED else node.after(given)
            if number not in self._renamed:
                self._known[node.number, before] = known
        state, child = known
        if child is None:
            return None
        if state != before:
            states = (*states[:number], state, *states[number + 1 :])
        if child.end and self._left:
            states = after_end(self._things, states, mover)
        return child, states

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
        if self._renamed and to != mover:
            places = _rotated(list(range(len(then))), to, mover)  # old place -> new place
            states = list(states)
            for number in self._renamed:
                states[number] = self._things[number].renamed(states[number], places)
        return (tuple(then), tuple(states)), to

    # ---- the ends

    def _note_end(self, index, situation, ways, switched):
        nodes = [self._nodes[number] for number in situation[0]]
        key = self._ending(nodes, situation[1])
        depth, fewest = len(self._backs) - 1, min(switched)
        last = _last(switched, fewest)
        found = self._ends.setdefault(key, _End(depth, fewest, index, last, nodes))
        found.count += ways
        found.situations += 1
        if (depth, fewest) < (found.steps, found.switches):
            found.steps, found.switches = depth, fewest
            found.index, found.last, found.nodes = index, last, nodes

    def _ending(self, nodes, states):
        """Verdict, values and errors of a situation from which nobody can go on."""
        verdict = "ended"
        if any(node.end is None for node in nodes):
            verdict = self._verdict(nodes)
        errors = sorted(node.end.error for node in nodes if node.end and node.end.error)
        return verdict, tuple(self._team.values(states).items()), tuple(errors)

    def _verdict(self, nodes):
        """What it is called where these nodes cannot go on: as `analysis.find_stuck` says of real processes."""
        wanted, holders = self._waits(nodes)
        is_orphaned = any(
            nodes[at].end for thing in wanted.values() for at in holders.get(thing, ())
        )
        has_permits = any(nodes[at].thing.permits is not None for at in wanted)
        is_deadlock = analysis.find_circle(wanted, holders) or (has_permits and not is_orphaned)
        return "deadlock" if is_deadlock else "orphaned_lock"

    @staticmethod
    def _waits(nodes):
        """What each of these nodes that cannot go on wants, by its place; and who holds each thing."""
        wanted = {at: node.step.thing for at, node in enumerate(nodes) if node.end is None}
        holders, unknown = {}, set()
        for place, node in enumerate(nodes):
            for thing, held in node.held.items():
                if held > 0:
                    holders.setdefault(thing, []).append(place)
        for at, thing in wanted.items():
            if nodes[at].thing.permits is not None and any(n.held.get(thing, 0) < 0 for n in nodes):
                unknown.add(thing)  # somebody gave back what it never took: whose was it?
        return wanted, {thing: held for thing, held in holders.items() if thing not in unknown}

    def told(self):
        """What was found, with a second walk to each leaf that shows whether the workers are steady."""
        right = self._serial_endings() if self.ended == "complete" else set()
        doubt = ""
        if not any(tree.root.step for tree in self._trees):
            doubt = "no process takes a step: does the worker use what it was given?"
        elif stepped_elsewhere(self._team.things):
            doubt = (
                "a second thread takes steps, and their orders were not tried: this proves nothing"
            )
        else:
            doubt = self._unsteady()
        found = [self._outcome(key, end) for key, end in sorted(self._ends.items(), key=_order)]
        return Told(
            found, right, self.states, self.ended, self.reason, self.cut, doubt, self._team.pauses()
        )

    def _unsteady(self):
        """Why the steps of a worker differ from one walk to the next, in another world; "" where they do not.

        Of very many long ways, some are walked again.
        """
        leaves = self._team.leaves()
        every = 1 + sum(leaf.depth for leaf in leaves) // self._most_replays
        for number in worlds.numbers():
            for leaf in leaves[::every] if number == 1 else leaves[:_MORE]:
                if self._heed_stop():
                    return ""
                if self._depends_on(worlds.WORLD, number, leaf):
                    return self._what_differs(number, leaf)
        return ""

    def _what_differs(self, number, leaf):
        for change in worlds.WORLD:
            if not leaf.tree.differs(leaf) and self._depends_on([change], number, leaf):
                return f"the worker takes other steps where {change} is another: these numbers mean nothing"
        return (
            "the worker does not take the same steps each time (does it keep something from one "
            "call to the next?): these numbers mean nothing"
        )

    def _depends_on(self, changes, number, leaf):
        with worlds.another(changes, number):
            return leaf.tree.differs(leaf)

    def _outcome(self, key, end):
        verdict, values, errors = key
        schedule, letters = self._schedule(end)
        places = analysis.find_circle(*self._waits(end.nodes))
        circle = tuple(w for at in places for w in (letters[at], end.nodes[at].thing.name))
        return Outcome(
            verdict, dict(values), errors, end.count, end.situations, schedule, circle, None
        )

    def _schedule(self, end):
        """A shortest schedule to this end, and the letter of the process at each place."""
        moves, index, last = [], end.index, end.last
        for backs in reversed(self._backs[1 : end.steps + 1]):
            index, last, mover, to = backs[index][last]
            moves.append((mover, to))
        seats, order = list(range(len(self._letters))), []
        for mover, to in reversed(moves):
            order.append(seats[mover])
            _rotated(seats, mover, to)
        names = self._names(order)
        return "".join(names[seat] for seat in order), [names[seat] for seat in seats]

    def _names(self, order):
        """Letters for the interchangeable processes, in the order in which they move first."""
        names = {}
        for seat in dict.fromkeys([*order, *range(len(self._letters))]):
            low, high = self._reach[seat]
            taken = sum(low <= other < high for other in names)
            names[seat] = self._letters[low + taken]
        return names

    def _serial_endings(self):
        """How it ends where one process runs after the other, in any order."""
        endings = set()
        waiting = {(tuple(self._trees), self._team.start(), ())}
        while waiting and not self._heed_stop():
            trees, states, nodes = waiting.pop()
            if not trees:
                endings.add(self._ending(nodes, states))
            for tree in dict.fromkeys(trees):
                if alone := self._run_alone(tree.root, states, len(nodes)):
                    rest = list(trees)
                    rest.remove(tree)
                    ended = sorted((*nodes, alone[0]), key=lambda node: node.number)
                    waiting.add((tuple(rest), alone[1], tuple(ended)))
        return endings

    def _run_alone(self, node, states, place):
        """The leaf and the states after one process ran to its end; None where it cannot."""
        while node.end is None:
            moved = self._moved(node, states, place)
            if moved is None or moved[0].refused > self._tries:
                return None
            node, states = moved
        return node, states


class _Level:
    """The situations after a number of steps: in how many ways each is reached, by how few switches.

    `switches[i][place]` is for those orders whose last step was that of the process at `place`;
    `backs[i][place]` tells where the best of them came from.
    """

    def __init__(self, places):
        self._places = places
        self.situations = {}
        self.ways, self.switches, self.backs = [], [], []

    def reach(self, situation, place, ways, switches, back):
        index = self.situations.setdefault(situation, len(self.ways))
        if index == len(self.ways):
            self.ways.append(0)
            self.switches.append([_NEVER] * self._places)
            self.backs.append([None] * self._places)
        self.ways[index] += ways
        if switches < self.switches[index][place]:
            self.switches[index][place] = switches
            self.backs[index][place] = back


class _End:
    """One way to end: how many orders, and where the shortest of them arrives."""

    def __init__(self, steps, switches, index, last, nodes):
        self.count = self.situations = 0
        self.steps, self.switches = steps, switches
        self.index, self.last, self.nodes = index, last, nodes


def _last(switched, fewest):
    """The last place with that number: of equal schedules the one nearer to the alphabet."""
    return len(switched) - 1 - switched[::-1].index(fewest)


def _rotated(places, mover, to):
    """`places` after the one at `mover` was put at `to`."""
    places.insert(to, places.pop(mover))
    return places


def _order(item):
    """Outcomes that end come first, each kind in the order of its values."""
    (verdict, values, errors), _ = item
    return verdict != "ended", verdict, values, errors
