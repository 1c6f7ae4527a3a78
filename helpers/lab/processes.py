"""Start processes, let them go, watch them, and end them: one exit path for all."""

import multiprocessing
import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from multiprocessing.connection import wait
from typing import Any, Self

from helpers import child, events
from helpers.lab import check, child_processes, folders, limits, machine, verdict
from helpers.lab.check import Member, Stop, Worker
from helpers.lab.child_processes import ChildProcess, State
from helpers.lab.interrupts import interrupts_held
from helpers.lab.verdict import Run
from helpers.lab.watch import Conductor, CutOff, Ending, Trial, Watch
from helpers.refused import explained, need_processes

_LOOK = 0.02  # seconds between two looks at Stop and the deadline
_INTERRUPTED = {-signal.SIGINT, 0xC000013A, 0xC000013A - 2**32}  # the last two: Windows


def run(
    worker: Worker | None = None,
    *args: object,
    processes: int = 4,
    start_method: str | None = None,
    deadline: float | None = None,
    asked: float = 0.0,
    team: Iterable[Member] | None = None,
    stop: Stop = None,
    slots: int = 2048,
    schedule: str | None = None,
    fault: tuple[str, int] | None = None,
) -> Run:
    """Run `worker(*args)` in real processes and give back the Run.

    `worker` is a function of a module, or a WorkerFile; `args` are plain values, resources and
    locks. With `team`, a list of (worker, args) in their place, each process gets its own. `start_method` is
    fork, spawn or forkserver (None: the default), `deadline` the seconds after which the run ends
    as `timed_out`. With None they are computed: they grow with `asked`, the seconds of all pauses that
    the processes ask for, and with what this machine took of late (lab.limits). `stop` is a
    threading.Event that ends the run as `stopped`, `slots` the number of steps, and of pauses, that a
    process's tape can hold.

    With a `schedule` such as "ABBA", or its code (see `check.code`), the processes take their steps in that order, one
    at a time; when its letters are used up, the rest runs in alphabetical order. With a `fault` such as
    ("A", 2), step 2 of A (its first is 0) raises InjectedFault instead, unless it is a release.

    Raises TypeError or ValueError for what cannot be run, before any process starts, ScheduleError
    where the schedule asks a process to move that waits or has ended, ValueError where its code was made for other steps, and Refused, an
    OSError that says what to do, where the system has no more processes, files, locks or room.
    """
    how: Any = {"deadline": deadline, "asked": asked, "stop": stop}
    how |= {"schedule": schedule, "fault": fault, "is_last": True}
    with ProcessSet(processes, start_method, slots) as team_set:
        return team_set.run(worker, *args, team=team, **how)


