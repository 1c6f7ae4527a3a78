"""Every order of the steps of some workers, explored here or in a child process that can be ended."""

import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, NamedTuple

from helpers import analysis, lab
from helpers.events import counted
from helpers.lab import check, limits
from helpers.schedules import worlds
from helpers.schedules.random_walks import walked
from helpers.schedules.search import Search
from helpers.schedules.tree import Team
from helpers.schedules.walk import Walk

_RULE = "right is what running one after the other can give (for another rule, pass holds=)"


class Outcome(NamedTuple):
    """One way to end, and the orders that lead to it.

    `verdict` is "ended", "deadlock", "orphaned_lock" (a wait for a lock that nobody will release) or "livelock" (processes
    go on for ever; the schedule leads to where no step leads to an end any more).
    `values` holds what each resource says at the end by its name, `errors` how workers died, as text
    in alphabetical order. `count` is the exact number of orders (where some have no
    end: of those with the fewest steps), `situations` the number of different
    ones in which they arrive. `schedule` is a shortest order: fewest steps, then fewest switches;
    `circle` is that one's circular wait. `left` has, for the start and after each of its steps, the numbers of the outcomes
    that could still come; it is empty where not all are known. `lines` has for each of its steps the line at which the worker
    then stands, None where it is in no function of its own. `is_right` says whether running one process after the other
    can end like this too, or what `holds` said; None where neither is known.
    """

    verdict: str
    values: dict[str, Any]
    errors: tuple[str, ...]
    count: int  # type: ignore[assignment]
    situations: int
    schedule: str
    circle: tuple[str, ...]
    is_right: bool | None
    left: tuple[tuple[int, ...], ...] = ()
    lines: tuple[int | None, ...] = ()

    def __getitem__(self, name: Any) -> Any:
        """What the resource `name` says at the end."""
        return self.values[name] if isinstance(name, str) else tuple.__getitem__(self, name)

    def __repr__(self):
        fields = zip(self._fields[:-2], self, strict=False)
        return f"Outcome({', '.join(f'{name}={value!r}' for name, value in fields)})"

    @property
    def label(self) -> str:
        """The outcome in few words."""
        words = [] if self.verdict == "ended" else [self.verdict.replace("_", " ")]
        if self.verdict == "ended" or not self.circle:
            words += value_words(self.values)
        return ", ".join([*words, *dict.fromkeys(self.errors)]) or self.verdict


def value_words(values: dict[str, Any]) -> list[str]:
    """What files say at the end, in words; with their names where there are several."""
    return [f"{name}: {value}" if len(values) > 1 else f"{value}" for name, value in values.items()]


