"""The Tape that the steps of one process are recorded on: a mapped file, one slot for each step.

A slot is opened before its step is done and closed after. Another process can read the tape at any
moment, also when the writer is blocked or dead.
"""

import mmap
import struct
import time
from _thread import _count as threads
from collections import namedtuple
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from helpers.events.steps import Any, Event, Pause, SharedObject

OPS = (
    *("read", "write", "empty", "fill", "acquire", "release"),
    *("add", "swap", "begin", "commit", "rollback", "grant"),
)
OUTCOMES = ("open", "done", "refused", "raised")
OTHERS = "others"  # name and identity of all shared objects beyond the 63rd


class ProcessState(
    namedtuple("ProcessState", "counter wanted name is_again touched held strays taken")
):
    """Where one process stands at one look.

    `counter` is that of its tape. `wanted` and `name` are the identity (or None) and the name of the lock
    that it waits for without a limit, `is_again` says that it held that one already and cannot get it. `touched`
    is the identity of the shared object in its open step. `held` are the identities that it holds, `strays` those that it
    released without holding them. `taken` has each semaphore that it used, by identity: how many permits there are, and
    how many of them it took more than it gave back.
    """

    __slots__ = ()


NO_STATE = ProcessState(0, None, "", False, None, frozenset(), frozenset(), {})

# How a step is written, so that the tape is true whenever the writer is killed. Process A, with four steps behind it,
# takes a lock: its counter is 8, slot 4 is empty, the lock is shared object 1 on this tape, its mark is 0.
#
#   1. slot 4 gets the start and the word "shared object 1, acquire, open"
#   2. the counter becomes 9: odd, so slot 4 counts as an open step
#   3. the real acquire, which may wait
#   4. the lock's mark becomes 1
#   5. slot 4 gets the end, then the word "shared object 1, acquire, done"
#   6. the counter becomes 10: five steps are finished
#
# `Tape.recorder` makes one function of it, with all that it needs in its own variables: a lock calls it directly, and
# it costs what the same lines cost in the lock. Each number is one aligned store, which nobody sees in halves. Killed
# before 2, A has not done the step, and none is read; from 2 to 5 it is read as open, behind 5 as done, for a reader
# believes the word. A release clears the mark between 2 and 3. So a marked lock is always held; killed between 3 and
# 4, A takes along a lock that no mark shows: `analysis.find_stuck` finds out by what the others do not hold.

_COUNTER, _SHARED_COUNT, _NOTED, _THREADED, _DROPPED = range(5)  # words of the header
_MOST_SHARED = 64
_MARKS = 8 * (_DROPPED + _MOST_SHARED * len(OPS))
_NAMES = _MARKS + 2 * _MOST_SHARED
_NAME = struct.Struct("40s20sI")  # name, identity, 0 or the permits of a semaphore + 1
_SLOT = struct.Struct("QQQ24s40s")  # start, end, word, arg, seen
# start, end, seconds, steps begun, a bit for each shared object held
_NOTE = struct.Struct("QQdQQ")
_FIRST = (_NAMES + _MOST_SHARED * _NAME.size) // 8  # the first slot, in words of 8 bytes
_WIDTH = _SLOT.size // 8
_ARG, _SEEN = (24, "24s"), (48, "40s")
# The word of a slot: the number of a shared object, the code of an operation, and an outcome.
_CODES = {op: code << 16 for code, op in enumerate(OPS)}
_OPEN, _DONE, _REFUSED, _RAISED = (code << 32 for code in range(len(OUTCOMES)))
# A mark: how many times a shared object is held, and whether it was released without being held.
_DEPTH, _STRAY = 0x7FFF, 0x8000
_EVEN = 0x4000  # the mark of a semaphore of which as many permits were taken as given back
_now = time.perf_counter_ns
# A shared object, by its mark: how often it is held (`count`), and whether a stray release was. `permits`: None, no semaphore.
_Use = namedtuple("_Use", "name identity permits count is_stray")


def _first_note(slots):
    """The byte at which the notes begin, behind the slots. One slot more serves the open step on a full tape, one note more its pauses."""
    return 8 * (_FIRST + (slots + 1) * _WIDTH)