class ProcessSet:
    """Processes that serve one trial after the other; their locks are inherited once.

    The processes start with the first trial, and anew after one that ended badly. Use it in a
    `with` statement: leaving it ends them.
    """

    _folder = ""

    def __init__(self, processes: int = 4, start_method: str | None = None, slots: int = 2048):
        need_processes()
        self.children: list[ChildProcess] = []
        self._count = check.processes(processes)
        self._method = machine.checked_start_method(start_method)
        self._context = multiprocessing.get_context(self._method)
        self._machine = machine.Machine.here(self._method)
        self._slots = check.whole("slots", slots, 1, 1_000_000)
        self._shared_objects: list[events.SharedObject] = []
        self._bound: list[events.SharedObject] = []
        self._trials = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._end()

    def __del__(self) -> None:
        """An interrupt may have come before the first line of the way out. What is made has its folder first."""
        if self._folder:
            self._end()

    def run(
        self,
        worker: Worker | None = None,
        *args: object,
        team: Iterable[Member] | None = None,
        is_last: bool = False,
        **how: Any,
    ) -> Run:
        """One trial with fresh files, as `lab.run` in the processes of this set; they end with it if it `is_last`.

        `how` are the deadline, asked, stop, schedule and fault of `lab.run`.
        """
        members = [(worker, args)] * self._count if team is None else team
        trial = Trial(check.team(members, self._count), **how)
        try:
            with suppress(CutOff):
                with explained():
                    self._prepare(trial)
                self._let_go(trial)
            if trial.ended in (Ending.STUCK, Ending.TIMED_OUT):
                trial.places = child_processes.places(self.children, trial.team)
        except BaseException as error:
            # An interrupted run is a result, unless it has no processes yet: then there is nothing to say.
            if not (isinstance(error, KeyboardInterrupt) and self.children):
                self._end()
                raise
            trial.ended = Ending.STOPPED
        return self._finish(trial, is_last)

    def _prepare(self, trial):
        """Processes that wait for "go", with fresh files."""
        with interrupts_held():
            self._make_ready(trial)
        for each, message in zip(self.children, trial.messages(), strict=True):
            each.tell(message)
        trial.limit = limits.for_start(self._count)
        self._listen(trial, time.perf_counter() + trial.limit)
        self._note_deaths(trial)

    def _make_ready(self, trial):
        shared_objects = list(trial.shared_objects)
        may_go_on = all(each.may_go_on for each in self.children)
        if not may_go_on or shared_objects != self._shared_objects:
            self._end()
        if not self._folder:
            self._folder = folders.make_folder()
            self._shared_objects = shared_objects
            bound = {shared: shared.bind(self._context) for shared in shared_objects}
            self._bound = [shared.with_bound(bound) for shared in bound.values()]
        self._trials += 1
        trial.folder = os.path.join(self._folder, str(self._trials))
        with explained("folder"):
            os.mkdir(trial.folder)
            for shared in self._bound:
                shared.enter(trial.folder)
                shared.prepare()
        if not self.children:
            with machine.starting(self._method):
                for name in check.LETTERS[: self._count]:
                    how = (self._context, name, self._folder, self._slots, self._bound)
                    self.children.append(ChildProcess(*how))
        for each in self.children:
            each.state = State.MOVING

    def _let_go(self, trial):
        """Let the processes work until all have ended, free or turn by turn, or the trial is cut off."""
        trial.limit = trial.deadline or limits.for_run(trial.asked)
        end = time.perf_counter() + trial.limit
        trial.started = time.perf_counter_ns()
        try:
            for each in self.children:
                each.send_on(b"go")
            if trial.schedule is None:
                freed = frozenset(t.identity for t in self._bound if t.is_freed_at_death)
                self._listen(trial, end, Watch(self.children, freed))
            else:
                Conductor(trial, self.children, lambda: self._listen(trial, end)).conduct()
            self._note_deaths(trial)
        finally:
            trial.elapsed = (time.perf_counter_ns() - trial.started) / 1e9

    def _listen(self, trial, end, watch=None):
        """Hear the processes until none is on its way; the limit, Stop or the watch cuts the trial off."""
        while pending := [each for each in self.children if each.state is State.MOVING]:
            left = end - time.perf_counter()
            if trial.stop is not None and trial.stop.is_set():
                trial.cut_off(Ending.STOPPED)
            if left <= 0:
                trial.cut_off(Ending.TIMED_OUT, watch and watch.look(others_may_go_on=True))
            if watch and (stuck := watch.look()):
                trial.cut_off(Ending.STUCK, stuck)
            pause = min(left, watch.pause if watch else _LOOK)
            wait([s for each in pending for s in (each.conn, each.process.sentinel)], pause)
            for each in pending:
                each.hear()

    def _note_deaths(self, trial):
        if any(each.state in (State.RAISED, State.GONE) for each in self.children):
            trial.cut_off(Ending.CRASHED)

    def _finish(self, trial, is_last):
        """End what must be ended, read the tapes, judge, and clear the trial's files away.

        After the last trial all is ended here, with interrupts held: one at the first line of `__exit__` would be
        in time to keep it from ending anything, and a notebook keeps its traceback, and with that this set, alive.
        """
        if trial.ended:
            self._end_processes()
        if any(each.exit_code in _INTERRUPTED for each in self.children):
            trial.ended = Ending.STOPPED
        result = verdict.judged(trial, self.children, self._bound, self._machine)
        limits.note_steps(result.events)
        for shared in self._bound:
            shared.clear()
        if trial.ended or is_last:
            self._end()
        else:
            child.remove(trial.folder)
        return result

    def _end_processes(self):
        """Ask, wait, terminate, wait, kill, wait: nothing survives this."""
        for each in self.children:
            each.tell(b"")
        if all(each.is_over for each in self.children):  # they may still let go of what they made
            _join(self.children, limits.for_answer(0.5))
        for end, limit in (("terminate", limits.for_answer(0.5)), ("kill", limits.for_run())):
            for each in self.children:
                getattr(each.process, end)()
            _join(self.children, limit)
        for each in self.children:  # what a worker has started may live on
            child.kill_group(each.process.pid)

    def _end(self):
        """The one way out: processes, pipes, tapes and the folder, in this order."""
        with interrupts_held():
            self._end_processes()
            for each in self.children:
                each.close()
            self.children = []
            if self._folder:
                child.remove(self._folder)
                self._folder = ""


def _join(children, limit):
    end = time.perf_counter() + limit
    for each in children:
        each.process.join(max(end - time.perf_counter(), 0))
