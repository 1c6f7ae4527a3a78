"""A worker learned once, as a tree: what it has seen so far -> its next step.

Greenlets run only for what the tree does not know yet.
"""

from helpers import child, events
from helpers.lab import check
from helpers.lab.arguments import pack
from helpers.schedules import worlds
from helpers.schedules.walker import End, Own, Raised, Walker, raise_interrupt

_LONGEST_LOOP = 8  # steps in one round of a loop that is recognised
_MOST_ROUNDS = 10_000  # steps for which a loop is followed before it is called one


class Node:
    """A worker after it has seen certain results: its next `step`, or its `end`.

    `line` is the line of the worker's source where it stands, `thing` what the step is done on.
    `held` counts what the worker holds by the things' numbers, `own` has the state of each lock that
    it made itself, `refused` counts its tries that were refused. `pauses` are those between the step before
    and this place, each as seconds and the names of the locks then held, sorted. `period` is not 0 where it goes
    through a loop: if the same results come again and again, it repeats its last `period` steps as often as anybody may try.
    """

    __slots__ = (
        *("branches", "depth", "end", "given", "held", "line", "number", "own", "parent"),
        *("pauses", "period", "refused", "step", "sure", "thing", "tree", "walker"),
    )

    def __init__(self, tree, parent, given):
        self.tree, self.parent, self.given = tree, parent, given
        self.depth = parent.depth + 1 if parent else 0
        self.held = parent.held if parent else {}
        self.own = parent.own if parent else {}
        self.refused = parent.refused if parent else 0
        self.branches, self.period = {}, 0
        self.sure = parent.sure if parent else 0  # up to this depth it is known to be in no loop
        self.step = self.end = self.line = self.thing = self.walker = None
        self.number = len(tree.nodes)
        tree.nodes.append(self)

    def play(self, state, me):
        """The next step in the model: the thing's new state, and what the step gives or BLOCKED.

        The state of a lock that the worker made itself is the node's own.
        """
        thing, op, arg = self.step
        if self.depth == self.tree.fault and op != "release":
            return state, Raised(events.InjectedFault, ())
        if isinstance(thing, Own):
            state, me = self.own.get(thing, self.thing.model_start()), 0
        return play(self.thing, state, me, op, arg)

    def after(self, given):
        """The node that follows when the step gives `given`, a result or a Raised."""
        node = self.branches.get(given)
        if node is None:
            node = self.branches[given] = self.tree.grow(self, given)
        return node

    def round(self, length):
        """The last `length` steps, each with its result, the oldest first: pairs of a node and what it was given."""
        steps, node = [], self
        while len(steps) < length and node.parent:
            steps.append((node.parent, node.given))
            node = node.parent
        return steps[::-1]

    def repeats(self, states, me):
        """Whether the process goes through a loop that changes nothing, if nobody else moves."""
        now = states
        for node, before in self.round(self.period):
            number = node.step.thing
            is_own = isinstance(number, Own)
            state, given = node.play(None if is_own else now[number], me)
            if given is events.BLOCKED or given != before:
                return False
            if not is_own:
                now = (*now[:number], state, *now[number + 1 :])
        return self.period > 0 and now == states

    @property
    def loop_words(self):
        """What it repeats."""
        steps = (f"{node.step.op} {node.thing.name}" for node, _ in self.round(self.period))
        return (
            f"waits in a loop: while nobody else moves, it repeats {', '.join(steps)} without end"
        )

    def path(self):
        """The nodes from the root to this one."""
        nodes = [self]
        while nodes[-1].parent:
            nodes.append(nodes[-1].parent)
        return nodes[::-1]