class Tape:
    """The steps of one process, readable by another while they happen.

    The counter at its start is twice the number of finished steps, plus one while a step is under
    way. `marks` holds, for each shared object, how many times this process holds it. That of a semaphore counts
    from `_EVEN`, for a process may give back more permits than it took. One thread at a
    time may take steps: two at once would write into one slot. A mark does not say which thread holds the
    lock, so before each wait for one the tape notes whether the worker has more than one: `threads` is the
    number of threads of the process when the trial began.
    """

    def __init__(self, path, slots=None):
        """Map the tape at `path`; with `slots`, write the file first, in full, for as many steps and pauses.

        Raises OSError where the disk has no room: better here than in mid-run.
        """
        if slots is not None:
            with open(path, "wb") as file:
                file.write(bytes(8 * _FIRST + (slots + 1) * (_SLOT.size + _NOTE.size)))
        with open(path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)
        self._words = memoryview(self._map).cast("Q")
        self.marks = memoryview(self._map)[_MARKS:_NAMES].cast("H")
        self._capacity = (len(self._map) - 8 * _FIRST) // (_SLOT.size + _NOTE.size) - 1
        self.threads = threads()
        self._numbers = {}
        self._known = []

    def close(self) -> None:
        """Unmap the file, so that Windows lets it be deleted."""
        self._words.release()
        self.marks.release()
        self._map.close()

    def reset(self) -> None:
        """Forget all steps and holds: the next trial starts on an empty tape. Shared objects keep their numbers."""
        used = _first_note(min(self.counter // 2, self._capacity))
        first, noted = _first_note(self._capacity), min(self._words[_NOTED], self._capacity)
        self._map[first : first + noted * _NOTE.size] = bytes(noted * _NOTE.size)
        self._words[_COUNTER] = self._words[_NOTED] = self._words[_THREADED] = 0
        self.threads = threads()
        self._map[8 * _DROPPED : _NAMES] = bytes(_NAMES - 8 * _DROPPED)
        self._map[8 * _FIRST : used] = bytes(used - 8 * _FIRST)
        for number, (_, _, permits) in enumerate(self._shared_objects()):
            self.marks[number] = 0 if permits is None else _EVEN

    def number(self, shared: SharedObject) -> int:
        """The number of a shared object on this tape; its name and identity are written down when it is first used.

        There is room for 63; all further ones share a number and a name.
        """
        number = self._numbers.get(shared.identity)
        if number is None:
            number = self._numbers[shared.identity] = min(len(self._numbers), _MOST_SHARED - 1)
            permits = 0 if shared.permits is None else shared.permits + 1
            reported = shared.name.encode()[:40], shared.identity.encode()[:20], permits
            if number == _MOST_SHARED - 1:
                reported = OTHERS.encode(), OTHERS.encode(), 0
            _NAME.pack_into(self._map, _NAMES + number * _NAME.size, *reported)
            if reported[2]:
                self.marks[number] = _EVEN
            self._words[_SHARED_COUNT] = number + 1
        return number

    @property
    def is_threaded(self) -> bool:
        """Whether the worker had more than one thread when it asked for some lock."""
        return self._words[_THREADED] == 1

    def note_threads(self) -> None:
        """Note, before a lock is asked for, whether the worker has more than one thread now."""
        if threads() != self.threads:
            self._words[_THREADED] = 1

    def depth(self, number: int) -> int:
        """How many times the worker's one thread holds shared object `number`; 0 where it has more than one."""
        return 0 if self.is_threaded else self.marks[number] & _DEPTH

    def recorder(self, shared: SharedObject, op: str, do: Callable[..., Any]) -> Callable[..., Any]:
        """A function of `args`, a tuple, and a text: it does `do(*args)` as a step, and gives its result.

        The text says what was asked for (24 bytes of it are kept). `do` gives the result, or a pair of it and the
        text that it saw (40 bytes). Without `args`, the short way of locks, `do()` gives the result.
        """
        number = self.number(shared)
        return self._recorder(number, number | _CODES[op], do, op == "acquire", op == "release")

    def _recorder(self, number, word, do, is_acquire, is_release):
        words, marks, capacity = self._words, self.marks, self._capacity
        done, refused, raised = word | _DONE, word | _REFUSED, word | _RAISED

        def record(args=(), arg=""):
            counter = words[_COUNTER]
            index = counter >> 1
            is_full = index >= capacity
            at = _FIRST + (capacity if is_full else index) * _WIDTH
            if arg:
                self._write(at, _ARG, arg)
            words[at] = _now()
            words[at + 2] = word
            words[_COUNTER] = counter + 1
            if is_release:
                held = marks[number]
                marks[number] = held - 1 if held & _DEPTH else _STRAY
            last = done
            try:
                result = self._result(at, do(*args)) if args else do()
                if result is False:
                    last = refused
                elif is_acquire:
                    marks[number] += 1
                return result
            except BaseException as error:
                last = raised
                self._write(at, _SEEN, type(error).__name__)
                if is_release:
                    marks[number] = held
                raise
            finally:
                words[at + 1] = _now()
                words[at + 2] = last
                if is_full:
                    self._drop(at)
                words[_COUNTER] = counter + 2

        return record

    def _result(self, at, given):
        """The result among what a step gave; the text beside it is written down."""
        if type(given) is not tuple:
            return given
        self._write(at, _SEEN, given[1])
        return given[0]

    def _write(self, at, part, text):
        offset, form = part
        struct.pack_into(form, self._map, 8 * at + offset, text.encode())  # cut off, or filled up

    def _drop(self, at):
        """Count the step in the slot at word `at`, the spare one, as dropped, and clear it."""
        word = self._words[at + 2]
        self._words[_DROPPED + (word & 0xFFFF) * len(OPS) + (word >> 16 & 0xFFFF)] += 1
        self._map[8 * at : 8 * (at + _WIDTH)] = bytes(_SLOT.size)

    @contextmanager
    def pausing(self, seconds: float) -> Iterator[None]:
        """Note that a pause of `seconds` begins, and ends."""
        # Nothing stands between these lines, so that two threads never get one number.
        number = self._words[_NOTED]
        self._words[_NOTED] = number + 1
        at = _first_note(self._capacity) + min(number, self._capacity) * _NOTE.size
        bits = sum(1 << place for place, use in enumerate(self._uses()) if use.count > 0)
        begun = self.counter + 1 >> 1
        _NOTE.pack_into(self._map, at, time.perf_counter_ns(), 0, seconds, begun, bits)
        try:
            yield
        finally:
            self._words[at // 8 + 1] = time.perf_counter_ns()

    @property
    def counter(self) -> int:
        """Twice the number of finished steps, plus one while a step is under way."""
        return self._words[_COUNTER]

    def events(self, process: str) -> list[Event]:
        """All steps so far of the process called `process`, the open one last."""
        counter = self.counter
        finished = min(counter // 2, self._capacity)
        slots = self._map[8 * _FIRST : 8 * (_FIRST + (finished + counter % 2) * _WIDTH)]
        shared_objects, found = self._shared_objects(), []
        for place, (start, end, word, *texts) in enumerate(_SLOT.iter_unpack(slots)):
            index = place if place < finished else counter // 2
            name, identity, _ = shared_objects[word & 0xFFFF]
            op, outcome = OPS[word >> 16 & 0xFFFF], word >> 32
            what = process, index, name, identity, op, start, end if outcome else None
            found.append(Event._make((*what, *map(_text, texts), OUTCOMES[outcome])))
        return found

    def dropped(self) -> dict[tuple[str, str], int]:
        """How many finished steps found no slot: a dict by (shared object, operation), empty where all did."""
        return {
            (name, op): count
            for number, (name, _, _) in enumerate(self._shared_objects())
            for code, op in enumerate(OPS)
            if (count := self._words[_DROPPED + number * len(OPS) + code])
        }

    def pauses(self, process: str) -> list[Pause]:
        """All pauses so far of the process called `process`, in their order."""
        first = _first_note(self._capacity)
        count = min(self._words[_NOTED], self._capacity)
        notes = self._map[first : first + count * _NOTE.size]
        names, found = [name for name, _, _ in self._shared_objects()], []
        for start, end, seconds, index, bits in _NOTE.iter_unpack(notes):
            held = sorted(name for number, name in enumerate(names) if bits >> number & 1)
            if start:  # else killed in between
                found.append(Pause(process, index, seconds, tuple(held), start, end or None))
        return found

    def dropped_pauses(self) -> int:
        """How many pauses found no room."""
        return max(self._words[_NOTED] - self._capacity, 0)

    def held(self) -> tuple[str, ...]:
        """The names of the shared objects that this process holds, by its marks."""
        return tuple(use.name for use in self._uses() if use.count > 0)

    def kept(self) -> tuple[str, ...]:
        """The names of those that nobody else may give back: of all that it holds, what is no permit."""
        return tuple(use.name for use in self._uses() if use.permits is None and use.count > 0)

    def state(self) -> ProcessState:
        """Where the process stands now, a ProcessState; of one that is on its way, only the counter."""
        counter = self.counter
        name, identity, waits, arg = "", None, False, b""
        if counter % 2:
            at = 8 * (_FIRST + min(counter // 2, self._capacity) * _WIDTH)
            _, _, word, arg, _ = _SLOT.unpack_from(self._map, at)
            name, identity, _ = self._shared_objects()[word & 0xFFFF]
            waits = OPS[word >> 16 & 0xFFFF] == "acquire"
        uses = list(self._uses())
        held = {use.identity for use in uses if use.count > 0}
        strays = {use.identity for use in uses if use.is_stray}
        taken = {use.identity: (use.permits, use.count) for use in uses if use.permits is not None}
        if self._words[_SHARED_COUNT] == _MOST_SHARED:  # a stray release may hide among the others
            strays.add(OTHERS)
        if counter != self.counter:
            return NO_STATE._replace(counter=counter, strays=strays, taken=taken)
        # Of several threads, another one may hold what this one waits for, and release it.
        text = _text(arg) if waits else ""
        wanted = identity if waits and text != "try" and not self.is_threaded else None
        return ProcessState(counter, wanted, name, text == "again", identity, held, strays, taken)

    def _uses(self):
        """The _Use of each shared object so far."""
        for known, mark in zip(self._shared_objects(), self.marks, strict=False):
            if known[-1] is None:
                yield _Use(*known, mark & _DEPTH, mark & _STRAY)
            else:
                yield _Use(*known, mark - _EVEN, 0)

    def _shared_objects(self):
        """Name, identity and permits (None: no semaphore) of all shared objects so far; what is written down never changes."""
        for number in range(len(self._known), self._words[_SHARED_COUNT]):
            name, identity, permits = _NAME.unpack_from(self._map, _NAMES + number * _NAME.size)
            self._known.append((_text(name), _text(identity), permits - 1 if permits else None))
        return self._known


def _text(field):
    return field.rstrip(b"\0").decode(errors="replace")
