"""What processes did: the Event, the Tape it is recorded on, and the observer of steps.

A worker touches the world only through resources and locks. Each operation on them is a *step*:
it is announced to `observer`, done, and recorded. Who hears the announcement decides how a worker
runs; the observer that stands here from the start, `Unobserved`, just does the step, so that resources
also work in a notebook cell.
"""

from collections.abc import Iterable

from helpers.events.stamps import START_ID, split_stamp, stamp
from helpers.events.steps import (
    BLOCKED,
    NO_CONDITION,
    WRITING,
    Any,
    Event,
    Fault,
    Free,
    Inherited,
    InjectedFault,
    Pause,
    SharedObject,
    Stepped,
    Unobserved,
    asked,
    held_after,
    may_give_up,
    permits_of,
)
from helpers.events.tape import ProcessState, Tape, threads

observer: Any = Unobserved()


def pause(seconds: float) -> None:
    """Let `seconds` go by between two steps, and note it; 0 does nothing. No step of its own."""
    if seconds > 0:
        observer.pause(seconds)


def counted(number: int, word: str) -> str:
    """A number and its word, as in "1 process" and "4 processes"."""
    return f"{number} {word if number == 1 else word + ('es' if word.endswith('s') else 's')}"


def listed(names: Iterable[str], word: str = "and") -> str:
    """Names in a sentence: "A", "A and B", "A, B and C"; at least one."""
    *others, last = names
    return f"{', '.join(others)} {word} {last}" if others else last