class Tree:
    """All that is known of one worker with its packed arguments. `nodes` gets its nodes, by number.

    With a `fault`, the number of a step, that step raises InjectedFault unless it is a release.
    Workers stay parked where they may go on, until `Team.close`.
    """

    def __init__(self, worker, packed, things, nodes, fault, patience):
        self.worker, self.packed, self.things = worker, packed, things
        self._patience = min(patience, _MOST_ROUNDS)
        self.replayed = 0  # steps that were walked again
        self.nodes, self.fault = nodes, fault
        self._numbers = {id(thing): number for number, thing in enumerate(things)}
        self.root = self._node(None, None, *self._walker().go())

    def grow(self, node, given):
        """Let the worker go on from `node` with the result `given`."""
        walker = node.walker or self._walked_to(node)
        node.walker = None
        following = self._node(node, given, walker, walker.send(given))
        if following.step and following.depth > following.sure:
            self._note_loop(following)
        raise_interrupt()
        return following

    def _note_loop(self, node):
        """Set the node's `period` where its last steps came three times, and more rounds change nothing."""
        if not any(at.step == node.step for at, _ in node.round(_LONGEST_LOOP)):
            return
        last = [(at.step, given) for at, given in node.round(3 * _LONGEST_LOOP)]
        for length in range(1, len(last) // 3 + 1):
            part = last[-length:]
            if part[0][0] == node.step and last[-3 * length :] == 3 * part:
                is_a_try = any(step.op == "acquire" and given is False for step, given in part)
                if not is_a_try and self._stays(node, part):  # tries have a limit of their own
                    node.period = length
                return

    def _stays(self, node, part):
        """Whether the worker goes on with the steps of `part` as long as these give the same results."""
        walker = self._walked_to(node)
        try:
            for count in range(self._patience):
                told = walker.send(part[count % len(part)][1])
                raise_interrupt()
                if told != part[(count + 1) % len(part)][0]:
                    node.sure = node.depth + count
                    return False
            return True
        finally:
            walker.close()

    def differs(self, leaf):
        """True where a worker that is given the same results as on the way to `leaf` does other steps."""
        nodes = leaf.path()
        walker, told = self._walker().go()
        try:
            for node, following in zip(nodes, [*nodes[1:], None], strict=True):
                raise_interrupt()
                if not _same(told, node):
                    return True
                if following:
                    told = walker.send(following.given)
            return False
        finally:
            walker.close()

    def _walker(self):
        worlds.begin()
        worker = self.worker
        if isinstance(worker, check.WorkerFile):
            worker = child.load(*check.source(worker))
        return Walker(worker, child.unpack(self.packed, self.things), self._numbers)

    def _walked_to(self, node):
        walker, _ = self._walker().go()
        self.replayed += node.depth
        for known in node.path()[1:]:
            walker.send(known.given)
        return walker

    def _node(self, parent, given, walker, told):
        node = Node(self, parent, given)
        if parent:
            _note_holds(node, parent, given)
        node.pauses = self._pauses(node, walker)
        if isinstance(told, End):
            node.end = told
            return node
        node.step, node.line, node.thing = told, walker.line, walker.thing
        node.walker = walker
        return node

    def _pauses(self, node, walker):
        if not walker.pauses:
            return ()
        held = [number for number, count in node.held.items() if count > 0]
        own = [walker.name(number) for number in held if isinstance(number, Own)]
        shared = [self.things[number] for number in held if not isinstance(number, Own)]
        names = sorted([*own, *(thing.name for thing in shared if not thing.is_file)])
        return tuple((seconds, tuple(names)) for seconds in walker.pauses)


def _same(told, node):
    known = node.step or node.end
    return type(told) is type(known) and (told == known or isinstance(known, End))


def play(thing, state, me, op, arg):
    """One step of a thing's model: its new state, and what the step gives, raises or BLOCKED."""
    try:
        done = thing.model(state, me, op, arg)
    except Exception as error:  # noqa: BLE001 - the worker gets it, whatever it is
        return state, Raised(type(error), error.args)
    return (state, events.BLOCKED) if done is events.BLOCKED else done


def after_end(things, states, me):
    """The states of the things after process number `me` has ended."""
    pairs = zip(things, states, strict=True)
    return tuple(thing.left(state, me) for thing, state in pairs)


def _note_holds(node, parent, given):
    """What the process holds after the step of `parent` gave `given`."""
    thing, op, arg = parent.step
    held = then = parent.held.get(thing, 0)
    if not isinstance(given, Raised):
        then = events.held_after(held, op, arg, given, parent.thing.permits is not None)
    if then != held:
        node.held = {**parent.held, thing: then}
    if given is False:
        node.refused += 1
    if isinstance(thing, Own):
        node.own = {**parent.own, thing: parent.play(None, 0)[0]}


class Team:
    """The processes of a model: one tree for all that have the same worker and arguments.

    `trees` holds each process's tree, in the order of the letters, `things` what they share, `nodes`
    all nodes by their numbers. Make and use it inside `listening()`, and close it there: a parked
    worker belongs to its thread.
    """

    def __init__(self, members, fault, patience):
        things, known = {}, {}
        self.letters = check.LETTERS[: len(members)]
        self.nodes, self.trees = [], []
        packed = [pack(args, things) for _, args in members]
        check.names(things)
        self.things = list(things)
        try:
            for letter, (worker, _), args in zip(self.letters, members, packed, strict=True):
                index = fault.index if fault and fault.process == letter else None
                kind = worker, args, index
                if kind not in known:
                    known[kind] = Tree(worker, args, self.things, self.nodes, index, patience)
                self.trees.append(known[kind])
                raise_interrupt()
        except BaseException:
            self.close()
            raise

    def start(self):
        """The states of the things before the first step."""
        return tuple(thing.model_start() for thing in self.things)

    def values(self, states):
        """What the files say in these states, by their names."""
        pairs = zip(self.things, states, strict=True)
        return {thing.name: thing.model_value(state) for thing, state in pairs if thing.is_file}

    def leaves(self):
        """All nodes from which no step is known."""
        return [node for node in self.nodes if not node.branches]

    def pauses(self):
        """By letter, the set of all sequences of pauses on a known way to the end."""
        found = {tree: set() for tree in self.trees}
        for leaf in self.leaves():
            if leaf.end:
                found[leaf.tree].add(tuple(p for node in leaf.path() for p in node.pauses))
        return {
            letter: frozenset(found[tree])
            for letter, tree in zip(self.letters, self.trees, strict=True)
        }

    def close(self):
        """End all workers that are still parked."""
        for node in self.nodes:
            if node.walker:
                node.walker.close()
                node.walker = None
