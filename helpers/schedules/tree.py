"""A worker learned once, as a tree: what it has seen so far -> its next step.

Greenlets run only for what the tree does not know yet.
"""

from contextlib import closing
from itertools import pairwise
from typing import Any

from helpers import child, events
from helpers.lab import check
from helpers.lab.arguments import pack
from helpers.schedules import worlds
from helpers.schedules.greenlets import End, Own, Raised, Walker, raise_interrupt

_LONGEST_LOOP = 8  # steps in one round of a loop that is recognised
_MOST_ROUNDS = 10_000  # steps for which a loop is followed before it is called one


class Node:
    """A worker after it has seen certain results: its next `step`, or its `end`.

    `line` is the line of the worker's source where it stands, `shared` what the step is done on.
    `held` counts what the worker holds by the shared objects' numbers, `own` has the state of each lock that
    it made itself, `refused` counts its tries that were refused. `pauses` are those between the step before
    and this place, each as seconds and the names of the locks then held, sorted. `period` is not 0 where it goes
    through a loop: if the same results come again and again, it repeats its last `period` steps as often as anybody may try.
    """

    def __init__(self, tree: "Tree", parent: "Node | None" = None, given: Any = None):
        self.tree, self.parent, self.given = tree, parent, given
        self.branches: dict[Any, Node] = {}
        self.number = len(tree.nodes)
        tree.nodes.append(self)
        self.depth: int = parent.depth + 1 if parent else 0
        self.refused: int = parent.refused + (given is False) if parent else 0
        self.held: dict[Any, int] = parent._held_after(given) if parent else {}
        self.own: dict[Own, Any] = parent._own_after(given) if parent else {}
        self.period = 0
        self.step: Any = None  # a Step
        self.end: End | None = None
        self.line: int | None = None
        self.shared: Any = None
        self.walker: Walker | None = None
        self.pauses: tuple[tuple[float, tuple[str, ...]], ...] = ()
        # Up to this depth it is known to be in no loop.
        self.sure: int = parent.sure if parent else 0

    def play(self, state: Any, me: int) -> tuple[Any, Any]:
        """The next step in the model: its shared object's new state, and what the step gives or BLOCKED.

        A lock that the worker made itself has its state in the node, and None here.
        """
        shared, op, _ = self.step
        if self.depth == self.tree.fault and op != "release":
            return state, Raised(events.InjectedFault, ())
        return (
            (None, self._play_own(shared)[1]) if isinstance(shared, Own) else self._model(state, me)
        )

    def _play_own(self, lock):
        state = self.own[lock] if lock in self.own else self.shared.model_start()
        return self._model(state, 0)

    def _model(self, state, me):
        try:
            done = self.shared.model(state, me, self.step.op, self.step.arg)
        except Exception as error:  # noqa: BLE001 - the worker gets it, whatever it is
            return state, Raised(type(error), error.args)
        return (state, events.BLOCKED) if done is events.BLOCKED else done

    def play_in(self, states: tuple, me: int) -> tuple[tuple, Any]:
        """The next step in the model: the states of all shared objects after it, and what it gives or BLOCKED."""
        number = self.step.shared
        if isinstance(number, Own):
            return states, self.play(None, me)[1]
        state, given = self.play(states[number], me)
        return (*states[:number], state, *states[number + 1 :]), given

    def after(self, given: Any) -> "Node":
        """The node that follows when the step gives `given`, a result or a Raised."""
        node = self.branches.get(given)
        if node is None:
            node = self.branches[given] = self.tree.grow(self, given)
        return node

    def _held_after(self, given):
        """What the process holds after the next step gave `given`."""
        shared, op, arg = self.step
        held = self.held.get(shared, 0)
        if isinstance(given, Raised):
            return self.held
        then = events.held_after(held, op, arg, given, self.shared.permits is not None)
        return self.held if then == held else {**self.held, shared: then}

    def _own_after(self, given):
        lock = self.step.shared
        if isinstance(given, Raised) or not isinstance(lock, Own):
            return self.own
        return {**self.own, lock: self._play_own(lock)[0]}

    def round(self, length: int) -> list[tuple["Node", Any]]:
        """The last `length` steps, each with its result, the oldest first: pairs of a node and what it was given."""
        steps: list[tuple[Node, Any]] = []
        node = self
        while len(steps) < length and node.parent:
            steps.append((node.parent, node.given))
            node = node.parent
        return steps[::-1]

    def repeats(self, states: tuple, me: int) -> bool:
        """Whether the process goes through a loop that changes nothing, if nobody else moves."""
        now = states
        for node, before in self.round(self.period):
            now, given = node.play_in(now, me)
            if given != before:
                return False
        return self.period > 0 and now == states

    @property
    def loop_words(self) -> str:
        """What it repeats."""
        steps = (f"{node.step.op} {node.shared.name}" for node, _ in self.round(self.period))
        return (
            f"waits in a loop: while nobody else moves, it repeats {', '.join(steps)} without end"
        )

    def path(self) -> "list[Node]":
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

    def __init__(self, worker, packed, shared_objects, nodes, fault, patience):
        self.worker, self.packed, self.shared_objects = worker, packed, shared_objects
        self._patience = min(patience, _MOST_ROUNDS)
        self.replayed = 0  # steps that were walked again
        self.nodes, self.fault = nodes, fault
        self._numbers = {id(shared): number for number, shared in enumerate(shared_objects)}
        self.root = self._stood(Node(self), *self._begun())

    def grow(self, node: Node, given: Any) -> Node:
        """Let the worker go on from `node` with the result `given`."""
        walker = node.walker or self._walked_to(node)
        node.walker = None
        reported = walker.send(given)
        following = self._stood(Node(self, node, given), walker, reported)
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
        with closing(self._walked_to(node)) as walker:
            for count in range(self._patience):
                reported = walker.send(part[count % len(part)][1])
                raise_interrupt()
                if reported != part[(count + 1) % len(part)][0]:
                    node.sure = node.depth + count
                    return False
        return True

    def differs(self, leaf: Node) -> bool:
        """True where a worker that is given the same results as on the way to `leaf` does other steps."""
        walker, reported = self._begun()
        with closing(walker):
            for node, following in pairwise([*leaf.path(), None]):
                raise_interrupt()
                if not _same(reported, node):
                    return True
                if following:
                    reported = walker.send(following.given)
        return False

    def _begun(self):
        """The worker at its first step: a Walker, and the Step or the End."""
        worlds.begin()
        worker = self.worker
        if isinstance(worker, check.WorkerFile):
            worker = child.load(*check.source(worker))
        walker = Walker(worker, child.unpack(self.packed, self.shared_objects), self._numbers)
        return walker, walker.send(None)

    def _walked_to(self, node):
        walker, _ = self._begun()
        self.replayed += node.depth
        for known in node.path()[1:]:
            walker.send(known.given)
        return walker

    def _stood(self, node, walker, reported):
        """`node`, at which `walker` has just told its next Step or its End."""
        if walker.pauses:
            held = [
                walker.shared_objects[number] for number, count in node.held.items() if count > 0
            ]
            names = tuple(sorted(shared.name for shared in held if not shared.is_file))
            node.pauses = tuple((seconds, names) for seconds in walker.pauses)
        if isinstance(reported, End):
            node.end = reported
        else:
            node.step, node.line, node.walker = reported, walker.line, walker
            node.shared = walker.shared_objects[reported.shared]
        return node


