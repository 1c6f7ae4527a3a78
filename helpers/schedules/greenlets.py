"""A worker in a greenlet: each step that it announces switches to whoever explores."""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, NamedTuple

from greenlet import getcurrent, greenlet

from helpers import events
from helpers.lab.interrupts import interrupts_noted

_MOST_REFUSALS_TO_END = 100
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
    """How a worker ended: what it gave back, or the error as text."""

    returned: Any
    error: str


class _Closed(BaseException):
    """Ends a worker that is not needed any more."""


class Walker(greenlet):
    """One greenlet in which the worker runs from step to step. `numbers` has those of the shared objects, by id.

    `shared_objects` are those it has taken steps on, by number, `pauses` the seconds of each pause since the step before.
    """

    def __init__(self, worker: Callable, args: tuple, numbers: dict[int, int]):
        super().__init__()
        self._worker, self._args, self._numbers = worker, args, numbers
        self._own: dict[int, Own] = {}
        self._closing = 0
        self.shared_objects: dict[Any, events.SharedObject] = {}
        self.pauses: list[float] = []

    def run(self, _: None) -> End | None:
        try:
            return End(self._worker(*self._args), "")
        except _Closed:
            return None
        except BaseException as error:  # noqa: BLE001 - SystemExit too: it ends a process
            return End(None, f"{type(error).__name__}: {error}".removesuffix(": "))

    def send(self, given: Any) -> Step | End:
        """The next Step, or the End, after the step under way gave `given` (None: run to the first one)."""
        self.parent, self.pauses = getcurrent(), []
        return self.switch(given)

    def close(self) -> None:
        """End the worker: whatever it does on its way out, no step is done any more."""
        if not self.dead:
            self.parent = getcurrent()
            self._closing = 1
            with suppress(KeyboardInterrupt):  # noted: it is raised when all are closed
                self.throw(_Closed)

    def announce(self, shared: events.SharedObject, op: str, arg: Any) -> Any:
        """Called in the worker's greenlet: tell the step, wait for its result."""
        if self._closing:
            self._refuse()
        number = self._number(shared)
        # Kept: else another lock of the worker's own could get its id.
        self.shared_objects[number] = shared
        given = self.parent.switch(Step(number, op, _timeless(arg) if op == "acquire" else arg))
        if isinstance(given, Raised):
            raise given.kind(*given.args)
        return given

    def _refuse(self):
        self._closing += 1
        if self._closing > _MOST_REFUSALS_TO_END:  # it swallows them: let it stand here for good
            self.parent.switch()
        raise _Closed

    def _number(self, shared):
        number = self._numbers.get(id(shared))
        if number is not None:
            return number
        if shared.is_file:
            raise RuntimeError(
                f"the worker made the file {shared.name!r} itself: pass the file to it as an argument, so that "
                "all processes have the same one"
            )
        return self._own.setdefault(id(shared), Own(len(self._own)))

    @property
    def line(self) -> int | None:
        """The worker's line at the step under way; None where it is in no function of its own."""
        frame, code = self.gr_frame, getattr(self._worker, "__code__", None)
        while frame and frame.f_code is not code:
            frame = frame.f_back
        return frame.f_lineno if frame else None


def _timeless(arg):
    """The argument of an acquire without the length of a wait, which may be reckoned from a clock: the model has none."""
    is_wait = isinstance(arg, tuple) and isinstance(arg[1], float)
    return (arg[0], 0.0) if is_wait and 0 <= arg[1] < _LONG else arg


class _Modelled:
    """The observer while workers run in greenlets; steps of any other code go where they went before."""

    lock_tape = take_turn = None

    def __init__(self, before):
        self._before = before
        self.name = before.name
        self.elsewhere = set()  # ids of shared objects that other code took steps on meanwhile

    @property
    def in_model(self) -> bool:
        return isinstance(getcurrent(), Walker)

    def step(self, shared: events.SharedObject, op: str, arg: Any = None) -> Any:
        walker = getcurrent()  # `in_model` would take longer
        if isinstance(walker, Walker):
            return walker.announce(shared, op, arg)
        self.elsewhere.add(id(shared))
        return self._before.step(shared, op, arg)

    def pause(self, seconds: float) -> None:
        if self.in_model:
            getcurrent().pauses.append(seconds)
        else:
            self._before.pause(seconds)

    def sleep(self, seconds: float) -> None:
        if not self.in_model:
            self._before.sleep(seconds)


def stepped_elsewhere(shared_objects: Iterable[events.SharedObject]) -> bool:
    """Whether other code than workers in greenlets, such as a thread of theirs, took steps on `shared_objects`."""
    observer: Any = events.observer
    return not observer.elsewhere.isdisjoint(map(id, shared_objects))


_guard = threading.Lock()
_noted: list[list] = []  # for each `listening` under way, the interrupts that have come


@contextmanager
def listening() -> Iterator[None]:
    """Hear the steps of workers in greenlets, whatever other threads explore meanwhile.

    An interrupt that comes meanwhile comes out as KeyboardInterrupt, also where a worker takes it for its own
    (see `raise_interrupt`). One that a worker raises itself is another matter: it ends that worker.
    """
    with interrupts_noted(lambda: isinstance(getcurrent(), Walker)) as noted:
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
