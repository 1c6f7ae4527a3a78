"""A worker that runs from step to step: each step that it announces is told to whoever explores, who gives its result.

There are two kinds of walkers. One parks the worker in a greenlet at each step (`greenlets`). The one in
here needs nothing but Python: it runs the worker again from its start for each new step, gives it the same results as
before, and breaks it off at the first step that it has no result for. For example, after the results None and 0 a
worker that reads and writes was begun twice: once until its read, once until its write, with 0 for what it read.
"""

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, tee
from typing import Any, NamedTuple

from helpers import child, events
from helpers.lab.interrupts import interrupts_noted
from helpers.schedules.worker_state import Entered, Unreadable, state_of

_MOST_REFUSALS = 100  # steps that a worker may still ask for on its way out
_TOOL = 4  # of those that sys.monitoring knows, one that no debugger or profiler claims
_LONG = 2**20  # seconds: a longer wait may be refused by the plain lock, so it is told


class Step(NamedTuple):
    """What a worker announces: the number of a shared object (or an Own), operation, argument."""

    shared: Any
    op: str
    arg: Any


class Own(NamedTuple):
    """A lock that the worker made itself: the one with this `number`. No other process can reach it."""

    number: int


class Raised(NamedTuple):
    """A step's result that is an exception."""

    kind: type
    args: tuple


class End(NamedTuple):
    """How a worker ended: the error as text, "" for none."""

    error: str


class Closed(BaseException):
    """Ends a worker that is not needed any more."""


class Walker:
    """A worker that runs from step to step. `begin()` gives worker and arguments; `numbers` has those of the shared objects, by id.

    `shared_objects` are those it has taken steps on, by number, `pauses` the seconds of each pause since the step
    before. Of the step under way, where `reports` was to look: `line` is the worker's line, None where it is in no function
    of its own; `state`, if the walker `reads` it, what the worker can still tell apart, or the reason (a str) why that
    cannot be told.
    """

    _go_on: Callable[[], None]  # let the worker run until it has to wait for a result, or ends
    _wait: Callable[[], None]  # come back when there are further results
    _break_out: Callable[[], None]  # end a worker that swallows all that is raised

    def __init__(self, begin: Callable[[], tuple], numbers: dict[int, int], reads: bool = False):
        self._begin, self._numbers, self._reads = begin, numbers, reads

    def _make_new(self):
        self._closing = 0
        self._worker, self._args = self._begin()
        self._own: dict[int, Own] = {}
        self.shared_objects: dict[Any, events.SharedObject] = {}
        self.pauses: list[float] = []
        self._entered = Entered()
        self.line: int | None = None
        self.state: Any = None

    def reports(self, results: Iterable, looks: bool = False) -> list[Step | End]:
        """The Steps, the last of them perhaps the End, that follow when its steps give these `results` (None: it begins).

        With `looks` the last one is looked at, too.
        """
        self._reported: list[Step | End] = []
        self._results, self._looks = iter(results), looks
        self._running(self._go_on)
        return self._reported

    def first_other(self, expected: list[tuple]) -> int | None:
        """How many steps a new worker does as `expected`; None where it does all of them.

        `expected` has pairs: what the worker is given, and the Step, or an End of any kind, that should follow.
        """
        last = len(self.reports(self._as_long_as(expected))) - 1
        return None if _is_as(self._reported[last], expected[last][1]) else last

    def _as_long_as(self, expected):
        """What the worker is given, as long as it does as `expected`."""
        for given, wanted in expected:
            yield given
            if not _is_as(self._reported[-1], wanted):
                return

    def _running(self, run: Callable, *args: Any) -> None:
        """Do `run(*args)`; the steps meanwhile in this thread are those of this walker's worker."""
        before, _of_thread.walker = _of_thread.walker, self
        try:
            run(*args)
        finally:
            _of_thread.walker = before

    def close(self) -> None:
        """End the worker: whatever it does on its way out, no step is done any more."""

    def _work(self):
        next(self._results)  # None: it begins
        try:
            self._worker(*self._args)
            end = End("")
        except Closed:
            return
        except BaseException as error:  # noqa: BLE001 - SystemExit too: it ends a process
            end = End(f"{type(error).__name__}: {error}".removesuffix(": "))
        if not self._closing:
            self._reported.append(end)

    def announce(self, shared: events.SharedObject, op: str, arg: Any) -> Any:
        """Called where the worker runs: tell the step, wait for its result."""
        if self._closing:
            self._refuse()
        number = self._number(shared)
        # Kept: else another lock of the worker's own could get its id.
        self.shared_objects[number] = shared
        frame = sys._getframe(2)
        if self._reads and op in ("acquire", "release"):
            self._entered.note(frame, op, number)
        self._reported.append(Step(number, op, _timeless(arg) if op == "acquire" else arg))
        given = next(self._results, self)
        if given is self:  # there is none yet
            if self._looks:
                self._look(frame)
            self._wait()
            given = next(self._results)
        self.pauses = []
        if isinstance(given, Raised):
            raise given.kind(*given.args)
        return given

    def _refuse(self):
        self._closing += 1
        if self._closing > _MOST_REFUSALS:
            self._break_out()
        raise Closed

    def _number(self, shared):
        if (number := self._numbers.get(id(shared))) is not None:
            return number
        if shared.is_file:
            raise RuntimeError(
                f"the worker made the file {shared.name!r} itself: pass the file to it as an argument, so that "
                "all processes have the same one"
            )
        return self._own.setdefault(id(shared), Own(len(self._own)))

    def _known_number(self, shared):
        """The number of a shared object in a state: a look gives none, or another walk would give others."""
        if (known := self._numbers.get(id(shared), self._own.get(id(shared)))) is None:
            raise Unreadable("a lock of its own is not used yet")
        return known

    def _look(self, frame):
        """Read line and state of the worker, whose step was announced from `frame`."""
        code, at = getattr(self._worker, "__code__", None), frame
        while at and at.f_code is not code and not child.is_learners(at):
            at = at.f_back
        self.line = at.f_lineno if at else None
        if self._reads:
            end = Walker._work.__code__
            self.state = state_of(frame, end, self._known_number, self._entered)