def _same(reported, node):
    known = node.step or node.end
    return type(reported) is type(known) and (reported == known or isinstance(known, End))


def after_end(shared_objects: list, states: tuple, me: int) -> tuple:
    """The states of the shared objects after process number `me` has ended."""
    return tuple(
        shared.left(state, me) for shared, state in zip(shared_objects, states, strict=True)
    )


class Team:
    """The processes of a model: one tree for all that have the same worker and arguments.

    `trees` holds each process's tree, in the order of the letters, `shared_objects` what they share, `nodes`
    all nodes by their numbers. Make and use it inside `listening()`, and close it there: a parked
    worker belongs to its thread.
    """

    def __init__(self, members, fault, patience):
        shared_objects, known = {}, {}
        self.letters, self.fault = check.LETTERS[: len(members)], fault
        self.nodes, self.trees = [], []
        packed = [pack(args, shared_objects) for _, args in members]
        check.names(shared_objects)
        self.shared_objects = list(shared_objects)
        try:
            for letter, (worker, _), args in zip(self.letters, members, packed, strict=True):
                index = fault.index if fault and fault.process == letter else None
                kind = worker, args, index
                if kind not in known:
                    known[kind] = Tree(
                        worker, args, self.shared_objects, self.nodes, index, patience
                    )
                self.trees.append(known[kind])
                raise_interrupt()
        except BaseException:
            self.close()
            raise

    def start(self) -> tuple:
        """The states of the shared objects before the first step."""
        return tuple(shared.model_start() for shared in self.shared_objects)

    def values(self, states: tuple) -> dict[str, Any]:
        """What the files say in these states, by their names."""
        pairs = zip(self.shared_objects, states, strict=True)
        return {shared.name: shared.model_value(state) for shared, state in pairs if shared.is_file}

    def leaves(self) -> list[Node]:
        """All nodes from which no step is known."""
        return [node for node in self.nodes if not node.branches]

    def pauses(self) -> dict[str, frozenset]:
        """By letter, the set of all sequences of pauses on a known way to the end."""
        found: dict[Tree, set] = {tree: set() for tree in self.trees}
        for leaf in self.leaves():
            if leaf.end:
                found[leaf.tree].add(tuple(p for node in leaf.path() for p in node.pauses))
        pairs = zip(self.letters, self.trees, strict=True)
        return {letter: frozenset(found[tree]) for letter, tree in pairs}

    def close(self) -> None:
        """End all workers that are still parked."""
        for node in self.nodes:
            if node.walker:
                node.walker.close()
                node.walker = None
