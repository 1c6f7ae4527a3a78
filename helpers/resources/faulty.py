"""Resources that fail when told to: for finding out what an exception leaves behind."""

from contextlib import closing

from helpers.resources.counter_file import CounterFile
from helpers.resources.database import NAME, Table


class FaultyCounterFile(CounterFile):
    """A CounterFile whose write number `write_number`, by `process`, raises `error` (a type) instead."""

    def __init__(self, name="counter", start=0, process="A", write_number=2, error=RuntimeError):
        super().__init__(name, start)
        self._error = error
        self._fault = f"{process}.{write_number:04} "

    def stamped(self, number):
        text = super().stamped(number)
        if text.startswith(self._fault):
            raise self._error("an injected fault")
        return text


class RefusingTable(Table):
    """A Table in which somebody else comes in between, the first `refusals` times that a process has read and wants to write.

    A deferred transaction is refused by SQLite then, and a swap finds another number. Who looks again finds the
    number that there was: the stranger bought a seat and gave it back. For runs of one process.
    """

    def __init__(self, name="database", start=0, timeout=5.0, refusals=1):
        super().__init__(name, start, timeout=timeout)
        self._left, self._is_reader, self._is_deferred = refusals, False, False

    def _do_begin(self, kind):
        self._is_reader, self._is_deferred = False, kind == "DEFERRED"
        return super()._do_begin(kind)

    def _do_read(self, arg):
        self._is_reader = True
        return super()._do_read(arg)

    def _execute(self, statement, *values):
        if statement.startswith("UPDATE") and self._is_reader:
            self._is_reader = False
            if self._connection.in_transaction and self._is_deferred:
                return self._beside("BEGIN IMMEDIATE", "ROLLBACK", statement, values)
            if " WHERE number = " in statement and not self._connection.in_transaction:
                sale = f"UPDATE {NAME} SET number = number"
                return self._beside(f"{sale} - 1", f"{sale} + 1", statement, values)
        return super()._execute(statement, *values)

    def _beside(self, first, last, statement, values):
        """The statement, between these two of somebody else; without them where it was refused often enough."""
        if not self._left:
            return super()._execute(statement, *values)
        self._left -= 1
        with closing(self._connect(self.timeout)) as somebody:
            somebody.execute(first)
            try:
                return super()._execute(statement, *values)
            finally:
                somebody.execute(last)
