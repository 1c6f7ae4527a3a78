"""A worker learned once, as a tree: what it has seen so far -> its next step.

Workers run only for what the tree does not know yet. Where branches come to what the worker cannot tell apart (see
`worker_state`), they are joined: then it is a graph, and a loop that waits for something is a circle in it.
"""

import gc
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import cache, cached_property, partial
from itertools import cycle, islice
from typing import Any

from helpers import child, events
from helpers.lab import check
from helpers.lab.arguments import pack
from helpers.schedules import worlds
from helpers.schedules.walkers import End, Own, Raised, Step, Walker, listening, raise_interrupt
from helpers.schedules.worker_state import why_not

try:
    from helpers.schedules.greenlets import GreenletWalker as walker_kind
except ImportError:  # as in a browser
    from helpers.schedules.walkers import RerunWalker as walker_kind  # type: ignore[assignment]

_LONGEST_LOOP = 8  # steps in one round of a loop that is recognised
_CONSTANT = int, float, str, bytes, events.SharedObject, type(None)
_MOST_ROUNDS = 10_000  # steps for which a loop is followed before it is called one


class Node:
    """A worker after it has seen certain results: its next `step`, or its `end`.

    `line` is the line of the worker's source where it stands, `shared` what the step is done on.
    `held` counts what the worker holds by the shared objects' numbers, `own` has the state of each lock that
    it made itself, `refused` counts its tries that were refused. `pauses` are those between the step before
    and this place, each as seconds and the names of the locks then held, sorted. `period` is not 0 where it goes
    through a loop: if the same results come again and again, it repeats its last `period` steps as often as anybody may try.
    `walker` is parked here until somebody goes on from here, or the team is closed.
    """

    def __init__(
        self, tree: "Tree", parent: "Node | None", given: Any, walker: Walker, reported: Step | End
    ):
        self.tree, self.parent, self.given = tree, parent, given
        self.number = -1  # until it is one of the team's nodes
        self.branches: dict[Any, Node] = {}
        self._moves: dict[Any, tuple[Any, Node | None]] = {}  # see `moved`
        self.depth: int = parent.depth + 1 if parent else 0
        self.refused: int = parent.refused + (given is False) if parent else 0
        self.held: dict[Any, int] = parent._held_after(given) if parent else {}
        self.own: dict[Own, Any] = parent._own_after() if parent else {}
        self.period = 0
        # Up to this depth it is known to be in no loop.
        self.sure: int = parent.sure if parent else 0
        self.pauses = self._pauses_of(walker) if walker.pauses else ()
        self.end: End | None = None
        self.step: Any = None  # a Step
        self.line: int | None = None
        self.shared: Any = None
        self.walker: Walker | None = None
        if isinstance(reported, End):
            self.end = reported
        else:
            self.step, self.line, self.walker = reported, walker.line, walker
            self.shared = walker.shared_objects[reported.shared]
            if isinstance(reported.shared, Own) and reported.shared not in self.own:
                self.own = {**self.own, reported.shared: self.shared.model_start()}

    def told_apart(self, state: tuple | None) -> tuple:
        """What is equal for nodes with equal futures, of a worker in that `state`, which counts where it has not ended."""
        held = frozenset((shared, count) for shared, count in self.held.items() if count)
        fault = self.tree.fault
        counted = self.refused, fault is not None and min(self.depth, fault + 1)
        return self.end or (self.step, state), held, tuple(self.own.items()), counted

    def _pauses_of(self, walker):
        held = [walker.shared_objects[number] for number, count in self.held.items() if count > 0]
        names = tuple(sorted(shared.name for shared in held if not shared.is_file))
        return tuple((seconds, names) for seconds in walker.pauses)

    def _held_after(self, given):
        """What the process holds after the next step gave `given`."""
        shared, op, arg = self.step
        if self.shared.is_file or isinstance(given, Raised):
            return self.held
        held = self.held.get(shared, 0)
        then = events.held_after(held, op, arg, given, self.shared.permits is not None)
        return self.held if then == held else {**self.held, shared: then}

    def _own_after(self):
        """The states of the worker's own locks after the next step."""
        lock = self.step.shared
        return {**self.own, lock: self.play((), 0)[0]} if lock in self.own else self.own

    # ---- the model

    def play(self, states: tuple, me: int) -> tuple[Any, Any]:
        """The next step in the model: its shared object's new state, and what the step gives or BLOCKED."""
        number, op, arg = self.step
        state = self.own[number] if number in self.own else states[number]
        if self.depth == self.tree.fault and op != "release":
            return state, Raised(events.InjectedFault, ())
        try:
            done = self.shared.model(state, me, op, arg)
        except Exception as error:  # noqa: BLE001 - the worker gets it, whatever it is
            return state, Raised(type(error), error.args)
        return (state, events.BLOCKED) if done is events.BLOCKED else done

    def moved(self, states: tuple, me: int) -> "tuple[Node, tuple] | None":
        """The node and the states of all shared objects after the next step; None where it is blocked.

        What follows from one state is played once, unless such states name processes.
        """
        number = self.step.shared
        is_own = number in self.own
        before = None if is_own else states[number]
        if (known := self._moves.get(before)) is None:
            state, given = self.play(states, me)
            if given is not events.BLOCKED and given not in self.branches:
                self.branches[given] = self.tree.grow(self, given)
            known = state, self.branches.get(given)
            if number not in self.tree.team.renamed:
                self._moves[before] = known
        state, node = known
        if node is None:
            return None
        if not is_own and state != before:
            states = (*states[:number], state, *states[number + 1 :])
        if node.end and self.tree.team.left:
            pairs = zip(self.tree.team.shared_objects, states, strict=True)
            states = tuple(shared.left(state, me) for shared, state in pairs)
        return node, states

    # ---- the way here

    def steps(self, most: int | None = None) -> list[tuple["Node", Any]]:
        """The last steps, at `most` so many, each with its result, the oldest first: pairs of a node and what it was given."""
        steps: list[tuple[Any, Any]] = []
        node: Any = self
        for _ in range(self.depth if most is None else min(most, self.depth)):
            steps.append((node.parent, node.given))
            node = node.parent
        return steps[::-1]

    def path(self) -> "list[Node]":
        """The nodes from the root to this one."""
        return [*(node for node, _ in self.steps()), self]

    def reports(self) -> list[tuple]:
        """What the worker was given and reported from its start to here: pairs."""
        return [(node.given, node.step or node.end) for node in self.path()]

    def differs(self) -> bool:
        """Whether the worker does other steps when it is walked again to here, and on as far as others have gone on."""
        known, node, passed = self.reports(), self, set()
        while node.branches and node not in passed:
            passed.add(node)
            given, node = next(iter(node.branches.items()))
            known.append((given, node.step or node.end))
        return self.tree.first_other(known) is not None

    def repeats(self, states: tuple, me: int) -> bool:
        """Whether the process goes through a loop that changes nothing, if nobody else moves."""
        now = states
        for node, before in self.steps(self.period):
            moved = node.moved(now, me) if node.play(now, me)[1] == before else None
            if moved is None:
                return False
            now = moved[1]
        return self.period > 0 and now == states

    @property
    def loop_words(self) -> str:
        """What it repeats."""
        return loop_words(node for node, _ in self.steps(self.period))

    def event(
        self, letter: str, start: int, end: int | None, seen: str = "", outcome: str = "open"
    ) -> events.Event:
        """The next step as an Event of the process `letter`."""
        number, op, arg = self.step
        identity = f"{letter}.{number.number}" if isinstance(number, Own) else f"{number}"
        text, name = events.asked(self.shared, op, arg, self.held.get(number, 0)), self.shared.name
        return events.Event(letter, self.depth, name, identity, op, start, end, text, seen, outcome)

    def as_events(self, letter: str) -> list[events.Event]:
        """The steps of the process `letter` so far, and the next one, still open; their times are no times."""
        done = [node.event(letter, 0, 0, "", outcome_of(given)) for node, given in self.steps()]
        return done if self.end else [*done, self.event(letter, 0, None)]