@dataclass(frozen=True)
class Exploration:
    """All orders of the steps of some processes, in a model.

    `outcomes` are in the order of their values. `states` is how many different situations there
    were, `elapsed` the seconds it took. `ended` is "complete", or says why it is not: "waits in a
    loop", "limit reached" (of situations or seconds), "stopped", "timed out" (a worker that hangs between two steps) or "failed"; then `outcomes` is only what had been found. `cut` counts the
    orders that were left where one process had more than `tries` refused tries. `doubt` says why
    the worker cannot be explored truthfully, "" where no sign of that was found. `pauses` has, by letter, every
    sequence of pauses that the process can ask for on its way to its end: tuples of pairs of seconds and
    the sorted names of the locks then held. `has_property` says that `holds` judged the outcomes, and not
    what running one process after the other can end with. `merged` says how situations were told apart: "by state", or "by
    history" and why. `walked` has the ends of walks by chance, where there were any.
    """

    worker: str
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
    merged: str = ""
    walked: tuple[Outcome, ...] = ()
    _of: dict = field(default_factory=dict, repr=False, compare=False)  # for a Walk

    @property
    def failing_walk(self) -> Walk | None:
        """The shortest failing order, walked; None without one, for a learner's file, and for a worker that takes other steps each time."""
        with suppress(ValueError):  # a worker that does not do the same each time
            if self._of and self.failing:
                return Walk(**self._of, schedule=self.failing.schedule)
        return None

    @property
    def code(self) -> str:
        """The code of the shortest failing order, see `check.code`; "" where it cannot be walked here."""
        walk = self.failing_walk
        return walk.code if walk else ""

    @property
    def schedules(self) -> int:
        """How many orders there are, exactly."""
        return sum(outcome.count for outcome in self.outcomes)

    @property
    def failures(self) -> int:
        """How many of them are known to end wrong."""
        return sum(outcome.count for outcome in self._wrong)

    @property
    def failing(self) -> Outcome | None:
        """The failing outcome with the shortest schedule, or None."""
        return min(self._wrong, key=_length, default=None)

    def turning_point(self, outcome: Outcome) -> int | None:
        """How many steps of the schedule of `outcome` until nothing leads to a right end any more: 0 at the start, None where not known."""
        if any(other.is_right is None for other in self.outcomes):
            return None
        right = {number for number, other in enumerate(self.outcomes) if other.is_right}
        lost = (step for step, left in enumerate(outcome.left) if right.isdisjoint(left))
        return next(lost, None)

    @property
    def explanation(self) -> str:
        """Why the shortest failing order fails; "" where it cannot be walked here, or nothing explains it."""
        failing, walk = self.failing, self.failing_walk
        if failing is None or walk is None:
            return ""
        why = analysis.explain(walk.events, self.turning_point(failing))
        return why.sentence if why else ""

    @property
    def _wrong(self):
        return [outcome for outcome in self.outcomes if outcome.is_right is False]

    @property
    def is_proof(self) -> bool:
        """True where every order was followed to its end, and nothing speaks against the result."""
        return self.ended == "complete" and not self.cut and not self.doubt

    @property
    def sentence(self) -> str:
        """What was found, and by which rule an order that ends well counts as wrong."""
        ends_well = any(o.verdict == "ended" and not o.errors for o in self._wrong)
        return f"{self.finding}; {_RULE}" if ends_well and not self.has_property else self.finding

    @property
    def finding(self) -> str:
        """What was found, without the rule."""
        found = _orders(self.schedules)
        if self.ended != "complete":
            wrong = f", {self.failures:,} of them wrong," if self.failures else ""
            return f"{self.reason}; {found}{wrong} found until then: this proves nothing"
        if not self.failures:
            return f"{found}, {'all of them right' if self.schedules > 1 else 'and it is right'}"
        say = f"{self.failures:,} of {found} {'goes' if self.failures == 1 else 'go'} wrong"
        shortest = self.failing.schedule if self.failing else ""
        return f"{say}, such as {shortest}" if shortest else say

    @property
    def given_up(self) -> str:
        """Why orders were left, in words."""
        return f"given up after more than {self.tries} refused tries of a process"

    def __str__(self):
        situations = counted(self.states, "situation")
        parts = [self.sentence, f"{situations}, merged {self.merged}"]
        if self.cut:
            parts.append(f"{_orders(self.cut)} {self.given_up}")
        return " · ".join([*parts, self.doubt] if self.doubt else parts)


def _orders(count):
    return f"{count:,} order{'' if count == 1 else 's'}"


def _length(outcome):
    """What makes an outcome the better example: one that ends, with few steps and few switches."""
    return outcome.verdict == "livelock", len(outcome.schedule), switches(outcome.schedule)


def switches(schedule: str) -> int:
    """How often the next step is another process's."""
    return sum(a != b for a, b in pairwise(schedule))


def explore(
    worker: Any = None,
    *args: Any,
    processes: int = 2,
    team: list[tuple] | None = None,
    holds: Callable[[Outcome], Any] | None = None,
    fault: tuple[str, int] | None = None,
    tries: int = 3,
    limit: int = 100_000,
    history: bool = False,
    walks: int = 0,
    progress: Callable[[int], Any] | None = None,
    stop: threading.Event | None = None,
    deadline: float | None = None,
    within: lab.ProcessSet | None = None,
) -> Exploration:
    """All orders in which `processes` can run `worker(*args)` in the model: an Exploration.

    Worker, arguments, `team` and `fault` are those of `lab.run`, only that any function will do. An order is right if
    `holds(outcome)` is true; without it, if running one process after the other can end like this, and nobody died of
    anything but the fault. Orders with more than `tries` refused tries of one process are not followed; more than
    `limit` situations end it, and so does a threading.Event `stop`. With `history` situations are told apart by all that
    their processes have seen, for a property of more than the end; then `pauses` are known. Where the limit is reached,
    so many `walks` by chance follow, see `find`. `progress(situations)` is called now and then.
    A WorkerFile is explored in a child process, which may take `deadline` seconds (as in `lab.run`): one of its own, or
    that of `within`, a lab.ProcessSet of one, which serves several explorations.
    """
    check.processes(processes)
    check.whole("tries", tries, 0, 100)
    check.whole("limit", limit, 1, 10_000_000)
    members = check.members_of([(worker, args)] * processes if team is None else team, processes)
    task = members, check.fault(fault, processes), tries, limit, history, walks
    began = time.perf_counter()
    found = _found(task, progress, stop, deadline, within)
    for ends in "outcomes", "walked":
        found[ends] = _judged(found.get(ends, ()), holds)
    found |= {"elapsed": time.perf_counter() - began, "has_property": holds is not None}
    letters = tuple(check.LETTERS[: len(members)])
    return Exploration(check.worker_name(members), letters, tries=tries, **found)


