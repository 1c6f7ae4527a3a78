"""A worker in a greenlet: each step that it announces switches to whoever explores, and the worker stays parked there."""

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from greenlet import getcurrent, greenlet

from helpers.schedules.walkers import Closed, End, Step, Walker


class GreenletWalker(Walker):
    """A Walker that parks its worker at each step."""

    def __init__(self, begin: Callable[[], tuple], numbers: dict[int, int], reads: bool = False):
        super().__init__(begin, numbers, reads)
        self._make_new()
        self._greenlet = greenlet(lambda _: self._work())

    def reports(self, results: Any, looks: bool = False) -> Iterator[Step | End]:
        for count, given in enumerate(results, 1):
            self.pauses, self._looks = [], looks and count == len(results)
            # It may end earlier than before.
            is_over = self._greenlet.dead
            yield End("") if is_over else self._switched(self._greenlet.switch, given)

    def _switched(self, switch, given):
        self._greenlet.parent = getcurrent()
        return self._running(switch, given)

    def close(self) -> None:
        if not self._greenlet.dead:
            self._closing = 1
            with suppress(KeyboardInterrupt):  # noted: it is raised when all are closed
                self._switched(self._greenlet.throw, Closed)

    def _result_of(self, step):
        if self._looks:
            self._look(sys._getframe(3))
        return self._greenlet.parent.switch(step)

    def _break_out(self):
        self._greenlet.parent.switch()  # let it stand here for good
