"""Resources that kill the process that uses them when told to: for finding out what it leaves behind."""

import os
import signal

from helpers import events
from helpers.resources.counter_file import CounterFile
from helpers.resources.database import Table

_SIGKILL = getattr(signal, "SIGKILL", signal.SIGTERM)  # Windows knows one way to kill


class DeadlyCounterFile(CounterFile):
    """A CounterFile at whose `number`th write process `process` is killed: it has read, and not written."""

    def __init__(self, name="counter", start=0, process="A", number=3):
        super().__init__(name, start)
        self._death = _Death(process, number)

    def _do_write(self, number):
        self._death.count()
        return super()._do_write(number)


class DeadlyTable(Table):
    """A Table at whose `number`th `add` process `process` is killed, in the middle of its UPDATE."""

    def __init__(self, name="database", start=0, process="A", number=3):
        super().__init__(name, start)
        self._death = _Death(process, number)

    def _do_add(self, change):
        self._execute("BEGIN IMMEDIATE")
        done = super()._do_add(change)
        self._death.count()
        self._execute("COMMIT")
        return done


class DeadlyValue:
    """A multiprocessing.Value as whose `number`th new `value` process `process` is killed, before it stands there."""

    def __init__(self, value, process="A", number=3):
        self._value = value
        self._death = _Death(process, number)

    def get_lock(self):
        return self._value.get_lock()

    @property
    def value(self):
        return self._value.value

    @value.setter
    def value(self, number):
        self._death.count()
        self._value.value = number


class _Death:
    """Kills the process called `process` when it counts for the `number`th time."""

    def __init__(self, process, number):
        self._process, self._left = process, number

    def count(self):
        if events.hearer.name != self._process:
            return
        self._left -= 1
        if not self._left:
            os.kill(os.getpid(), _SIGKILL)
