"""The Event, and the Tape that it is recorded on: a mapped file, one slot for each step.

A slot is opened before its step is done and closed after. Another process can read the tape at any
moment, also when the writer is blocked or dead.
"""

import mmap
import struct
import time
from _thread import _count as threads
from collections import namedtuple

OPS = (
    *("read", "write", "empty", "fill", "acquire", "release"),
    *("add", "swap", "begin", "commit", "rollback", "grant"),
)
OP_CODE = {op: code for code, op in enumerate(OPS)}
OUTCOMES = ("open", "done", "refused", "raised")
OPEN, DONE, REFUSED, RAISED = range(len(OUTCOMES))


# Not typing.NamedTuple: every spawned child would pay for importing typing.
Event = namedtuple("Event", "process index thing identity op start end arg seen outcome")
Event.__doc__ = """One step of one process.

`process` is its letter, `index` counts its steps from 0. `thing` is the name of the resource or
lock; `identity` tells two things of one name apart. `start` and `end` are nanoseconds of the
machine's performance counter; `end` is None where the step was still open. `arg` is what the worker
asked for (of an acquire: "try" where it may give up, "of 2" where two permits are all there are, "again" where
it holds the lock already and cannot get it), `seen` what the step found or left there, both as text. `outcome` is "open", "done",
"refused" (a try that answered False, as for a lock that was held) or "raised".
"""


Stand = namedtuple("Stand", "counter wanted name is_again touched held strays taken")
Stand.__doc__ = """Where one process stands at one look.

`counter` is that of its tape. `wanted` and `name` are the identity (or None) and the name of the lock
that it waits for without a limit, `is_again` says that it held that one already and cannot get it. `touched`
is the identity of the thing in its open step. `held` are the identities that it holds, `strays` those that it
released without holding them. `taken` has each semaphore that it met, by identity: how many permits there are, and
how many of them it took more than it gave back.
"""
NO_STAND = Stand(0, None, "", False, None, frozenset(), frozenset(), {})
OTHERS = "others"  # name and identity of all things beyond the 63rd

Pause = namedtuple("Pause", "process index seconds held start end")
Pause.__doc__ = """One pause that a process asked for. It is no step.

`index` is the number of steps that `process` had begun before it, `seconds` the length that was asked
for, `held` the names of the locks that the process held then, sorted. `start` and `end` are stamps as
in an Event; `end` is None where the pause was cut off.
"""

COUNTER, _CAPACITY, _THING_COUNT, _NOTED, _THREADED, _DROPPED = range(6)  # words of the header
_THINGS = 64
_MARKS = 8 * (_DROPPED + _THINGS * len(OPS))
_NAMES = _MARKS + 2 * _THINGS
_NAME = struct.Struct("40s20sI")  # name, identity, 0 or the permits of a semaphore + 1
# A slot, in words of 8 bytes: start, end, what (thing, operation, outcome), arg, seen.
DEPTH = 0x7FFF  # the part of a mark that says how many times a thing is held
STRAY = 0x8000  # the part that says that it was released without being held
_EVEN = 0x4000  # the mark of a semaphore of which as many permits were taken as given back
FIRST_SLOT = (_NAMES + _THINGS * _NAME.size) // 8
SLOT_WORDS = 11
_ARG, _SEEN = slice(24, 48), slice(48, 88)
# A note of a pause: start, end, seconds, steps begun, and a bit for each thing that is held.
_NOTE = struct.Struct("QQdQQ")


def what(thing, op, outcome):
    """The word of a slot that says what was done: a thing's number, an operation's code, an outcome."""
    return thing | op << 16 | outcome << 32


def tape_bytes(slots):
    """Size in bytes of a tape for `slots` steps and as many pauses.

    One slot more serves the open step when the tape is full.
    """
    return _first_note(slots) + slots * _NOTE.size


def _first_note(slots):
    """The byte at which the notes begin, behind the slots."""
    return 8 * (FIRST_SLOT + (slots + 1) * SLOT_WORDS)


