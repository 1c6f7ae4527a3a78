"""The observed Lock and RLock: real multiprocessing locks that stamp the tape of the process.

They stamp after the real acquire and before the real release, so that two holds of one lock never
overlap on a timeline.
"""

import itertools
import multiprocessing
import os
import sys
import time

from helpers import events
from helpers.events import tape as tapes
from helpers.refused import explained

_ACQUIRE_OPEN, _ACQUIRE_DONE, _RELEASE_OPEN, _RELEASE_DONE = (
    tapes.what(0, tapes.OP_CODE[op], outcome)
    for op in ("acquire", "release")
    for outcome in (tapes.OPEN, tapes.DONE)
)
_ACQUIRE = tapes.OP_CODE["acquire"]
_DEPTH, _STRAY = tapes.DEPTH, tapes.STRAY
_FIRST, _WIDTH, _COUNTER = tapes.FIRST_SLOT, tapes.SLOT_WORDS, tapes.COUNTER
_now, _threads = time.perf_counter_ns, events.threads
_count = itertools.count(1)
_USUAL = 2**20  # seconds: no shorter timeout is refused by any system
_NO_TIME = 2**63  # seconds: Linux refuses to wait that long, or longer, once it has to wait


class Lock(events.Thing):
    """A multiprocessing.Lock that records who waits and who holds. Errors are those of the plain one.

    acquire and release write their slot of the tape out by hand: the calls of the general way cost
    more than the lock itself.
    """

    _plain = "Lock"
    ending = ("release",)

    def __init__(self, name="lock"):
        self.name = name
        self._make(_home())

    def _make(self, context):
        self._real = self._made(context)
        self._maker, self._serial = os.getpid(), next(_count)
        self._tape = self._number = None

    @property
    def identity(self):
        """What tells it from every other lock: who made it, and its number there."""
        return f"{self._maker}.{self._serial}"

    @property
    def _semlock(self):
        """What a multiprocessing.Condition asks for the owner. Raises RuntimeError in a model."""
        if events.hearer.in_model:
            raise RuntimeError(events.NO_CONDITION)
        return self._real._semlock

    def _made(self, context):
        """The real lock underneath, for processes of `context`."""
        permits = () if self.permits is None else (self.permits,)
        with explained("lock"):
            return getattr(context, self._plain)(*permits)

    def acquire(self, block=True, timeout=None):
        """Wait for the lock and take it: True. Without blocking or with a timeout: False if it was held."""
        tape = events.hearer.lock_tape
        if tape is None:
            return events.hearer.step(self, "acquire", (block, timeout))
        number = self._number if self._tape is tape else self._meet(tape)
        if _threads() != tape.threads:
            tape.note_threads()
        if (
            block is not True
            or timeout is not None
            or (tape.marks[number] and not self.is_reentrant)
        ):
            return self._acquire_slowly(tape, number, block, timeout)
        words = tape.words
        counter = words[_COUNTER]
        index = counter >> 1
        full = index >= tape.capacity
        at = _FIRST + (tape.capacity if full else index) * _WIDTH
        words[at] = _now()
        words[at + 2] = number | _ACQUIRE_OPEN
        words[_COUNTER] = counter + 1
        try:
            self._take()
        except BaseException as error:
            tape.fail_step(error)
            raise
        tape.marks[number] += 1
        words[at + 1] = _now()
        words[at + 2] = number | _ACQUIRE_DONE
        if full:
            tape.count_dropped(at)
        words[_COUNTER] = counter + 2
        return True

    def release(self):
        """Give the lock back; what the plain lock raises is raised here too."""
        tape = events.hearer.lock_tape
        if tape is None:
            return events.hearer.step(self, "release")
        number = self._number if self._tape is tape else self._meet(tape)
        words, marks = tape.words, tape.marks
        counter = words[_COUNTER]
        index = counter >> 1
        full = index >= tape.capacity
        at = _FIRST + (tape.capacity if full else index) * _WIDTH
        held = marks[number]
        words[at] = _now()
        words[at + 2] = number | _RELEASE_OPEN
        words[_COUNTER] = counter + 1
        marks[number] = held - 1 if held & _DEPTH else _STRAY
        try:
            self._give()
        except BaseException as error:
            marks[number] = held
            tape.fail_step(error)
            raise
        words[at + 1] = _now()
        words[at + 2] = number | _RELEASE_DONE
        if full:
            tape.count_dropped(at)
        words[_COUNTER] = counter + 2

    __enter__ = acquire

    def __exit__(self, *exc_info):
        self.release()

    def _acquire_slowly(self, tape, number, block, timeout):
        """An acquire that may give up, or for which this process would have to wait for itself."""
        text = events.asked(self, "acquire", (block, timeout), tape.depth(number))
        tape.open_step(number, _ACQUIRE, text.encode())
        try:
            taken, _ = self.do("acquire", (block, timeout))
        except BaseException as error:
            tape.fail_step(error)
            raise
        if taken:
            tape.marks[number] += 1
        tape.close_step(tapes.DONE if taken else tapes.REFUSED)
        return taken

    def __getattr__(self, attribute):
        # What else the plain lock has on this Python, such as locked() from 3.14 on.
        if attribute.startswith("_"):
            raise AttributeError(attribute)
        return getattr(self._real, attribute)

    def __repr__(self):
        return f"<{self.name}: {self._real!r}>"

    def do(self, op, arg):
        """Carry out one step for real: its result, and nothing more to record."""
        if op == "acquire":
            return self._real.acquire(*arg), ""
        return self._real.release(), ""

    def attempt(self, op, arg):
        if op != "acquire":
            return self.do(op, arg)
        if not self.do(op, (False, None))[0]:
            answer = self._answer_when_held(*arg)
            return answer if answer is events.BLOCKED else (answer, "")
        if not _is_usual(*arg):  # it need not wait: let the lock itself judge what it was given
            self.do("release", None)
            return self.do(op, arg)
        return True, ""

    def _answer_when_held(self, block, timeout):
        return answer_when_held(block, timeout)

    def model_start(self):
        return None

    def model(self, state, me, op, arg):
        """None while it is free, else True: like the real one, it may be released by anybody."""
        if op == "acquire":
            return modelled(
                state, answer_when_held(*arg) if state else answer_when_free(*arg), True
            )
        if state is None:
            raise ValueError("semaphore or lock released too many times")
        return None, None

    def bind(self, context):
        """A fresh lock of the same name, that processes of `context` can inherit."""
        bound = super().bind(context)
        bound._make(context)
        return bound

    def _meet(self, tape):
        self._tape, self._number = tape, tape.number(self)
        self._take, self._give = self._real.acquire, self._real.release
        return self._number


