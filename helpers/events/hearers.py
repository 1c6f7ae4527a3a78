"""Who hears a step decides how the worker runs: nobody, at full speed, or turn by turn."""

import time

from helpers.events.tape import DEPTH, DONE, OP_CODE, REFUSED, STRAY
from helpers.events.things import BLOCKED, InjectedFault, asked


class Unheard:
    """Does each step and records nothing: for a resource used in a cell."""

    name = "-"
    take_turn = None  # what waits for this process's turn; None where there are no turns
    in_model = False  # whether the worker runs in memory
    lock_tape = None  # where a lock stamps its own steps, or None: then it must announce them

    def step(self, thing, op, arg=None):
        return thing.do(op, arg)[0]

    def pause(self, seconds):
        self.sleep(seconds)

    def sleep(self, seconds):
        time.sleep(seconds)


class Free:
    """Does each step at full speed and stamps it on the process's tape.

    With a `fault`, the number of a step, that step raises InjectedFault instead.
    """

    take_turn = None
    in_model = False

    def __init__(self, name, tape, fault=None):
        self.name = name
        self.tape = tape
        self.lock_tape = tape if fault is None else None
        self._fault = fault

    def step(self, thing, op, arg=None):
        """Do `op` on `thing`, give its result; what it raises is recorded and raised again."""
        tape = self.tape
        number = tape.number(thing)
        tape.note_threads()
        text = asked(thing, op, arg, tape.depth(number))
        tape.open_step(number, OP_CODE[op], text.encode())
        try:
            if tape.counter >> 1 == self._fault and op != "release":
                raise InjectedFault
            result, seen = self._do(thing, number, op, arg)
        except BaseException as error:
            tape.fail_step(error)
            raise
        tape.close_step(REFUSED if result is False else DONE, seen.encode())
        return result

    def _do(self, thing, number, op, arg):
        """Do the step, and mark the holds of a lock that announces its steps."""
        held = self.tape.marks[number]
        if op == "release":
            self.tape.marks[number] = held - 1 if held & DEPTH else STRAY
        try:
            result, seen = self._try(thing, op, arg)
        except BaseException:
            self.tape.marks[number] = held
            raise
        if op == "acquire" and result:
            self.tape.marks[number] += 1
        return result, seen

    def _try(self, thing, op, arg):
        return thing.do(op, arg)

    def pause(self, seconds):
        """Sleep for `seconds`, and note it on the tape."""
        at = self.tape.open_pause(seconds)
        try:
            self.sleep(seconds)
        finally:
            self.tape.close_pause(at)

    def sleep(self, seconds):
        """Sleep for `seconds` that the worker did not ask for: no note."""
        time.sleep(seconds)


class Stepped(Free):
    """Does each step when the conductor gives this process its turn; pauses take no time.

    `take_turn(word, thing, op)` says "at" before each step, or "blocked" where the turn came and
    the step has to wait, and comes back with the next turn.
    """

    def __init__(self, name, tape, take_turn, fault=None):
        super().__init__(name, tape, fault)
        self.lock_tape = None
        self.take_turn = take_turn

    def step(self, thing, op, arg=None):
        self.take_turn("at", thing, op)
        return super().step(thing, op, arg)

    def _try(self, thing, op, arg):
        while (done := thing.attempt(op, arg)) is BLOCKED:
            self.take_turn("blocked", thing, op)
        return done

    def pause(self, seconds):
        self.tape.open_pause(seconds, is_instant=True)

    def sleep(self, seconds):
        pass
