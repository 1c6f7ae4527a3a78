"""Locks that bring processes together as seldom happens by itself: for finding out what they do then."""

import os
import time

from helpers import events
from helpers.resources.locks import Lock

_PAUSE, _LIMIT = 0.001, 1.0  # seconds between two looks; until nobody is waited for any more


class LingeringLock(Lock):
    """A Lock whose first acquire in each process takes `seconds` longer: time for all others to come."""

    def __init__(self, name="lock", seconds=0.05):
        super().__init__(name)
        self._seconds = seconds
        self._has_lingered = False

    def acquire(self, block=True, timeout=None):
        taken = super().acquire(block, timeout)
        if taken and not self._has_lingered:
            self._has_lingered = True
            events.hearer.sleep(self._seconds)  # not a pause of the worker
        return taken

    __enter__ = acquire

    def enter(self, folder):
        self._has_lingered = False


class ReservedLock(Lock):
    """A Lock that the process `first` gets first: all others come when it has it."""

    def __init__(self, name="lock", first="A"):
        super().__init__(name)
        self._first = first

    def acquire(self, block=True, timeout=None):
        is_first = events.hearer.name == self._first
        if not is_first:
            self._await_the_first()
        taken = super().acquire(block, timeout)
        if taken and is_first:
            open(self._mark, "wb").close()
        return taken

    __enter__ = acquire

    def _await_the_first(self):
        end = time.perf_counter() + _LIMIT
        while not os.path.exists(self._mark) and time.perf_counter() < end:
            time.sleep(_PAUSE)

    def enter(self, folder):
        self._mark = os.path.join(folder, f"{self.name}.taken")


class TimedLock(Lock):
    """A Lock for stepped runs: a wait with a time limit that comes to nothing is noted as a pause of that length.

    So a try that waited can be told from one that did not, and how long it asked to wait.
    """

    def acquire(self, block=True, timeout=None):
        taken = super().acquire(block, timeout)
        if not taken and block and timeout > 0:
            events.pause(timeout)
        return taken

    __enter__ = acquire


class PatientLock(ReservedLock):
    """A ReservedLock that makes a pause of a wait with a time limit, and tries once more behind it.

    So the run knows how long a process asked to wait. One that has asked for more than `most` seconds may be one
    that never gives up: it gets an InjectedFault.
    """

    _asked = 0.0

    def __init__(self, name="lock", most=3.0):
        super().__init__(name)
        self._most = most

    def acquire(self, block=True, timeout=None):
        if not (block and timeout):
            return super().acquire(block, timeout)
        if super().acquire(block=False):
            return True
        if self._asked > self._most:
            raise events.InjectedFault
        self._asked += timeout
        events.pause(timeout)
        return super().acquire(block=False)

    __enter__ = acquire
