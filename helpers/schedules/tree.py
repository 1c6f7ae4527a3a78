"""A worker learned once, as a tree: what it has seen so far -> its next step.

A worker runs in a greenlet; each step that it announces switches to whoever explores. Greenlets run
only for what the tree does not know yet.
"""

import sys
import threading
from contextlib import contextmanager
from typing import NamedTuple

from greenlet import getcurrent, greenlet

from helpers import child, events
from helpers.lab import check
from helpers.lab.arguments import pack

_MOST_REFUSALS_TO_END = 100


class Step(NamedTuple):
    """What a worker announces: the number of a shared thing (or an _Own), operation, argument."""

    thing: object
    op: str
    arg: object


class Own(NamedTuple):
    """A lock that the worker made itself: the `count`th one. No other process can reach it."""

    count: int


class Raised(NamedTuple):
    """A step's result that is an exception."""

    kind: type
    args: tuple


class End(NamedTuple):
    """How a worker ended: what it gave back, or the error as text."""

    returned: object
    error: str


class _Closed(BaseException):
    """Ends a worker that is not needed any more."""


class Node:
    """A worker after it has seen certain results: its next `step`, or its `end`.

    `line` is the line of the worker's source where it stands, `thing` what the step is done on.
    `held` counts what the worker holds by the things' numbers, `own` has the state of each lock that
    it made itself, `refused` counts its tries that were refused.
    """

    __slots__ = (
        "branches",
        "depth",
        "end",
        "given",
        "held",
        "line",
        "number",
        "own",
        "parent",
        "refused",
        "step",
        "thing",
        "tree",
        "walker",
    )  # fmt: skip

    def __init__(self, tree, parent, given):
        self.tree, self.parent, self.given = tree, parent, given
        self.depth = parent.depth + 1 if parent else 0
        self.held = parent.held if parent else {}
        self.own = parent.own if parent else {}
        self.refused = parent.refused if parent else 0
        self.branches = {}
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

    def path(self):
        """The nodes from the root to this one."""
        nodes = [self]
        while nodes[-1].parent:
            nodes.append(nodes[-1].parent)
        return nodes[::-1]


class Tree:
    """All that is known of one worker with its packed arguments. `nodes` gets its nodes, by number.

    With a `fault`, the number of a step, that step raises InjectedFault unless it is a release. With
    `keeps`, workers stay parked where they may be needed again: for one thread only.
    """

    def __init__(self, worker, packed, things, nodes, fault=None, keeps=False):
        self.worker, self.packed, self.things = worker, packed, things
        self.nodes, self.fault, self._keeps = nodes, fault, keeps
        self._numbers = {id(thing): number for number, thing in enumerate(things)}
        self.root = self._node(None, None, *self._walker().go())

    def grow(self, node, given):
        """Let the worker go on from `node` with the result `given`."""
        walker = node.walker or self._walked_to(node)
        node.walker = None
        return self._node(node, given, walker, walker.send(given))

    def differs(self, leaf):
        """True where a worker that is given the same results as on the way to `leaf` does other steps."""
        nodes = leaf.path()
        walker, told = self._walker().go()
        for node, following in zip(nodes, [*nodes[1:], None], strict=True):
            if not _same(told, node):
                walker.close()
                return True
            if following:
                told = walker.send(following.given)
        walker.close()
        return False

    def _walker(self):
        worker = self.worker
        if isinstance(worker, check.WorkerFile):
            worker = child.load(*check.source(worker))
        return Walker(worker, child.unpack(self.packed, self.things), self._numbers)

    def _walked_to(self, node):
        walker, _ = self._walker().go()
        for known in node.path()[1:]:
            walker.send(known.given)
        return walker

    def _node(self, parent, given, walker, told):
        node = Node(self, parent, given)
        if parent:
            _note_locks(node, parent, given)
        if isinstance(told, End):
            node.end = told
            return node
        node.step, node.line, node.thing = told, walker.line, walker.thing
        if self._keeps:
            node.walker = walker
        else:
            walker.close()
        return node


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


def _note_locks(node, parent, given):
    """What the process holds after the step of `parent` gave `given`."""
    thing, op, _ = parent.step
    held = parent.held.get(thing, 0)
    if op == "acquire" and given is True:
        node.held = {**parent.held, thing: held + 1}
    elif op == "acquire" and given is False:
        node.refused += 1
    elif op == "release" and given is None and held:
        node.held = {**parent.held, thing: held - 1}
    if isinstance(thing, Own):
        node.own = {**parent.own, thing: parent.play(None, 0)[0]}


