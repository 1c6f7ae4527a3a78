"""A step: the SharedObject that it is taken on, what is recorded of it, and who hears it.

Who hears a step decides how the worker runs: nobody, at full speed, or turn by turn.
"""

import time
from collections import namedtuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any
else:
    Any = object  # every spawned child would pay for importing typing


class Event(namedtuple("Event", "process index shared identity op start end arg seen outcome")):
    """One step of one process.

    `process` is its letter, `index` counts its steps from 0. `shared` is the name of the resource or
    lock; `identity` tells two shared objects of one name apart. `start` and `end` are nanoseconds of the
    machine's performance counter; `end` is None where the step was still open. `arg` is what the worker
    asked for (of an acquire: "try" where it may give up, "of 2" where two permits are all there are, "again" where
    it holds the lock already and cannot get it), `seen` what the step found or left there, both as text. `outcome` is "open", "done",
    "refused" (a try that answered False, as for a lock that was held) or "raised".
    """

    __slots__ = ()


class Pause(namedtuple("Pause", "process index seconds held start end")):
    """One pause that a process asked for. It is no step.

    `index` is the number of steps that `process` had begun before it, `seconds` the length that was asked
    for, `held` the names of the locks that the process held then, sorted. `start` and `end` are stamps as
    in an Event; `end` is None where the pause was cut off.
    """

    __slots__ = ()


NO_CONDITION = "the model cannot follow a multiprocessing.Condition, because notify is not a step: try it in real processes, with lab.run"
BLOCKED: Any = object()  # what an attempt or a model gives for a step that has to wait
WRITING = ("write", "fill", "add", "swap")  # the operations that leave a number, or a text, behind


class Fault(namedtuple("Fault", "process index")):
    """An exception in place of step `index` of a process; a release is never replaced."""

    __slots__ = ()


class InjectedFault(RuntimeError):
    """What a Fault raises."""

    def __init__(self, text="an injected fault"):
        super().__init__(text)


class SharedObject:
    """Something that processes share, a resource or a lock: its operations are steps.

    Each operation is stated twice. `do(op, arg)` carries one step out and gives its result and the
    text to record. `model(state, me, op, arg)` gives the new state and the result of the same step
    in memory, or BLOCKED, or raises what `do` would raise; states are plain and hashable, `me` is the
    number of the process. A shared object given to a run is a description; `bind` gives the copy that the
    processes inherit.

    A lock is acquired and released: what tells one kind of lock from another is `is_reentrant`, `is_freed_at_death`
    and `permits`. A resource is read and changed, lies in a file and is judged: `resources.Shared` says what
    it offers besides.
    """

    name = identity = ""
    is_file = False  # a resource: it lies in a file and is judged
    is_reentrant = False  # a lock that its holder may take again
    is_freed_at_death = False  # a lock that the system frees when its holder dies
    permits: Any = None  # of a semaphore: how many there are; anybody may give one back

    def do(self, op: str, arg: Any) -> tuple[Any, str]:
        raise NotImplementedError

    def attempt(self, op: str, arg: Any) -> tuple[Any, str]:
        """What `do` gives, or BLOCKED, at once, where the step has to wait for somebody else."""
        return self.do(op, arg)

    def model(self, state: Any, me: int, op: str, arg: Any) -> tuple[Any, Any]:
        raise NotImplementedError

    def model_start(self) -> Any:
        """The state before the first step."""
        raise NotImplementedError

    def left(self, state: Any, me: int) -> Any:
        """`state` after process number `me` has ended."""
        return state

    def renamed(self, state: Any, places: list[int]) -> Any:
        """`state` after process number i got the number places[i]."""
        return state

    def text_start(self) -> Any:
        """The text that a resource begins with; nothing for a lock."""
        return ""

    def bind(self, context: Any) -> Any:
        """A copy for one set of processes."""
        bound = object.__new__(type(self))
        bound.__dict__.update(self.__dict__)
        return bound

    def with_bound(self, bound: dict) -> "SharedObject":
        """This bound copy, made to use the other ones: `bound` gives each shared object's. Most use none."""
        return self

    def enter(self, folder: str) -> None:
        """Use the files in `folder` from now on: those of the next trial."""

    def prepare(self) -> None:
        """Put there what a trial begins with."""

    def leave(self) -> None:
        """Let go what ends with the process: its worker has ended, and it lives on for the next trial."""

    def clear(self) -> None:
        """Take away what a trial has put outside its folder."""

    def as_argument(self) -> Any:
        """What a worker gets where this was given."""
        return self