class RerunWalker(Walker):
    """A Walker that runs the worker again from its start for each new step."""

    _given: Iterable = ()  # the results so far

    def reports(self, results: Iterable, looks: bool = False) -> list[Step | End]:
        """As of any Walker, but with all that it has reported before."""
        self._make_new()
        self._given, again = tee(chain(self._given, results))
        return super().reports(again, looks)

    def _go_on(self):
        self._work()
        _end_at_each_line(False)

    def _wait(self):
        self._closing = 1
        raise Closed

    def _break_out(self):
        _end_at_each_line(True)


def _timeless(arg):
    """The argument of an acquire without the length of a wait, which may be reckoned from a clock: the model has none."""
    is_wait = isinstance(arg, tuple) and isinstance(arg[1], float)
    return (arg[0], 0.0) if is_wait and 0 <= arg[1] < _LONG else arg


def _is_as(step, wanted):
    """Whether a report is the one that was wanted; of an End only that it is one counts."""
    return type(step) is type(wanted) and (step == wanted or isinstance(wanted, End))


def _end_at_each_line(is_on):
    """Let each line of a worker raise Closed, or no longer: so one ends that swallows all that its steps raise.

    Python 3.11 has no such means; there a worker must not swallow everything for ever, or greenlet must be installed.
    """
    monitoring = getattr(sys, "monitoring", None)
    if monitoring is None or is_on == (monitoring.get_tool(_TOOL) is not None):
        return
    if is_on:
        monitoring.use_tool_id(_TOOL, __name__)
        monitoring.register_callback(_TOOL, monitoring.events.LINE, _raise_closed)
        monitoring.set_events(_TOOL, monitoring.events.LINE)
    else:
        monitoring.set_events(_TOOL, 0)
        monitoring.free_tool_id(_TOOL)


def _raise_closed(code, line):
    if current() and code.co_filename != __file__:
        raise Closed


# ---- the observer while workers run


class _OfThread(threading.local):
    walker: Walker | None = None


_of_thread = _OfThread()


def current() -> Walker | None:
    """The walker whose worker runs in this thread."""
    return _of_thread.walker


class _Modelled:
    """The observer while workers run in walkers; steps of any other code go where they went before."""

    lock_tape = take_turn = None

    def __init__(self, before):
        self._before = before
        self.name = before.name
        self.elsewhere = set()  # ids of shared objects that other code took steps on meanwhile

    @property
    def in_model(self) -> bool:
        return current() is not None

    def step(self, shared: events.SharedObject, op: str, arg: Any = None) -> Any:
        if walker := current():
            return walker.announce(shared, op, arg)
        self.elsewhere.add(id(shared))
        return self._before.step(shared, op, arg)

    def pause(self, seconds: float) -> None:
        if walker := current():
            walker.pauses.append(seconds)
        else:
            self._before.pause(seconds)

    def sleep(self, seconds: float) -> None:
        if not self.in_model:
            self._before.sleep(seconds)


def stepped_elsewhere(shared_objects: Iterable[events.SharedObject]) -> bool:
    """Whether other code than workers in walkers, such as a thread of theirs, took steps on `shared_objects`."""
    observer: Any = events.observer
    return not observer.elsewhere.isdisjoint(map(id, shared_objects))


_guard = threading.Lock()
_noted: list[list] = []  # for each `listening` under way, the interrupts that have come


def _is_in_worker():
    """Whether a signal has interrupted the worker, or what it called, and nothing of ours in which it takes a step."""
    walker, frame = current(), sys._getframe(2)
    code = walker and getattr(walker._worker, "__code__", None)
    while code and frame and frame.f_code is not code:
        if frame.f_globals.get("__name__", "").startswith("helpers.schedules."):
            return False
        frame = frame.f_back
    return bool(code and frame)


@contextmanager
def listening() -> Iterator[None]:
    """Hear the steps of workers in walkers, whatever other threads explore meanwhile.

    An interrupt that comes meanwhile comes out as KeyboardInterrupt, also where a worker takes it for its own
    (see `raise_interrupt`). One that a worker raises itself is another matter: it ends that worker.
    """
    with interrupts_noted(_is_in_worker) as noted:
        with _guard:
            if not _noted:
                events.observer = _Modelled(events.observer)  # type: ignore[assignment]
            _noted.append(noted)
        try:
            yield
        finally:
            with _guard:
                _noted[:] = [other for other in _noted if other is not noted]
                if not _noted:
                    events.observer = events.observer._before  # type: ignore[attr-defined]


def raise_interrupt() -> None:
    """Raise KeyboardInterrupt where one came that a worker may have swallowed: for after each piece of work."""
    if any(_noted) and threading.current_thread() is threading.main_thread():
        raise KeyboardInterrupt