def loop_words(nodes: Iterable[Node]) -> str:
    """What a process does that goes through these nodes again and again."""
    steps = ", ".join(f"{node.step.op} {node.shared.name}" for node in nodes)
    return f"waits in a loop: while nobody else moves, it repeats {steps} without end"


def outcome_of(given: Any) -> str:
    """How a step came out that gave `given`, as an Event says it."""
    if isinstance(given, Raised):
        return "raised"
    return "refused" if given is False else "done"


class Tree:
    """All that is known of one worker with its packed arguments.

    With a `fault`, the number of a step, that step raises InjectedFault unless it is a release.
    """

    def __init__(self, team: "Team", worker: Any, packed: bytes, fault: int | None):
        self.team, self.worker, self.packed, self.fault = team, worker, packed, fault
        self.replayed = 0  # steps that were walked again
        self._args: tuple = ()  # arguments that no walk can change
        self._numbers = {id(shared): number for number, shared in enumerate(team.shared_objects)}
        self._why_not: str | None = None  # why nothing of it can be merged, once that was looked at
        self._nodes: dict[tuple, Node] = {}  # by what the worker can tell apart
        self.joined: list[Node] = []  # those in whose place one known before is used

    @cached_property
    def root(self) -> Node:
        """The worker at its first step."""
        return self.grow(None, None)

    def grow(self, node: Node | None, given: Any) -> Node:
        """Let the worker go on from `node` with the result `given`; None: let it begin."""
        results = [given]
        if node and node.walker:
            walker, node.walker = node.walker, None
        else:
            walker = walker_kind(self._begun, self._numbers, self.team.merges)
            if node:
                self.replayed += node.depth
                results = [*(known.given for known in node.path()), given]
        reported = walker.reports(results, looks=True)[-1]
        following = self._joined(Node(self, node, given, walker, reported), walker)
        raise_interrupt()
        return following

    def _joined(self, node, walker):
        """The known node with the same future, with the walker parked there if none is; else this one, which is known from now on."""
        key = None
        if self.team.merges:
            reason = self._why_not or (walker.state if isinstance(walker.state, str) else "")
            key = None if reason and node.step else node.told_apart(walker.state)
            self.team.history = self.team.history or (reason if node.step else "")
        known = self._nodes.get(key) if key else None
        if known is None:
            node.number = len(self.team.nodes)
            self.team.nodes.append(node)
            if key:
                self._nodes[key] = node
            elif node.step and node.depth > node.sure:
                self._note_loop(node)
            return node
        self.joined.append(node)
        node.branches, node.walker = known.branches, None
        if known.step and not known.walker:
            known.walker = walker
        else:
            walker.close()
        return known

    def _note_loop(self, node):
        """Set the node's `period` where its last steps came three times, and more rounds change nothing."""
        last = [(at.step, given) for at, given in node.steps(3 * _LONGEST_LOOP)]
        for length in range(1, len(last) // 3 + 1):
            part = last[-length:]
            if part[0][0] == node.step and last[-3 * length :] == 3 * part:
                is_a_try = any(step.op == "acquire" and given is False for step, given in part)
                if not is_a_try and self._stays(node, part):  # tries have a limit of their own
                    node.period = length
                return

    def _stays(self, node, part):
        """Whether the worker goes on with the steps of `part` as long as these give the same results."""
        steps, given = zip(*part, strict=True)
        rounds = zip(cycle(given), cycle([*steps[1:], steps[0]]), strict=False)
        self.replayed += node.depth
        count = self.first_other([*node.reports(), *islice(rounds, _MOST_ROUNDS)])
        if count is not None:
            node.sure = count - 1
        return count is None

    def first_other(self, known: list[tuple]) -> int | None:
        """How many steps a worker does as `known`, see `Walker.first_other`, when it is walked anew."""
        with closing(walker_kind(self._begun, self._numbers)) as walker:
            return walker.first_other(known)

    def _begun(self):
        """Worker and arguments for one walk from the start."""
        worlds.begin()
        worker = self.worker
        if isinstance(worker, check.WorkerFile):
            worker = child.load(*check.source(worker))
        args = self._args or child.unpack(self.packed, self.team.shared_objects)
        if all(isinstance(arg, _CONSTANT) for arg in args):  # else each walk gets its own
            self._args = args
        if self.team.merges and self._why_not is None:
            self._why_not = why_not(worker)
        return worker, args


class Team:
    """The processes of a model: one tree for all that have the same worker and arguments.

    `trees` holds each process's tree, in the order of the letters, `shared_objects` what they share, `nodes`
    all nodes by their numbers. `renamed` and `left` are the numbers of the shared objects whose states name
    processes, or change when one ends. With `merges`, places with equal futures are one node; `history` says why
    some, or all, are not. Trees grow inside `at_work()` only.
    """

    def __init__(self, members: list[tuple], fault: events.Fault | None, merges: bool = False):
        numbers: dict[events.SharedObject, int] = {}
        self.letters, self.fault = check.LETTERS[: len(members)], fault
        self.merges, self.history = merges, "" if merges else "as was asked for"
        packed = [pack(args, numbers) for _, args in members]
        check.names(numbers)
        self.shared_objects = list(numbers)
        numbered = enumerate(self.shared_objects)
        self.files: dict[int, Any] = {n: shared for n, shared in numbered if shared.is_file}
        self.renamed, self.left = self._with_own("renamed"), self._with_own("left")
        self.nodes: list[Node] = []
        index_of = {fault.process: fault.index} if fault else {}
        workers, faults = (worker for worker, _ in members), map(index_of.get, self.letters)
        # Those that are alike have one tree.
        self.trees = [*map(cache(partial(Tree, self)), workers, packed, faults)]

    def _with_own(self, method):
        """The numbers of the shared objects whose class has this method for itself."""
        usual, numbered = getattr(events.SharedObject, method), enumerate(self.shared_objects)
        return {n for n, shared in numbered if getattr(type(shared), method) is not usual}

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Workers may go on in here; none is left parked at the end, for it would belong to this thread."""
        with listening():
            # What is learned stays: the garbage collector would go through it again and again and find nothing.
            collects = gc.isenabled()
            gc.disable()
            try:
                yield
            finally:
                if collects:
                    gc.enable()
                for node in self.nodes:
                    if node.walker:
                        node.walker.close()
                        node.walker = None

    def start(self) -> tuple:
        """The states of the shared objects before the first step."""
        return tuple(shared.model_start() for shared in self.shared_objects)

    def values(self, states: tuple) -> dict[str, Any]:
        """What the files say in these states, by their names."""
        return {file.name: file.model_value(states[number]) for number, file in self.files.items()}

    def ways(self) -> list[Node]:
        """The ends of ways that use each known step: nodes from which none is known, and those that were joined to others."""
        leaves = [node for node in self.nodes if not node.branches]
        return leaves + [node for tree in dict.fromkeys(self.trees) for node in tree.joined]

    def pauses(self) -> dict[str, frozenset]:
        """By letter, the set of all sequences of pauses on a known way to the end."""
        ends = [node for node in self.nodes if node.end]
        ways = [(end.tree, tuple(p for at in end.path() for p in at.pauses)) for end in ends]
        pairs = zip(self.letters, self.trees, strict=True)
        return {letter: frozenset(w for of, w in ways if of is tree) for letter, tree in pairs}
