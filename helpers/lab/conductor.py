"""The conductor of a stepped run: gives one process at a time its next turn, in the order of a schedule."""

from helpers import analysis
from helpers.lab.check import ScheduleError

_WAITS_FOR_TURN = ("at", "blocked", "waits")


class Conductor:
    """Gives turns to the processes at `seats`, which are on their way to their first step.

    `settle()` waits until no process is on its way any more; False where the run is to end.
    `order` holds the letters of the steps that were done.
    """

    def __init__(self, seats, schedule, settle):
        self._seats = {seat.name: seat for seat in seats}
        self._schedule = schedule
        self._settle = settle
        self._waiting = set()
        self.order = ""

    def conduct(self):
        """Give the turns of the schedule, then the rest in alphabetical order.

        False where in the end all that are left wait for ever. Raises ScheduleError for a turn
        that cannot be taken.
        """
        if not self._settle():
            return True
        for number, letter in enumerate(self._schedule, 1):
            seat = self._seats[letter]
            if seat.said[0] == "gone":  # somebody killed it: its turns are left out
                continue
            if seat.said[0] not in _WAITS_FOR_TURN:
                raise ScheduleError(self._schedule, number, letter, "it has ended")
            if seat.said[0] == "waits":
                raise ScheduleError(self._schedule, number, letter, "it waits to be notified")
            if not self._give_turn(seat):
                return True
            if seat.said[0] == "blocked":
                raise ScheduleError(self._schedule, number, letter, self._why_blocked(letter))
        return self._go_on()

    def _go_on(self):
        while living := [s for s in self._seats.values() if s.said[0] in _WAITS_FOR_TURN]:
            able = [
                seat
                for seat in living
                if seat.name not in self._waiting and seat.said[0] != "waits"
            ]
            if not able:
                return False
            if not self._give_turn(able[0]):
                return True
        return True

    def _give_turn(self, seat):
        _, _, may_free = seat.said
        before = seat.tape.counter
        seat.said = ("moving",)
        seat.tell(b"turn")
        if not self._settle():
            return False
        if seat.said[0] == "blocked":
            self._waiting.add(seat.name)
            return True
        if seat.tape.counter > before:  # else it was dead already
            self.order += seat.name
        if may_free or seat.is_over:
            self._waiting.clear()
        return self._wake()

    def _wake(self):
        """Let those that wait to be notified go on to their next step, until all that are left wait still."""
        for seat in self._seats.values():
            if seat.said[0] != "waits":
                continue
            seat.said = ("moving",)
            seat.tell(b"turn")
            if not self._settle():
                return False
            if seat.said[0] != "waits":  # others may wait until it has woken
                if seat.is_over:
                    self._waiting.clear()
                return self._wake()
        return True

    def _why_blocked(self, letter):
        events = [event for seat in self._seats.values() for event in seat.tape.events(seat.name)]
        return analysis.why_blocked(events, letter)