def _judged(found, holds):
    outcomes = [Outcome(*fields) for fields in found]
    return tuple(o._replace(is_right=bool(holds(o))) if holds else o for o in outcomes)


def _found(task, progress, stop, deadline, within):
    """What `_explored` gives; of a learner's file from a process that can be ended, whatever the file does."""
    if not any(isinstance(worker, check.WorkerFile) for worker, _ in task[0]):
        how = {"team": task[0], "processes": len(task[0]), "fault": task[1]}
        return _explored(*task, progress, stop) | {"_of": how}
    seconds = deadline or limits.for_run()
    # A slow exploration looks at the time before that.
    hangs = min(seconds + limits.for_run(), check.LONGEST)
    with nullcontext(within) if within else lab.ProcessSet(1) as child:
        run = child.run(explore_here, seconds, *task, deadline=hangs, stop=stop)
    if "A" in run.returned and run.verdict != "stopped":
        return run.returned["A"]
    if run.verdict == "stopped":
        ended, reason = "stopped", "stopped"
    elif run.verdict == "timed_out":
        ended = "timed out"
        reason = f"no end after {run.limit:g} s: does the worker loop for ever, or wait for something that is no step"
    else:
        errors = [f"{c.error}: {c.message}" if c.error else c.sentence for c in run.crashes]
        ended, reason = "failed", "; ".join(errors) or "the worker ended its process"
    return {"outcomes": [], "states": 0, "ended": ended, "reason": reason}


def explore_here(seconds: float, *task: Any) -> dict[str, Any]:
    """The worker of the child that explores, for so many seconds at most: what `_explored` gives."""
    # The real clock, as it is before a world has another one.
    end, now = time.monotonic() + seconds, time.monotonic
    patience: Any = {"stop": SimpleNamespace(is_set=lambda: now() > end)}
    worlds.let_change()
    time.sleep = lambda seconds: None  # in other files than the learner's: see child.load
    # What the worker prints, it prints in every order: nobody could read that.
    sys.stdout = sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    found = _explored(*task, **patience)
    if found["ended"] == "stopped":
        found |= {"ended": "limit reached", "reason": f"no end after {seconds:g} s"}
    return found


def _explored(members, fault, tries, limit, history, walks, progress=None, stop=None):
    team = Team(members, fault, merges=not history)
    with team.at_work():
        found = Search(team, tries, limit, progress, stop).explore()
        if walks and found["ended"] == "limit reached":
            found["walked"] = walked(team, tries, walks)
        return found


@dataclass(frozen=True, repr=False)
class Found:
    """What was looked for: `failing`, an Outcome or None, and what was `tried`, an Exploration with up to so many `walks` besides."""

    failing: Outcome | None
    tried: Exploration
    walks: int

    def __str__(self):
        tried, doubt = self.tried, f"; but {self.tried.doubt}" if self.tried.doubt else ""
        if self.failing is None:
            walks = f" and {self.walks:,} walks by chance" if tried.walked else ""
            return f"none found in {tried.states:,} situations{walks}{doubt}"
        how = "found by chance: a shorter one may, too"
        if self.failing in tried.outcomes:  # so every order with fewer steps is known
            how = "no shorter order does"
        return f"{self.failing.schedule or 'every order'} fails: {self.failing.label}; {how}{doubt}"

    __repr__ = __str__


def find(
    worker: Any = None, *args: Any, limit: int = 30_000, walks: int = 2_000, **more: Any
) -> Found:
    """An order that fails, for sizes at which all orders are too many to count: a Found.

    Situations are gone through, those of fewer steps first, up to `limit`; then come as many `walks` by chance (see
    `random_walks`). Worker, arguments and `more` are those of `explore`, and so is what fails.
    """
    check.whole("walks", walks, 0, 1_000_000)
    tried = explore(worker, *args, limit=limit, walks=walks, **more)
    right = [outcome[:3] for outcome in tried.walked if outcome.is_right]
    unlike = [o for o in tried.outcomes if o.is_right is None and right and o[:3] not in right]
    known = [o for o in tried.outcomes if o.is_right is False] + unlike
    met = [o for o in tried.walked if o.is_right is False]
    return Found(min(known or met, key=_length, default=None), tried, walks)