class Tape:
    """The steps of one process, readable by another while they happen.

    The counter at its start is twice the number of finished steps, plus one while a step is under
    way. `marks` holds, for each thing, how many times this process holds it: set after the real
    acquire and cleared before the real release, so a marked hold is always a real one. That of a semaphore counts
    from `_EVEN`, for a process may give back more permits than it took. One thread at a
    time may take steps: two at once would write into one slot. A mark does not say which thread holds the
    lock, so before each wait for one the tape notes whether the worker has more than one: `threads` is the
    number of threads of the process when the trial began.
    """

    def __init__(self, path, slots=None):
        """Map the tape at `path`; with `slots`, write the file first, in full.

        Raises OSError where the disk has no room: better here than in mid-run.
        """
        if slots is not None:
            with open(path, "wb") as file:
                file.write(bytes(tape_bytes(slots)))
        with open(path, "r+b") as file:
            self._map = mmap.mmap(file.fileno(), 0)
        self.words = memoryview(self._map).cast("Q")
        self.marks = memoryview(self._map)[_MARKS:_NAMES].cast("H")
        if slots is not None:
            self.words[_CAPACITY] = slots
        self.capacity = self.words[_CAPACITY]
        self.threads = threads()
        self._numbers = {}
        self._known = []

    def close(self):
        """Unmap the file, so that Windows lets it be deleted."""
        self.words.release()
        self.marks.release()
        self._map.close()

    def reset(self):
        """Forget all steps and holds: the next trial starts on an empty tape. Things keep their numbers."""
        used = _first_note(min(self.counter // 2, self.capacity))
        first, noted = _first_note(self.capacity), min(self.words[_NOTED], self.capacity)
        self._map[first : first + noted * _NOTE.size] = bytes(noted * _NOTE.size)
        self.words[COUNTER] = self.words[_NOTED] = self.words[_THREADED] = 0
        self.threads = threads()
        self._map[8 * _DROPPED : _NAMES] = bytes(_NAMES - 8 * _DROPPED)
        self._map[8 * FIRST_SLOT : used] = bytes(used - 8 * FIRST_SLOT)
        for number in range(self.words[_THING_COUNT]):
            self._begin_mark(number)

    def number(self, thing):
        """The number of a thing on this tape; its name and identity are written down when first met.

        There is room for 63; all further ones share a number and a name.
        """
        number = self._numbers.get(thing.identity)
        if number is None:
            number = self._numbers[thing.identity] = min(len(self._numbers), _THINGS - 1)
            permits = 0 if thing.permits is None else thing.permits + 1
            told = thing.name.encode()[:40], thing.identity.encode()[:20], permits
            if number == _THINGS - 1:
                told = OTHERS.encode(), OTHERS.encode(), 0
            _NAME.pack_into(self._map, _NAMES + number * _NAME.size, *told)
            self._begin_mark(number)
            self.words[_THING_COUNT] = number + 1
        return number

    def _begin_mark(self, number):
        if self._thing(number)[2] is not None:
            self.marks[number] = _EVEN

    @property
    def is_threaded(self):
        """Whether the worker had more than one thread when it asked for some lock."""
        return self.words[_THREADED] == 1

    def note_threads(self):
        """Note, before a lock is asked for, whether the worker has more than one thread now."""
        if threads() != self.threads:
            self.words[_THREADED] = 1

    def depth(self, number):
        """How many times the worker's one thread holds thing `number`; 0 where it has more than one."""
        return 0 if self.is_threaded else self.marks[number] & DEPTH

    def open_step(self, number, op, arg=b""):
        """Announce a step on thing `number`: `op` is its code, `arg` at most 24 bytes."""
        at = self._slot(self.counter)
        self._write(at, _ARG, arg)
        self.words[at + 2] = what(number, op, OPEN)
        self.words[at] = time.perf_counter_ns()
        self.words[COUNTER] += 1

    def close_step(self, outcome, seen=b""):
        """Record how the open step ended; `seen` at most 40 bytes."""
        at = self._slot(self.counter)
        self.words[at + 1] = time.perf_counter_ns()
        self._write(at, _SEEN, seen)
        self.words[at + 2] |= what(0, 0, outcome)
        self.count_dropped(at)
        self.words[COUNTER] += 1

    def fail_step(self, error):
        """Record that the open step raised `error`."""
        self.close_step(RAISED, type(error).__name__.encode())

    def count_dropped(self, at):
        """Where the slot at word `at` is the spare one, count its step as dropped and clear it."""
        if at == FIRST_SLOT + self.capacity * SLOT_WORDS:
            done = self.words[at + 2]
            self.words[_DROPPED + (done & 0xFFFF) * len(OPS) + (done >> 16 & 0xFFFF)] += 1
            self._map[8 * at : 8 * (at + SLOT_WORDS)] = bytes(8 * SLOT_WORDS)

    def open_pause(self, seconds, is_instant=False):
        """Note that a pause of `seconds` begins, or begins and ends: what `close_pause` needs."""
        # Nothing stands between these lines, so that two threads never get one number.
        number = self.words[_NOTED]
        self.words[_NOTED] = number + 1
        if number >= self.capacity:
            return None
        at = _first_note(self.capacity) + number * _NOTE.size
        held = sum(1 << thing for thing in self._held())
        start = time.perf_counter_ns()
        _NOTE.pack_into(
            self._map, at, start, start * is_instant, seconds, self.counter + 1 >> 1, held
        )
        return at

    def close_pause(self, at):
        """Note that the pause is over."""
        if at is not None:
            self.words[at // 8 + 1] = time.perf_counter_ns()

    def _marks(self):
        return self.marks[: self.words[_THING_COUNT]].tolist()

    def _held(self):
        """The numbers of the things that this process holds, by its marks."""
        return [
            number
            for number, mark in enumerate(self._marks())
            if _is_held(mark, self._thing(number)[2])
        ]

    def _slot(self, counter):
        return FIRST_SLOT + min(counter >> 1, self.capacity) * SLOT_WORDS

    def _write(self, at, part, data):
        width = part.stop - part.start
        start = 8 * at + part.start
        self._map[start : start + width] = data[:width].ljust(width, b"\0")

    @property
    def counter(self):
        """Twice the number of finished steps, plus one while a step is under way."""
        return self.words[COUNTER]

    def dropped(self):
        """How many finished steps found no slot: a dict by (thing, operation), empty where all did."""
        if self.counter // 2 <= self.capacity:
            return {}
        counts = self.words[_DROPPED : _DROPPED + self.words[_THING_COUNT] * len(OPS)]
        places = [divmod(place, len(OPS)) for place in range(len(counts))]
        return {
            (self._thing(number)[0], OPS[op]): count
            for (number, op), count in zip(places, counts, strict=True)
            if count
        }

    def events(self, process):
        """All steps so far of the process called `process`, the open one last."""
        counter = self.counter
        finished = min(counter // 2, self.capacity)
        things = [self._thing(number) for number in range(self.words[_THING_COUNT])]
        slots = [self._event(process, index, index, things) for index in range(finished)]
        if counter % 2:
            slots.append(self._event(process, counter // 2, finished, things))
        return slots

    def pauses(self, process):
        """All pauses so far of the process called `process`, in their order."""
        first = _first_note(self.capacity)
        count = min(self.words[_NOTED], self.capacity)
        notes = _NOTE.iter_unpack(self._map[first : first + count * _NOTE.size])
        return [self._pause(process, *note) for note in notes if note[0]]  # 0: killed in between

    def _pause(self, process, start, end, seconds, index, bits):
        numbers = range(self.words[_THING_COUNT])
        held = sorted(self._thing(number)[0] for number in numbers if bits >> number & 1)
        return Pause(process, index, seconds, tuple(held), start, end or None)

    def dropped_pauses(self):
        """How many pauses found no room."""
        return max(self.words[_NOTED] - self.capacity, 0)

    def held(self):
        """The names of the things that this process holds, by its marks."""
        return tuple(self._thing(number)[0] for number in self._held())

    def kept(self):
        """The names of those that nobody else may give back: of all that it holds, what is no permit."""
        return tuple(self._thing(n)[0] for n in self._held() if self._thing(n)[2] is None)

    def stand(self):
        """Where the process stands now, a Stand; of one that is on its way, only the counter."""
        counter = self.counter
        name, identity, waits, arg = "", None, False, ""
        if counter % 2:
            at = self._slot(counter)
            done = self.words[at + 2]
            name, identity, _ = self._thing(done & 0xFFFF)
            waits = done >> 16 & 0xFFFF == OP_CODE["acquire"]
            arg = self._read(at, _ARG) if waits else ""
        held, strays, taken = set(), set(), {}
        for number, mark in enumerate(self._marks()):
            _, thing, permits = self._thing(number)
            if _is_held(mark, permits):
                held.add(thing)
            if permits is not None:
                taken[thing] = permits, mark - _EVEN
            elif mark & STRAY:
                strays.add(thing)
        if self.words[_THING_COUNT] == _THINGS:  # a stray release may hide among the others
            strays.add(OTHERS)
        if counter != self.counter:
            return NO_STAND._replace(counter=counter, strays=strays, taken=taken)
        # Of several threads, another one may hold what this one waits for, and release it.
        wanted = identity if waits and arg != "try" and not self.is_threaded else None
        return Stand(counter, wanted, name, arg == "again", identity, held, strays, taken)

    def _thing(self, number):
        """Name and identity of thing `number`, and the permits of a semaphore or None; a thing never changes its number."""
        while number >= len(self._known):
            at = _NAMES + len(self._known) * _NAME.size
            name, identity, permits = _NAME.unpack_from(self._map, at)
            self._known.append((_text(name), _text(identity), permits - 1 if permits else None))
        return self._known[number]

    def _event(self, process, index, slot, things):
        at = FIRST_SLOT + slot * SLOT_WORDS
        start, end, done = self.words[at : at + 3]
        outcome = done >> 32
        return Event(
            process,
            index,
            *things[done & 0xFFFF][:2],
            OPS[done >> 16 & 0xFFFF],
            start,
            None if outcome == OPEN else end,
            self._read(at, _ARG),
            self._read(at, _SEEN),
            OUTCOMES[outcome],
        )

    def _read(self, at, part):
        return _text(self._map[8 * at + part.start : 8 * at + part.stop])


def _is_held(mark, permits):
    """Whether a mark says that its thing is held; `permits` are those of a semaphore, None of any other thing."""
    return mark & DEPTH if permits is None else mark > _EVEN


def _text(field):
    return field.rstrip(b"\0").decode(errors="replace")
