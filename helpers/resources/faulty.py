"""A counter that fails when told to: for finding out what an exception leaves behind."""

from helpers.resources.counter import CounterFile


class FaultyCounterFile(CounterFile):
    """A CounterFile whose write number `write_number`, by `process`, raises RuntimeError instead."""

    def __init__(self, name="counter", start=0, process="A", write_number=2):
        super().__init__(name, start)
        self._fault = f"{process}.{write_number:04} "

    def _stamped(self, number):
        text = super()._stamped(number)
        if text.startswith(self._fault):
            raise RuntimeError("an injected fault")
        return text
