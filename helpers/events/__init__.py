"""What processes did: the Event, the Tape it is recorded on, and the hearer of steps.

A worker touches the world only through resources and locks. Each operation on them is a *step*:
it is announced to `hearer`, done, and recorded. Who hears the announcement decides how a worker
runs; the hearer that stands here from the start, `Unheard`, just does the step, so that resources
also work in a notebook cell.
"""

from helpers.events.hearers import Free, Stepped, Unheard
from helpers.events.tape import OTHERS, Event, Pause, Stand, Tape, threads
from helpers.events.things import (
    BLOCKED,
    NO_CONDITION,
    START_ID,
    WRITING,
    Fault,
    Inherited,
    InjectedFault,
    Thing,
    asked,
    counted,
    held_after,
    may_give_up,
    permits_of,
    split_stamp,
    stamp,
)

hearer = Unheard()


def pause(seconds):
    """Let `seconds` go by between two steps, and note it; 0 does nothing. No step of its own."""
    if seconds > 0:
        hearer.pause(seconds)
