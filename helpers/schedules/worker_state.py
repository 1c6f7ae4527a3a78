"""What a worker at a step can still tell apart: where it stands, and the values that it may still read.

Two walks that stand at one instruction with equal values go on alike, whatever they did before. For example,

    for _ in range(times):          a step in line 3 has on the stack of values the place of the loop and the exit of
        with lock:                  the lock. Alive are lock, counter, times, `_` (the place of the loop), and from
            n = counter.read()      line 4 on n. So "n was 5 in round 2" is one state, by whatever way it came about;
            counter.write(n + 1)    when it stands at the acquire of the next round, n is dead: what was read is forgotten.

The state is read from the frames at the moment of the step. Where that is not safe, the reason is told, and the
worker is known by its history: a value that stands half-used in an expression, a loop over anything but a `range`, an
exception being handled, a generator, a value that is not plain, or changes under two names, and whatever outlives the call:
globals and attributes that are written.
"""

import builtins
import dis
import sys
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from functools import lru_cache
from types import BuiltinFunctionType, CodeType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any, NamedTuple

from helpers import events

_GENERATOR = 0x20 | 0x80 | 0x100 | 0x200  # flags of the code of generators and coroutines
_ENDS = {"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE", "JUMP_FORWARD"}
_ENDS |= {"JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"}
# Builtins through which a worker could keep something from one call to the next, or ask what no state has.
_UNSAFE = {"setattr", "delattr", "globals", "vars", "locals", "dir", "exec", "eval", "compile"}
_UNSAFE |= {"id", "hash", "open", "input", "next", "iter", "__import__"}
# Modules that keep nothing from one call to the next; of the clock, nobody's steps must depend on it.
_SAFE = {"contextlib", "helpers", "math", "operator", "sqlite3", "string", "time"}
_BARE = {"__module__", "__doc__", "__weakref__", "__static_attributes__", "__firstlineno__"}
_KEEPING = "__closure__", "__defaults__", "__kwdefaults__", "__dict__"  # of a function
_WRITING = "STORE_GLOBAL", "DELETE_GLOBAL", "STORE_ATTR", "DELETE_ATTR"
_PLAIN, _EXIT, _LOOP = "value", "exit", "loop"


class Unreadable(Exception):
    """Why a state cannot be read."""


# ---- of code: which variables are alive, and what lies on the stack of values, at each instruction


class _Place(NamedTuple):
    """An instruction at which a worker can stand while it calls something.

    `names` are the local names that count, sorted, `exits` the offsets of the exits of `with` blocks on the stack, `why_not`
    why the rest of the stack cannot be read. `called` is the name of what is called, "" in a `with` statement, None where there
    is none; `enters` is the offset of the exit that a `with` puts on the stack here.
    """

    names: list[str]
    exits: list[int]
    why_not: str
    called: str | None
    enters: int | None