class Walker(greenlet):
    """One greenlet in which the worker runs from step to step."""

    def __init__(self, worker, args, numbers):
        super().__init__()
        self._worker, self._args, self._numbers = worker, args, numbers
        self._own = {}
        self._closing = 0
        self.line = self.thing = None

    def run(self, _):
        try:
            return End(self._worker(*self._args), "")
        except _Closed:
            return None
        except BaseException as error:  # noqa: BLE001 - SystemExit too: it ends a process
            return End(None, f"{type(error).__name__}: {error}".removesuffix(": "))

    def go(self):
        """Run to the first step: this walker, and the Step or the End."""
        return self, self.send(None)

    def send(self, given):
        """Give the result of the step under way; the next Step, or the End."""
        self.parent = getcurrent()
        return self.switch(given)

    def close(self):
        """End the worker: whatever it does on its way out, no step is done any more."""
        if not self.dead:
            self.parent = getcurrent()
            self._closing = 1
            self.throw(_Closed)

    def announce(self, thing, op, arg):
        """Called in the worker's greenlet: tell the step, wait for its result."""
        if self._closing:
            self._refuse()
        number = self._number(thing)
        self.line, self.thing = self._line(), thing
        given = self.parent.switch(Step(number, op, arg))
        if isinstance(given, Raised):
            raise given.kind(*given.args)
        return given

    def _refuse(self):
        self._closing += 1
        if self._closing > _MOST_REFUSALS_TO_END:  # it swallows them: let it stand here for good
            self.parent.switch()
        raise _Closed

    def _number(self, thing):
        number = self._numbers.get(id(thing))
        if number is not None:
            return number
        if thing.kind:
            raise RuntimeError(
                f"the worker made the file {thing.name!r} itself: pass it as an argument, so that "
                "all processes have the same one"
            )
        # The lock is kept with its number: else another one could get its id.
        return self._own.setdefault(id(thing), (Own(len(self._own)), thing))[0]

    def _line(self):
        frame = sys._getframe(2)
        code = getattr(self._worker, "__code__", None)
        while frame and frame.f_code is not code:
            frame = frame.f_back
        return frame.f_lineno if frame else None


class _Modelled:
    """The hearer while workers run in greenlets; steps of any other code go where they went before."""

    lock_tape = None

    def __init__(self, before):
        self._before = before
        self.name = before.name

    def step(self, thing, op, arg=None):
        walker = getcurrent()
        if isinstance(walker, Walker):
            return walker.announce(thing, op, arg)
        return self._before.step(thing, op, arg)

    def sleep(self, seconds):
        if not isinstance(getcurrent(), Walker):
            self._before.sleep(seconds)


_guard = threading.Lock()
_listeners = []


@contextmanager
def listening():
    """Hear the steps of workers in greenlets, whatever other threads explore meanwhile."""
    with _guard:
        if not _listeners:
            events.hearer = _Modelled(events.hearer)
        _listeners.append(True)
    try:
        yield
    finally:
        with _guard:
            _listeners.pop()
            if not _listeners:
                events.hearer = events.hearer._before


class Team:
    """The processes of a model: one tree for all that have the same worker and arguments.

    `trees` holds each process's tree, in the order of the letters, `things` what they share, `nodes`
    all nodes by their numbers. Make and use it inside `listening()`.
    """

    def __init__(self, members, fault=None, keeps=False):
        things, known = {}, {}
        self.letters = check.LETTERS[: len(members)]
        self.nodes, self.trees = [], []
        packed = [pack(args, things) for _, args in members]
        check.names(things)
        self.things = list(things)
        for letter, (worker, _), args in zip(self.letters, members, packed, strict=True):
            index = fault.index if fault and fault.process == letter else None
            kind = worker, args, index
            if kind not in known:
                known[kind] = Tree(worker, args, self.things, self.nodes, index, keeps)
            self.trees.append(known[kind])

    def start(self):
        """The states of the things before the first step."""
        return tuple(thing.model_start() for thing in self.things)

    def values(self, states):
        """What the files say in these states, by their names."""
        pairs = zip(self.things, states, strict=True)
        return {thing.name: thing.model_value(state) for thing, state in pairs if thing.kind}

    def leaves(self):
        """All nodes from which no step is known."""
        return [node for node in self.nodes if not node.branches]

    def close(self):
        """End all workers that are still parked."""
        for node in self.nodes:
            if node.walker:
                node.walker.close()
                node.walker = None
