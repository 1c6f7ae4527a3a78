"""A worker in a greenlet: each step that it announces switches to whoever explores."""

import sys
import threading
from contextlib import contextmanager, suppress
from typing import NamedTuple

from greenlet import getcurrent, greenlet

from helpers import events
from helpers.lab.interrupts import interrupts_noted

_MOST_REFUSALS_TO_END = 100
_LONG = 2**20  # seconds: a longer wait may be refused by the plain lock, so it is told


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


class Walker(greenlet):
    """One greenlet in which the worker runs from step to step."""

    def __init__(self, worker, args, numbers):
        super().__init__()
        self._worker, self._args, self._numbers = worker, args, numbers
        self._own = {}
        self._closing = 0
        self.line = self.thing = None
        self.pauses = []  # seconds of each since the last step

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
        self.parent, self.pauses = getcurrent(), []
        return self.switch(given)

    def close(self):
        """End the worker: whatever it does on its way out, no step is done any more."""
        if not self.dead:
            self.parent = getcurrent()
            self._closing = 1
            with suppress(KeyboardInterrupt):  # noted: it is raised when all are closed
                self.throw(_Closed)

    def announce(self, thing, op, arg):
        """Called in the worker's greenlet: tell the step, wait for its result."""
        if self._closing:
            self._refuse()
        number = self._number(thing)
        self.line, self.thing = self._line(), thing
        given = self.parent.switch(Step(number, op, _timeless(op, arg)))
        if isinstance(given, Raised):
            raise given.kind(*given.args)
        return given

    def name(self, number):
        """The name of a lock that the worker made itself."""
        return next(thing.name for own, thing in self._own.values() if own == number)

    def _refuse(self):
        self._closing += 1
        if self._closing > _MOST_REFUSALS_TO_END:  # it swallows them: let it stand here for good
            self.parent.switch()
        raise _Closed

    def _number(self, thing):
        number = self._numbers.get(id(thing))
        if number is not None:
            return number
        if thing.is_file:
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


def _timeless(op, arg):
    """The argument of a step without the length of a wait, which may be reckoned from a clock: the model has none."""
    is_wait = op == "acquire" and isinstance(arg, tuple) and isinstance(arg[1], float)
    return (arg[0], 0.0) if is_wait and 0 <= arg[1] < _LONG else arg


class _Modelled:
    """The hearer while workers run in greenlets; steps of any other code go where they went before."""

    lock_tape = take_turn = None

    def __init__(self, before):
        self._before = before
        self.name = before.name
        self.elsewhere = set()  # ids of things that other code took steps on meanwhile

    @property
    def in_model(self):
        return isinstance(getcurrent(), Walker)

    def step(self, thing, op, arg=None):
        walker = getcurrent()
        if isinstance(walker, Walker):
            return walker.announce(thing, op, arg)
        self.elsewhere.add(id(thing))
        return self._before.step(thing, op, arg)

    def pause(self, seconds):
        walker = getcurrent()
        if isinstance(walker, Walker):
            walker.pauses.append(seconds)
        else:
            self._before.pause(seconds)

    def sleep(self, seconds):
        if not isinstance(getcurrent(), Walker):
            self._before.sleep(seconds)


def stepped_elsewhere(things):
    """Whether other code than workers in greenlets, such as a thread of theirs, took steps on `things`."""
    return not events.hearer.elsewhere.isdisjoint(map(id, things))


_guard = threading.Lock()
_listeners = []
_noted = []  # for each `listening` under way, the interrupts that have come


@contextmanager
def listening():
    """Hear the steps of workers in greenlets, whatever other threads explore meanwhile.

    An interrupt that comes meanwhile comes out as KeyboardInterrupt, also where a worker takes it for its own
    (see `raise_interrupt`). One that a worker raises itself is another matter: it ends that worker.
    """
    with interrupts_noted(lambda: isinstance(getcurrent(), Walker)) as noted:
        _noted.append(noted)
        with _guard:
            if not _listeners:
                events.hearer = _Modelled(events.hearer)
            _listeners.append(True)
        try:
            yield
        finally:
            _noted.remove(noted)
            with _guard:
                _listeners.pop()
                if not _listeners:
                    events.hearer = events.hearer._before


def raise_interrupt():
    """Raise KeyboardInterrupt where one came that a worker may have swallowed: for after each piece of work."""
    is_main = threading.current_thread() is threading.main_thread()
    if is_main and any(_noted):
        raise KeyboardInterrupt