class _Code:
    """What can be told of the instructions of `code`, by their offsets. Raises LookupError, TypeError or ValueError for unknown ones."""

    def __init__(self, code: CodeType):
        self.code = code
        self._all = [i for i in dis.get_instructions(code) if i.opname not in _PADDING]
        self._offsets = [instruction.offset for instruction in self._all]
        handled: Any = dis.Bytecode(code).exception_entries  # type: ignore[attr-defined]
        self._following = [[*self._following_of(n, handled)] for n in range(len(self._all))]
        self._stacks = self._all_stacks()
        self._alive = self._all_alive()
        # The loops over a range, by the offset of their GET_ITER: the names on which their place depends.
        self.loops = dict(self._all_loops())

    def _following_of(self, number, handled):
        """The instructions that may come next, each with whether by a jump.

        By an exception, it is instead the depth of the stack there and how much is pushed.
        """
        instruction = self._all[number]
        if instruction.opname not in _ENDS and number + 1 < len(self._all):
            yield number + 1, False
        if instruction.opcode in _JUMPS:
            yield bisect_left(self._offsets, instruction.argval), True
        for entry in handled:
            if entry.start <= instruction.offset < entry.end:
                yield bisect_left(self._offsets, entry.target), (entry.depth, 1 + entry.lasti)
                break

    def _all_stacks(self):
        """The stack before each instruction, as a tuple of pairs (kind, offset)."""
        stacks: dict[int, tuple] = {0: ()}
        reached = [0]
        for number in reached:  # more and more of them
            for to, how in self._following[number]:
                if to not in stacks:
                    stacks[to] = self._after(stacks[number], number, how)
                    reached.append(to)
        return stacks

    def _after(self, stack, number, how):
        """The stack after an instruction; `how` it goes on is told as in `_following_of`.

        Only a few of them touch the exit of a `with` or the place of a loop; of all others it is enough to know how
        much longer or shorter the stack gets.
        """
        if isinstance(how, tuple):
            depth, pushed = how
            return stack[:depth] + ((_PLAIN, 0),) * pushed
        name, arg, offset = self._all[number].opname, self._all[number].arg, self._offsets[number]
        if name == "GET_ITER":
            return (*stack[:-1], (_LOOP, offset))
        if name == "BEFORE_WITH":
            return (*stack[:-1], (_EXIT, offset), (_PLAIN, 0))
        if name == "LOAD_SPECIAL" and arg == 1:  # __exit__ and the lock itself, from 3.14 on
            return (*stack[:-1], (_EXIT, offset), (_EXIT, offset))
        if name == "SWAP":
            swapped = list(stack)
            swapped[-1], swapped[-arg] = swapped[-arg], swapped[-1]
            return tuple(swapped)
        more = dis.stack_effect(self._all[number].opcode, arg, jump=how)
        return stack[:more] if more < 0 else stack + ((_PLAIN, 0),) * more

    def _all_alive(self):
        """The names that may be read after each instruction is reached, before they are bound anew."""
        always = frozenset(self.code.co_cellvars + self.code.co_freevars)
        alive, before = [always] * len(self._all), None
        while alive != before:
            before = [*alive]
            for number in reversed(range(len(self._all))):
                read, bound = _names(self._all[number])
                after = always.union(*(alive[to] for to, _ in self._following[number]))
                alive[number] = after.difference(bound).union(read, always)
        return alive

    def _all_loops(self):
        """The loops over a range, by the offset of their GET_ITER."""
        jumps = {to for following in self._following for to, how in following if how}
        for number, instruction in enumerate(self._all):
            if instruction.opname != "GET_ITER" or number not in self._stacks:
                continue
            depth, first = len(self._stacks[number]) - 1, number - 1
            while len(self._stacks[first]) > depth:
                first -= 1
            start, *middle, end = self._all[first:number] * (2 if number - first == 1 else 1)
            is_plain = all(i.opname.startswith(_PLAIN_ARGUMENTS) for i in middle)
            is_plain &= (start.opname, start.argval, end.opname) == ("LOAD_GLOBAL", "range", "CALL")
            # Where a jump leads in between, the loop may be over something else.
            if not is_plain or not jumps.isdisjoint(range(first + 1, number + 1)):
                continue
            loop = _LOOP, instruction.offset
            inside = [at for at, stack in self._stacks.items() if loop in stack]
            variable = _names(self._all[number + 2])[1]
            names = {*variable, *(name for i in middle for name in _names(i)[0])}
            bound = [n for at in inside if at != number + 2 for n in _names(self._all[at])[1]]
            if len(variable) == 1 and names.isdisjoint(bound):
                yield instruction.offset, names

    def place(self, offset: int) -> _Place:
        """What can be told of the instruction at `offset`, or the one in whose cache that is."""
        number = bisect_right(self._offsets, offset) - 1
        name, before = self._all[number].opname, self._stacks[number]
        stack, called, enters, why_not = before[:-1], "", None, ""
        if name == "BEFORE_WITH":
            enters = self._offsets[number]
        elif name.startswith("CALL"):
            stack = self._after(before, number, False)[:-1]
            called, enters = self._called(number, len(stack))
            stack = stack[:-2] if enters is not None else stack
        else:
            why_not = "an operator or a loop takes a step"
        names, exits = set(self._alive[number]), []
        for kind, at in stack:
            if kind == _EXIT:
                exits.append(at)
            elif at in self.loops:
                names |= self.loops[at]
            else:
                why_not = "a value stands half-used, or a loop is over no range"
        return _Place(sorted(names), exits, why_not, called, enters)

    def _called(self, number, depth):
        """The name of what a CALL calls, as in a _Place; from 3.14 on it may enter a `with`: then the offset of the exit."""
        if self._stacks[number][depth][0] == _EXIT:
            return "", None
        at = number - 1
        while len(self._stacks.get(at, ())) > depth + 1 or self._all[at].opname in _SILENT:
            at -= 1
        # What is above the depth of a function and its self belongs to the arguments; this takes the function from an object.
        while self._all[at + 1].opname == "LOAD_ATTR" and len(self._stacks[at + 1]) == depth + 2:
            at += 1
        name, arg = self._all[at].opname, self._all[at].arg
        if name == "LOAD_SPECIAL" and arg == 0:
            return "", self._stacks[number][depth - 1][1]
        return (self._all[at].argval if name.startswith(_NAMING) else None), None


