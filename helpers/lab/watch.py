"""How a trial is led: the Watch looks at processes that run free, the Conductor gives turns to those that go step by step."""

import math
import pickle
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NoReturn

from helpers import analysis, events
from helpers.lab import check
from helpers.lab.arguments import pack_or_inherit
from helpers.lab.child_processes import ChildProcess, Place, State

PAUSE = 0.004  # seconds between two looks; a look takes some microseconds for each process
_AGAIN = 0.0005  # until the second look, where the first one is suspicious
_STILL = 0.03  # seconds without a step of anybody, after which an unnamed holder is searched for


# Why a trial was cut off: somebody stopped it, its limit, processes that wait for ever, or that died.
Ending = StrEnum("Ending", ["STOPPED", "TIMED_OUT", "STUCK", "CRASHED"])


class CutOff(Exception):
    """The trial under way is cut off; its `ended` says why."""


@dataclass
class Trial:
    """One trial under way: who does what, by when, and how it ended (None: by itself).

    `limit` is in seconds: first for the start of all processes, then for what they do. `shared_objects` numbers the resources
    and locks among the arguments. The other fields are those of `lab.run` and of its Run.
    """

    team: list[check.Member]
    deadline: float | None = None
    asked: float = 0.0
    stop: check.Stop = None
    schedule: check.Schedule | None = None
    fault: events.Fault | None = None
    limit: float = 0.0
    order: str = ""
    folder: str = ""
    ended: Ending | None = None
    stuck: analysis.Stuck | None = None
    places: dict[str, Place] = field(default_factory=dict)
    started: int = 0
    elapsed: float = 0.0
    shared_objects: dict[events.SharedObject, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.deadline = check.deadline(self.deadline)
        check.span("asked", self.asked, 0, math.inf, "seconds")
        self.fault = check.fault(self.fault, len(self.team))
        if self.schedule is not None:
            self.schedule = check.schedule(self.schedule, self.team, self.fault)
        self._args = [pack_or_inherit(args, self.shared_objects) for _, args in self.team]
        check.names(self.shared_objects)

    def messages(self) -> Iterator[bytes]:
        """What each process is told: worker, folder, packed arguments, how to run, its fault."""
        is_stepped = self.schedule is not None
        for name, (worker, _), args in zip(check.LETTERS, self.team, self._args, strict=False):
            fault = self.fault.index if self.fault and self.fault.process == name else None
            yield pickle.dumps((check.source(worker), self.folder, args, is_stepped, fault))

    def cut_off(self, ending: Ending, stuck: analysis.Stuck | None = None) -> NoReturn:
        """Note why the trial ends now; raises CutOff."""
        self.ended, self.stuck = ending, stuck
        raise CutOff


class Watch:
    """Sees on the tapes, while the processes of a trial run, that some of them wait for ever.

    `pause` is how long to wait until the next look, in seconds. Of the locks, `freed` are those (by identity) that the
    system frees when their holder dies.
    """

    def __init__(self, children: Sequence[ChildProcess], freed: Collection[str]):
        self._children = children
        self._freed = freed
        self._before: dict = {}
        self._moved = time.perf_counter()
        self.pause = PAUSE

    def look(self, others_may_go_on: bool = False) -> analysis.Stuck | None:
        """What this look and the one before prove: an `analysis.Stuck`, or None."""
        over = [each.name for each in self._children if each.is_over]
        now = {each.name: each.tape.state() for each in self._children}
        return self.compare(over, now, others_may_go_on)

    def compare(self, over: list, now: dict, others_may_go_on: bool) -> analysis.Stuck | None:
        """What this look and the one before prove: `now` has the ProcessState of each by letter, `over` are those that have ended."""
        before, self._before = self._before, now
        at = time.perf_counter()
        if before != now:
            self._moved = at
        is_still = at - self._moved >= _STILL
        find = analysis.find_stuck
        found = find(before, now, over, is_still, self._freed, others_may_go_on)
        self.pause = PAUSE if found or not find(now, now, over, False, self._freed) else _AGAIN
        return found


class Conductor:
    """Gives one process at a time its next turn; the `children` are on their way to their first step.

    `settle()` waits until no process is on its way any more. The letters of the steps that were done go into the
    trial's `order`.
    """

    def __init__(self, trial: Trial, children: Sequence[ChildProcess], settle: Callable[[], None]):
        self._trial = trial
        self._children = {each.name: each for each in children}
        self._settle = settle

    def conduct(self) -> None:
        """Give the turns of the trial's schedule, then the rest in alphabetical order.

        Raises ScheduleError for a turn that cannot be taken, ValueError for a code that was made for other steps, and
        CutOff where in the end all that are left wait for ever.
        """
        self._settle()
        schedule = self._trial.schedule or check.Schedule()
        for number, letter in enumerate(schedule, 1):
            each = self._children[letter]
            if each.state is State.GONE:  # somebody killed it: its turns are left out
                continue
            why = "it has ended" if each.is_over else ""
            if each.state is State.WAITS:
                why = "it waits to be notified"
            elif not why and not self._give_turn(each):
                why = analysis.why_blocked(self._recorded(), letter)
            if why:
                raise check.ScheduleError(schedule, number, letter, why)
        schedule.confirm(self._recorded(), [e.name for e in self._children.values() if e.is_over])
        while living := [each for each in self._children.values() if not each.is_over]:
            able = (each for each in living if each.state is not State.WAITS)
            if not any(map(self._give_turn, able)):  # the first that can go on does
                self._trial.cut_off(Ending.STUCK)

    def _give_turn(self, each):
        """Whether it goes on: not so where its step has to wait for somebody else."""
        before = each.tape.counter
        self._send_on(each)
        if each.state is State.BLOCKED:
            return False
        if each.tape.counter > before:  # else it was dead already
            self._trial.order += each.name
        self._wake()
        return True

    def _send_on(self, each):
        each.send_on(b"turn")
        self._settle()

    def _wake(self):
        """Let those that wait to be notified go on to their next step, until all that are left wait still."""
        for each in self._children.values():
            if each.state is State.WAITS:
                self._send_on(each)
                if each.state is not State.WAITS:  # others may wait until it has woken
                    self._wake()
                    return

    def _recorded(self):
        return [event for each in self._children.values() for event in each.tape.events(each.name)]