class RLock(Lock):
    """A multiprocessing.RLock that records who waits and who holds. Its owner may take it again."""

    _plain = "RLock"
    is_reentrant = True

    def model(self, state, me, op, arg):
        """None while it is free, else its owner and how many times that one has acquired it."""
        owner, depth = state or (me, 0)
        if op == "acquire":
            if owner != me:
                return modelled(state, answer_when_held(*arg))
            answer = answer_when_free(*arg, is_owned=depth > 0)
            return modelled(state, answer, (me, depth + 1))
        if owner != me or not depth:
            raise AssertionError("attempt to release recursive lock not owned by thread")
        return (me, depth - 1) if depth > 1 else None, None

    def renamed(self, state, places):
        return state and (places[state[0]], state[1])


class Semaphore(Lock):
    """A multiprocessing.Semaphore that records who waits and who is inside: as many at once as it has `permits`.

    Anybody may give a permit back, also who has taken none; nobody can tell then whose it was.
    """

    _plain = "Semaphore"

    def __init__(self, permits=1, name="semaphore"):
        self.permits = permits
        super().__init__(name)

    def clear(self):
        """Have as many permits again as at first, whatever a trial took along or gave too many."""
        while self._real.acquire(False):
            pass
        for _ in range(self.permits):
            self._real.release()

    def model_start(self):
        return self.permits

    def model(self, state, me, op, arg):
        """The number of free permits."""
        if op == "release":
            return state + 1, None
        answer = answer_when_free(*arg) if state else answer_when_held(*arg)
        return modelled(state, answer, state - 1)


class GivenLock(Lock):
    """A lock that somebody else has made, such as a Manager's, which records who waits and who holds."""

    def __init__(self, real, name="lock"):
        self._given = real
        super().__init__(name)

    def _made(self, _):
        return self._given


def _home():
    """The context of a lock that no run has bound: one that every start method can inherit.

    A process that may have no children makes one whose name is gone at once: killed, it would leave it behind.
    """
    has_fork = "fork" in multiprocessing.get_all_start_methods()
    is_childless = multiprocessing.current_process().daemon
    return multiprocessing.get_context("fork" if is_childless and has_fork else "spawn")


def modelled(state, answer, taken=None):
    """What a model gives for an acquire that gets this answer; `taken` is the state after True."""
    return answer if answer is events.BLOCKED else (taken if answer else state, answer)


def answer_when_free(block, timeout, is_owned=False):
    """What a plain lock answers that nobody else holds: True. Raises what it raises.

    With `is_owned`, what an RLock answers that the caller holds already: it looks at no timeout.
    """
    if _is_usual(block, timeout):
        return True
    probe = _home().RLock() if is_owned else _home().Lock()
    if is_owned:
        probe.acquire()
    return probe.acquire(block, timeout)


def answer_when_held(block, timeout):
    """What a plain lock answers that somebody else holds: False, or BLOCKED for ever. Raises what it raises."""
    if not _is_usual(block, timeout):
        probe = _home().Lock()
        probe.acquire(block, timeout)
        if sys.platform == "linux" and block and timeout is not None and not timeout < _NO_TIME:
            probe.acquire(block, timeout)  # raises: it is held by now
    return False if events.may_give_up(block, timeout) else events.BLOCKED


def _is_usual(block, timeout):
    """Whether every plain lock takes these arguments of an acquire."""
    is_time = timeout is None or (isinstance(timeout, (int, float)) and abs(timeout) < _USUAL)
    return isinstance(block, bool) and is_time
