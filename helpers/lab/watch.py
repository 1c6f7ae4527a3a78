"""The watch: sees on the tapes, while processes run, that some of them wait for ever."""

import time

from helpers import analysis

PAUSE = 0.004  # seconds between two looks; a look takes some microseconds for each process
_AGAIN = 0.0005  # until the second look, where the first one is suspicious
_STILL = 0.03  # seconds without a step of anybody, after which an unnamed holder is searched for


class Watch:
    """Looks at the processes of one trial; `pause` is how long to wait until the next look.

    Of the locks, `freed` are those that the system frees when their holder dies.
    """

    def __init__(self, seats, freed):
        self._seats = seats
        self._freed = freed
        self._before = {}
        self._moved = time.perf_counter()
        self.pause = PAUSE

    def look(self, others_may_go_on=False):
        """What this look and the one before prove: an `analysis.Stuck`, or None."""
        over = [seat.name for seat in self._seats if seat.is_over]
        now = {seat.name: seat.tape.stand() for seat in self._seats}
        before, self._before = self._before, now
        at = time.perf_counter()
        if before != now:
            self._moved = at
        is_still = at - self._moved >= _STILL
        found = self._found(before, now, over, is_still, others_may_go_on)
        self.pause = _AGAIN if not found and self._found(now, now, over) else PAUSE
        return found

    def _found(self, before, now, over, is_still=False, others_may_go_on=False):
        return analysis.find_stuck(before, now, over, is_still, self._freed, others_may_go_on)
