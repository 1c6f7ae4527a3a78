"""A lock for threads, observed: what it does to processes is that each one has its own."""

import os
import threading

from helpers import events
from helpers.resources.locks import Lock, modelled

_ENDLESS = -1  # what a threading.Lock takes for a wait without a limit


class ThreadLock(Lock):
    """A threading.Lock that records who waits and who holds. Errors are those of the plain one.

    A forked process gets a copy, which is another lock: the identity tells each process's copy from
    the others. Where a process is started anew, the lock cannot be sent to it, and the start fails.
    """

    def __init__(self, name="thread lock"):
        super().__init__(name)

    def _made(self, _):
        return threading.Lock()

    @property
    def identity(self):
        return f"{os.getpid()}.{self._serial}"

    def acquire(self, blocking=True, timeout=_ENDLESS):
        """Wait for the lock and take it: True. Without blocking or with a timeout: False if it was held."""
        threading.Lock().acquire(blocking, timeout)  # raises for what a lock of threads never takes
        return super().acquire(blocking, None if timeout == _ENDLESS else timeout)

    def _answer_when_held(self, block, timeout):
        return False if events.may_give_up(block, timeout) else events.BLOCKED

    def do(self, op, arg):
        if op == "acquire":
            blocking, timeout = arg
            return self._real.acquire(blocking, _ENDLESS if timeout is None else timeout), ""
        return super().do(op, arg)

    def model_start(self):
        return frozenset()

    def model(self, state, me, op, arg):
        """The processes that hold their copy; nobody ever waits for another one's."""
        if op == "acquire":
            if me not in state:
                return state | {me}, True
            return modelled(state, self._answer_when_held(*arg))
        if me not in state:
            raise RuntimeError("release unlocked lock")
        return state - {me}, None

    def renamed(self, state, places):
        return frozenset(places[process] for process in state)
