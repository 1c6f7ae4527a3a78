"""A worker in a greenlet: each step that it announces switches to whoever explores, and the worker stays parked there."""

from collections.abc import Callable
from contextlib import suppress

from greenlet import getcurrent, greenlet

from helpers.schedules.walkers import Closed, Walker


class GreenletWalker(Walker):
    """A Walker that parks its worker at each step."""

    def __init__(self, begin: Callable[[], tuple], numbers: dict[int, int], reads: bool = False):
        super().__init__(begin, numbers, reads)
        self._make_new()
        self._greenlet = greenlet(self._work)

    def _go_on(self):
        self._greenlet.parent = getcurrent()
        self._greenlet.switch()

    def _wait(self):
        self._greenlet.parent.switch()

    _break_out = _wait  # let it stand here for good

    def close(self) -> None:
        if not self._greenlet.dead:
            self._closing, self._greenlet.parent = 1, getcurrent()
            with suppress(KeyboardInterrupt):  # noted: it is raised when all are closed
                self._running(self._greenlet.throw, Closed)
