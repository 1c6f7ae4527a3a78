"""What an exploration found: the outcomes, how many orders lead to each, and a shortest one."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple


class Outcome(NamedTuple):
    """One way to end, and the orders that lead to it.

    `verdict` is "ended", "deadlock" or "orphaned_lock" (a wait for a lock that nobody will release).
    `values` holds what each resource says at the end by its name, `errors` how workers died, as text
    in alphabetical order. `count` is the exact number of orders, `situations` the number of different
    ones in which they arrive. `schedule` is a shortest order: fewest steps, then fewest switches;
    `circle` is that one's circular wait. `is_right` says whether running one process after the other
    can end like this too, or what `holds` said; None where neither is known.
    """

    verdict: str
    values: dict
    errors: tuple
    count: int
    situations: int
    schedule: str
    circle: tuple
    is_right: bool | None

    def __getitem__(self, name):
        """What the resource `name` says at the end."""
        return self.values[name] if isinstance(name, str) else tuple.__getitem__(self, name)

    @property
    def label(self):
        """The outcome in few words."""
        words = [] if self.verdict == "ended" else [self.verdict.replace("_", " ")]
        many = len(self.values) > 1
        if self.verdict == "ended" or not self.circle:
            words += [
                f"{name}: {value}" if many else f"{value}" for name, value in self.values.items()
            ]
        return ", ".join([*words, *dict.fromkeys(self.errors)]) or self.verdict


@dataclass(frozen=True)
class Exploration:
    """All orders of the steps of some processes, in a model.

    `outcomes` are in the order of their values. `states` is how many different situations there
    were, `elapsed` the seconds it took. `ended` is "complete", or says why it is not: "waits in a
    loop", "limit reached" (of situations), "stopped", "timed out" (a worker that hangs between two steps) or "failed"; then `outcomes` is only what had been found. `cut` counts the
    orders that were left where one process had more than `tries` refused tries. `doubt` says why
    the worker cannot be explored truthfully, "" where no sign of that was found. `pauses` has, by letter, every
    sequence of pauses that the process can ask for on its way to its end: tuples of pairs of seconds and
    the sorted names of the locks then held. `has_property` says that `holds` judged the outcomes, and not
    what running one process after the other can end with.
    """

    worker: str
    parameters: dict
    processes: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    states: int
    elapsed: float
    ended: str = "complete"
    reason: str = ""
    cut: int = 0
    tries: int = 0
    doubt: str = ""
    pauses: dict[str, frozenset] = field(default_factory=dict)
    has_property: bool = False

    @property
    def schedules(self):
        """How many orders there are, exactly."""
        return sum(outcome.count for outcome in self.outcomes)

    @property
    def failures(self):
        """How many of them are known to end wrong."""
        return sum(outcome.count for outcome in self._wrong)

    @property
    def failing(self):
        """The failing outcome with the shortest schedule, or None."""
        return min(self._wrong, key=lambda o: (len(o.schedule), switches(o.schedule)), default=None)

    @property
    def _wrong(self):
        return [outcome for outcome in self.outcomes if outcome.is_right is False]

    @property
    def deadlocked(self):
        """How many different situations there are in which processes wait for each other for ever."""
        return sum(o.situations for o in self.outcomes if o.verdict == "deadlock")

    @property
    def is_proof(self):
        """True where every order was followed to its end, and nothing speaks against the result."""
        return self.ended == "complete" and not self.cut and not self.doubt

    def always(self, holds):
        """Whether `holds(outcome)` is true for every order. Raises ValueError where not all are known."""
        if not self.is_proof:
            raise ValueError(f"not every order is known: {self}")
        return all(holds(outcome) for outcome in self.outcomes)

    @property
    def sentence(self):
        """What was found, and by which rule an order that ends well counts as wrong."""
        ends_well = any(o.verdict == "ended" and not o.errors for o in self._wrong)
        return f"{self.finding}; {_RULE}" if ends_well and not self.has_property else self.finding

    @property
    def finding(self):
        """What was found, without the rule."""
        found = _orders(self.schedules)
        if self.ended != "complete":
            wrong = f", {self.failures:,} of them wrong," if self.failures else ""
            return f"{self.reason}; {found}{wrong} found until then: this proves nothing"
        if not self.failures:
            return (
                f"{found}, all of them right" if self.schedules > 1 else f"{found}, and it is right"
            )
        say = f"{self.failures:,} of {found} {'goes' if self.failures == 1 else 'go'} wrong"
        return f"{say}, such as {self.failing.schedule}" if self.failing.schedule else say

    def __str__(self):
        parts = [self.sentence]
        if self.cut:
            parts.append(
                f"{_orders(self.cut)} given up after {self.tries} refused tries of a process"
            )
        return " · ".join([*parts, *([self.doubt] if self.doubt else [])])


_RULE = "right is what running one after the other can give (for another rule, pass holds=)"


def _orders(count):
    return f"{count:,} order{'' if count == 1 else 's'}"


def switches(schedule):
    """How often the next step is another process's."""
    return sum(a != b for a, b in pairwise(schedule))