class Inherited(SharedObject):
    """Any other object that children get only as `Process(args=...)` hands it on: a real lock, a Value, a queue.

    Two of the same object are equal.
    """

    def __init__(self, value):
        self._value = value

    def __eq__(self, other):
        return isinstance(other, Inherited) and other._value is self._value

    def __hash__(self):
        return id(self._value)

    def bind(self, context: Any) -> Any:
        return self

    def as_argument(self) -> Any:
        return self._value


# ---- what a step's text says of it


def may_give_up(block: Any, timeout: Any) -> bool:
    """Whether an acquire with these arguments answers False at last where the lock stays held."""
    return not block or timeout is not None


def asked(shared: SharedObject, op: str, arg: Any, depth: int) -> str:
    """The text of a step's argument; for an acquire, "try" where it may give up.

    Else "of 2" where the shared object is a semaphore with two permits, and "again" where the process holds it already,
    `depth` times, and it may not be taken twice.
    """
    if op != "acquire":
        return "" if arg is None else str(arg)
    if may_give_up(*arg):
        return "try"
    if shared.permits is not None:
        return f"of {shared.permits}"
    return "again" if depth and not shared.is_reentrant else ""


def permits_of(event: Event) -> int | None:
    """How many permits there are, where an event is the acquire of a semaphore that waits as long as it takes; else None."""
    is_semaphore = event.op == "acquire" and event.arg.startswith("of ")
    return int(event.arg.removeprefix("of ")) if is_semaphore else None


def held_after(held: int, op: str, arg: Any, given: Any, has_permits: bool = False) -> int:
    """How often a process holds a shared object after a step that gave `given`, where it held it `held` times.

    A transaction that was begun but has touched nothing yet holds nothing: it counts as -1. With `has_permits` the
    shared object is a semaphore: below 0 is who has given back more permits than it took.
    """
    if op in ("acquire", "release"):
        is_given = op == "release" and (held > 0 or has_permits)
        return held + (op == "acquire" and given is True) - is_given
    if op == "begin":
        return 1 if arg == "IMMEDIATE" else -1
    return 0 if op in ("commit", "rollback") else abs(held)


# ---- who hears it


class Unobserved:
    """Does each step and records nothing: for a resource used in a cell."""

    name = "-"
    take_turn: Any = None  # what waits for this process's turn; None where there are no turns
    in_model = False  # whether the worker runs in memory
    lock_tape: Any = None  # where a lock records its own steps, or None: then it must announce them

    def step(self, shared: SharedObject, op: str, arg: Any = None) -> Any:
        """Do `op` on `shared`: its result."""
        return shared.do(op, arg)[0]

    def pause(self, seconds: float) -> None:
        """Let `seconds` go by between two steps."""
        self.sleep(seconds)

    def sleep(self, seconds: float) -> None:
        """Let `seconds` go by that the worker did not ask for: no note."""
        time.sleep(seconds)


class Free(Unobserved):
    """Does each step at full speed and records it on the process's tape.

    With a `fault`, the number of a step, that step raises InjectedFault instead.
    """

    def __init__(self, name, tape, fault=None):
        self.name = name
        self.tape = tape
        self.lock_tape = tape if fault is None else None
        self._fault = fault

    def step(self, shared: SharedObject, op: str, arg: Any = None) -> Any:
        """Do `op` on `shared`, give its result; what it raises is recorded and raised again."""
        tape = self.tape
        tape.note_threads()
        text = asked(shared, op, arg, tape.depth(tape.number(shared)))
        return tape.recorder(shared, op, self._do)((shared, op, arg), text)

    def _do(self, shared, op, arg):
        if self.tape.counter >> 1 == self._fault and op != "release":
            raise InjectedFault
        return self._done(shared, op, arg)

    def _done(self, shared, op, arg):
        return shared.do(op, arg)

    def pause(self, seconds: float) -> None:
        """Sleep for `seconds`, and note it on the tape."""
        with self.tape.pausing(seconds):
            self.sleep(seconds)


class Stepped(Free):
    """Does each step when the conductor gives this process its turn; pauses take no time.

    `take_turn(word)` says "at" before each step, or "blocked" where the turn came and
    the step has to wait, and comes back with the next turn.
    """

    def __init__(self, name, tape, take_turn, fault=None):
        super().__init__(name, tape, fault)
        self.lock_tape = None
        self.take_turn = take_turn

    def step(self, shared: SharedObject, op: str, arg: Any = None) -> Any:
        """Do `op` on `shared` in the process's next turn."""
        self.take_turn("at")
        return super().step(shared, op, arg)

    def _done(self, shared, op, arg):
        while (done := shared.attempt(op, arg)) is BLOCKED:
            self.take_turn("blocked")
        return done

    def sleep(self, seconds: float) -> None:
        """Do nothing: what takes time at full speed takes turns here."""
