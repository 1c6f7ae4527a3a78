"""What processes share: the Thing, and the words that its records are made of."""

from collections import namedtuple


def stamp(process, count, content):
    """`content` with the unique id of a process's `count`th write in front, of fixed width to 9999.

    It stands in front so that it tears as the content does: `B.0009 9` written over `A.0010 10`
    leaves `B.0009 90`, an id that is known with a number that was not written.
    """
    return f"{process}.{count:04} {content}"


START_ID = "-.0000"


def split_stamp(text):
    """The id in front of `text` and the number behind it; None in place of what is no number."""
    key, _, digits = text.partition(" ")
    return key, int(digits) if digits.removeprefix("-").isdecimal() else None


def counted(number, word):
    """A number and its word, as in "1 process" and "4 processes"."""
    return f"{number} {word if number == 1 else word + ('es' if word.endswith('s') else 's')}"


NO_CONDITION = "the model cannot follow a multiprocessing.Condition, because a notify is no step: try it in real processes, with lab.run"
BLOCKED = object()  # what an attempt or a model gives for a step that has to wait
WRITING = ("write", "fill", "add", "swap")  # the operations that leave a number, or a text, behind


class Fault(namedtuple("Fault", "process index")):
    """An exception in place of step `index` of a process; a release is never replaced."""

    __slots__ = ()


class InjectedFault(RuntimeError):
    """What a Fault raises."""

    def __init__(self, text="an injected fault"):
        super().__init__(text)


class Thing:
    """Something that processes share, a resource or a lock: its operations are steps.

    Each operation is stated twice. `do(op, arg)` carries one step out and gives its result and the
    text to record. `model(state, me, op, arg)` gives the new state and the result of the same step
    in memory, or BLOCKED, or raises what `do` would raise; states are plain and hashable, `me` is the
    number of the process. A thing given to a run is a description; `bind` gives the copy that the
    processes inherit.
    """

    name = identity = ""
    ending = ()  # the operations that may let others go on
    kind = None  # the account that judges it; None for locks (see resources.Shared)
    is_reentrant = False  # a lock that its holder may take again
    is_freed_at_death = False  # a lock that the system frees when its holder dies
    permits = None  # of a semaphore: how many permits it has, which anybody may give back

    def do(self, op, arg):
        raise NotImplementedError

    def attempt(self, op, arg):
        """The same without waiting: BLOCKED where the step has to wait for somebody else."""
        return self.do(op, arg)

    def model(self, state, me, op, arg):
        raise NotImplementedError

    def model_start(self):
        """The state before the first step."""
        raise NotImplementedError

    def left(self, state, me):
        """`state` after process number `me` has ended."""
        return state

    def renamed(self, state, places):
        """`state` after process number i got the number places[i]."""
        return state

    def bind(self, context):
        """A copy for one set of processes."""
        bound = object.__new__(type(self))
        bound.__dict__.update(self.__dict__)
        return bound

    def with_bound(self, bound):
        """This bound copy, made to use the other ones: `bound` gives each thing's. Most use none."""
        return self

    def enter(self, folder):
        """Use the files in `folder` from now on: those of the next trial."""

    def leave(self):
        """Let go what ends with the process: its worker has ended, and it lives on for the next trial."""

    def clear(self):
        """Take away what a trial has put outside its folder."""

    def as_argument(self):
        """What a worker gets where this was given."""
        return self


class Inherited(Thing):
    """Any other object that children get only as `Process(args=...)` hands it on: a real lock, a Value, a queue.

    Two of the same object are equal.
    """

    def __init__(self, value):
        self._value = value

    def __eq__(self, other):
        return isinstance(other, Inherited) and other._value is self._value

    def __hash__(self):
        return id(self._value)

    def bind(self, context):
        return self

    def as_argument(self):
        return self._value


def may_give_up(block, timeout):
    """Whether an acquire with these arguments answers False at last where the lock stays held."""
    return not block or timeout is not None


def asked(thing, op, arg, depth):
    """The text of a step's argument; for an acquire, "try" where it may give up.

    Else "of 2" where the thing is a semaphore with two permits, and "again" where the process holds it already,
    `depth` times, and it may not be taken twice.
    """
    if op != "acquire":
        return "" if arg is None else str(arg)
    if may_give_up(*arg):
        return "try"
    if thing.permits is not None:
        return f"of {thing.permits}"
    return "again" if depth and not thing.is_reentrant else ""


def permits_of(event):
    """How many permits there are, where an event is the acquire of a semaphore that waits as long as it takes; else None."""
    is_semaphore = event.op == "acquire" and event.arg.startswith("of ")
    return int(event.arg.removeprefix("of ")) if is_semaphore else None


def held_after(held, op, arg, given, has_permits=False):
    """How often a process holds a thing after a step that gave `given`, where it held it `held` times.

    A transaction that was begun but has touched nothing yet holds nothing: it counts as -1. With `has_permits` the
    thing is a semaphore: below 0 is who has given back more permits than it took.
    """
    if op in ("acquire", "release"):
        is_given = op == "release" and (held > 0 or has_permits)
        return held + (op == "acquire" and given is True) - is_given
    if op == "begin":
        return 1 if arg == "IMMEDIATE" else -1
    return 0 if op in ("commit", "rollback") else abs(held)