_JUMPS = {*dis.hasjrel, *dis.hasjabs}
_PLAIN_ARGUMENTS = "LOAD_FAST", "LOAD_CONST", "LOAD_SMALL", "LOAD_GLOBAL", "BINARY_OP", "PRECALL"
_PADDING = "CACHE", "EXTENDED_ARG"  # a jump to one leads to the next instruction
_SILENT = "PUSH_NULL", "PRECALL", "KW_NAMES"
_NAMING = "LOAD_ATTR", "LOAD_METHOD", "LOAD_GLOBAL", "LOAD_FAST", "LOAD_DEREF"


def _names(instruction):
    """The local names that an instruction reads, and those that it binds, each in its order."""
    name, value = instruction.opname, instruction.argval
    if name.startswith(("LOAD_FAST", "LOAD_DEREF")):
        return (value if isinstance(value, tuple) else (value,)), ()
    if name == "STORE_FAST_LOAD_FAST":
        return value[1:] if value[1] != value[0] else (), value[:1]
    if name.startswith(("STORE_FAST", "STORE_DEREF")):
        return (), (value if isinstance(value, tuple) else (value,))
    return ((value,), (value,)) if name == "DELETE_FAST" else ((), ())


_NOTHING = _Place([], [], "this Python's instructions are unknown", None, None)


_told = lru_cache(maxsize=1_000)(_Code)


@lru_cache(maxsize=10_000)
def place_at(code: CodeType, offset: int) -> _Place:
    """The place in `code` at which a frame stands whose last instruction is that at `offset`."""
    try:
        return _told(code).place(offset)
    except Exception:  # noqa: BLE001 - a later Python's instructions: no error of ours must become one of the worker
        return _NOTHING


# ---- of the functions that a worker can reach: whether something could outlive a call


def why_not(function: Any) -> str:
    """Why no state of a worker can be read, whatever it does; "" where it can."""
    try:
        _look_through(function, set())
    except Unreadable as reason:
        return str(reason)
    return ""


def _look_through(value, known):
    """Raise Unreadable where `value`, which a worker can reach by a name, could change, or is unknown."""
    if isinstance(value, MethodType):
        value = value.__func__
    if id(value) in known or is_ours(getattr(value, "__module__", "")):
        return
    known.add(id(value))
    if isinstance(value, FunctionType):
        cells = [cell.cell_contents for cell in value.__closure__ or ()]
        defaults = [*(value.__defaults__ or ()), *(value.__kwdefaults__ or {}).values()]
        names, own = _names_of(value.__code__), value.__globals__
        if "range" in names and "range" in own:
            raise Unreadable("range is not Python's")
        found = [own.get(name, getattr(builtins, name, None)) for name in names]
        for reached in (*cells, *defaults, *found):
            _look_through(reached, known)
    elif isinstance(value, type):
        is_own = value.__module__.partition(".")[0] not in sys.stdlib_module_names
        if is_own and not (issubclass(value, BaseException) and set(vars(value)) <= _BARE):
            raise Unreadable(f"a class of its own, {value.__name__}, may keep something")
    elif isinstance(value, ModuleType):
        if value.__name__.partition(".")[0] not in _SAFE:
            raise Unreadable(f"the module {value.__name__} may keep something")
    else:
        plain(value, id, None)


@lru_cache(maxsize=1_000)
def _names_of(code):
    """The global names that `code`, and what is written inside it, reads. Raises Unreadable where it writes one, or is a generator."""
    if code.co_flags & _GENERATOR:
        raise Unreadable("a generator keeps its place")
    found, before = set(), None
    for instruction in dis.get_instructions(code):
        name, value = instruction.opname, instruction.argval
        if name in _WRITING:
            raise Unreadable(f"{value} is written, which outlives the call")
        if name.startswith(("LOAD_ATTR", "LOAD_METHOD")) and value.startswith("__"):
            raise Unreadable(f"{value} may give what outlives the call")
        if name in ("STORE_DEREF", "DELETE_DEREF") and value in code.co_freevars:
            raise Unreadable(f"{value} is written, which belongs to the function around it")
        if name == "IMPORT_NAME" and value.partition(".")[0] not in _SAFE:
            raise Unreadable(f"the module {value} may keep something")
        if name == "LOAD_BUILD_CLASS" or (name == "IS_OP" and before.opname != "LOAD_CONST"):
            raise Unreadable("which object a value is may count")
        before = instruction
        if name in ("LOAD_GLOBAL", "LOAD_NAME"):
            found.add(value)
    inner = [_names_of(part) for part in code.co_consts if isinstance(part, CodeType)]
    return sorted(found.union(*inner))


@lru_cache(maxsize=1_000)
def is_ours(module: str | None) -> bool:
    """Whether a module is one of the course's, whose functions keep nothing but what their steps tell."""
    name = module or ""
    return name.startswith("helpers.") and not name.startswith("helpers.workers.")


