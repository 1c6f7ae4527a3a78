"""What processes did: the Event, the Tape it is recorded on, and the hearer of steps.

A worker touches the world only through resources and locks. Each operation on them is a *step*:
it is announced to `hearer`, done, and recorded. Who hears the announcement decides how a worker
runs; the hearer that stands here from the start, `Unheard`, just does the step, so that resources
also work in a notebook cell.
"""

from helpers.events.hearers import Free, Stepped, Unheard
from helpers.events.tape import (
    COUNTER,
    DONE,
    FIRST_SLOT,
    OP_CODE,
    OPEN,
    RAISED,
    REFUSED,
    SLOT_WORDS,
    Event,
    Tape,
    what,
)
from helpers.events.things import (
    BLOCKED,
    START_ID,
    Fault,
    InjectedFault,
    Thing,
    asked,
    counted,
    may_give_up,
    split_stamp,
    stamp,
)

__all__ = [
    "BLOCKED",
    "COUNTER",
    "DONE",
    "FIRST_SLOT",
    "OPEN",
    "OP_CODE",
    "RAISED",
    "REFUSED",
    "SLOT_WORDS",
    "START_ID",
    "Event",
    "Fault",
    "Free",
    "InjectedFault",
    "Stepped",
    "Tape",
    "Thing",
    "Unheard",
    "asked",
    "counted",
    "hearer",
    "may_give_up",
    "pause",
    "split_stamp",
    "stamp",
    "what",
]

hearer = Unheard()


def pause(seconds):
    """Let `seconds` go by between two steps; 0 does nothing. No step of its own."""
    if seconds > 0:
        hearer.sleep(seconds)