# ---- of a worker that stands at a step


class Entered:
    """Which lock each `with` of a worker is in: its shared object's number, by frame and by the exit on the stack."""

    def __init__(self):
        self._locks: list[tuple] = []

    def note(self, frame: Any, op: str, number: Any) -> None:
        """A step of a lock, which was asked for in `frame` or a frame of its own that called it."""
        while is_ours(frame.f_globals.get("__name__", "")):
            if frame.f_back is None:  # the lock's own method is the worker
                return
            frame = frame.f_back
        if op == "acquire":
            if (enters := place_at(frame.f_code, frame.f_lasti).enters) is not None:
                self._locks.append((id(frame), enters, number))
        elif known := [at for at in self._locks if (at[0], at[2]) == (id(frame), number)]:
            self._locks.remove(known[-1])

    def lock(self, frame: FrameType, exit_at: int) -> Any:
        """The number of the lock whose exit a `with` put on the stack of `frame`. Raises Unreadable."""
        for of_frame, at, number in reversed(self._locks):
            if (of_frame, at) == (id(frame), exit_at):
                return number
        raise Unreadable("a with block may keep something")


def state_of(frame: Any, end: CodeType, number_of: Callable, entered: Entered) -> tuple | str:
    """What a worker can still tell apart, which stands at the step that was announced in `frame`; or why it cannot be read.

    `end` is the code that called the worker, `number_of(shared)` what tells shared objects apart.
    """
    seen: set[int] = set()
    parts, called = [], None
    try:
        while frame.f_code is not end:
            values = frame.f_locals
            if is_ours(frame.f_globals.get("__name__", "")):
                names, locks = sorted(values), ()
            else:
                names, locks = _readable(frame, called, entered)
            bound = (name for name in names if name in values)
            known = tuple((name, plain(values[name], number_of, seen)) for name in bound)
            parts.append((frame.f_code, frame.f_lasti, locks, known))
            called, frame = frame, frame.f_back
    except Exception as reason:  # noqa: BLE001 - an error of ours must not become one of the worker
        return f"{reason} (line {frame.f_lineno})"
    return tuple(parts)


def _readable(frame, called, entered):
    """The names that count in a frame of the worker, sorted, and the locks whose `with` blocks it is in. Raises Unreadable."""
    _names_of(frame.f_code)
    place = place_at(frame.f_code, frame.f_lasti)
    if place.why_not:
        raise Unreadable(place.why_not)
    if called and not _is_called_directly(frame, place.called, called):
        raise Unreadable("something else calls what takes a step")
    return place.names, tuple(entered.lock(frame, at) for at in place.exits)


def _is_called_directly(frame, name, called):
    """Whether the frame `called` runs what a call by that name means, and not something that C code, say, called in between."""
    code = called.f_code
    if name == "":
        return is_ours(called.f_globals.get("__name__", ""))
    value = frame.f_locals.get(name, frame.f_globals.get(name))
    function = getattr(value, "__func__", value)
    return code.co_name == name or getattr(function, "__code__", None) is code


def plain(value: Any, number_of: Callable, seen: set[int] | None) -> Any:
    """`value` as something hashable that is equal where a worker cannot tell the difference. Raises Unreadable.

    Lists and dicts must not be `seen` twice, as a change by one name would show by the other; with None, not at all.
    A set is no plain value: which of its members comes first depends on how it came about.
    """
    kind = type(value)
    if kind in (int, str, bool, bytes) or value is None:
        return kind, value
    if kind in (float, complex, range):
        return kind, repr(value)
    if isinstance(value, events.SharedObject):
        return "shared", number_of(value)
    if kind in (list, dict):
        if seen is None or id(value) in seen:
            names = "two names" if seen else "a name outside of the call"
            raise Unreadable(f"a value that may be changed has {names}")
        seen.add(id(value))
    if kind in (list, tuple, frozenset, dict):
        parts = value.items() if kind is dict else value
        return kind, tuple(plain(part, number_of, seen) for part in parts)
    if kind is FunctionType and not any(getattr(value, name) for name in _KEEPING):
        return kind, value.__code__
    if kind is MethodType and is_ours(value.__func__.__module__):
        return value.__func__, plain(value.__self__, number_of, seen)
    if kind is BuiltinFunctionType and value.__name__ in _UNSAFE:
        raise Unreadable(f"{value.__name__}() may keep something")
    is_free = kind is BuiltinFunctionType and isinstance(value.__self__, ModuleType | None)
    if is_free or (kind is type and value.__module__ in sys.stdlib_module_names):
        return kind, value
    raise Unreadable(f"a {kind.__name__} is no plain value")
