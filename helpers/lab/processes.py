"""Start processes, let them go, watch them, and end them: one exit path for all."""

import math
import multiprocessing
import os
import pickle
import signal
import time
from multiprocessing.connection import wait

from helpers import child
from helpers.lab import check, folders, limits, machine, stacks, verdict
from helpers.lab.arguments import pack_or_inherit
from helpers.lab.conductor import Conductor
from helpers.lab.interrupts import interrupts_held
from helpers.lab.process_handles import Seat
from helpers.lab.watch import Watch
from helpers.refused import explained

_LOOK = 0.02  # seconds between two looks at Stop and the deadline
_INTERRUPTED = {-signal.SIGINT, 0xC000013A, 0xC000013A - 2**32}  # the last two: Windows


def run(
    worker=None,
    *args,
    processes=4,
    start_method=None,
    deadline=None,
    asked=0.0,
    team=None,
    stop=None,
    slots=2048,
    schedule=None,
    fault=None,
):
    """Run `worker(*args)` in real processes and give back the Run.

    `worker` is a function of a module, or a WorkerFile; `args` are plain values, resources and
    locks. With `team`, a list of (worker, args) in their place, each process gets its own. `start_method` is
    fork, spawn or forkserver (None: the default), `deadline` the seconds after which the run ends
    as `timed_out`. With None they are computed: they grow with `asked`, the seconds of all pauses that
    the processes ask for, and with what this machine took of late (lab.limits). `stop` is a
    threading.Event that ends the run as `stopped`, `slots` the number of steps, and of pauses, that a
    process's tape can hold.

    With a `schedule` such as "ABBA" the processes take their steps in that order, one at a time;
    when its letters are used up, the rest runs in alphabetical order. With a `fault` such as
    ("A", 2), step 2 of A (its first is 0) raises InjectedFault instead, unless it is a release.

    Raises TypeError or ValueError for what cannot be run, before any process starts, ScheduleError
    where the schedule asks a process to move that waits or has ended, and Refused, an
    OSError that says what to do, where the system has no more processes, files, locks or room.
    """
    how = {"deadline": deadline, "asked": asked, "schedule": schedule, "fault": fault}
    with ProcessSet(processes, start_method, slots) as team_set:
        return team_set.run(worker, *args, team=team, stop=stop, is_last=True, **how)


class ProcessSet:
    """Processes that serve one trial after the other; their locks are inherited once.

    The processes start with the first trial, and anew after one that ended badly. Use it in a
    `with` statement: leaving it ends them.
    """

    _seats, _folder = (), None

    def __init__(self, processes=4, start_method=None, slots=2048):
        self._count = check.processes(processes)
        self._method = machine.checked_start_method(start_method)
        self._context = multiprocessing.get_context(self._method)
        self._machine = machine.Machine.here(self._method)
        self._slots = check.slots(slots)
        self._seats, self._things, self._bound = [], [], []
        self._trials = 0

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self._end()

    def __del__(self):
        """An interrupt may have come before the first line of the way out."""
        if self._seats or self._folder:
            self._end()

    def run(
        self,
        worker,
        *args,
        team=None,
        deadline=None,
        asked=0.0,
        stop=None,
        schedule=None,
        fault=None,
        is_last=False,
    ):
        """One trial with fresh files, as `lab.run` in the processes of this set; they end with it if it `is_last`."""
        deadline = check.deadline(deadline)
        asked = check.span("asked", asked, 0, math.inf, "seconds")
        team = [(worker, args)] * self._count if team is None else team
        team = check.team(team, self._count)
        if schedule is not None:
            schedule = check.schedule(schedule, self._count)
        fault = check.fault(fault, self._count)
        trial = _Trial(team, deadline, asked, stop, schedule, fault)
        try:
            with explained():
                self._prepare(trial)
            self._let_go(trial)
            if trial.ended in ("stuck", "timed_out"):
                trial.places = stacks.places(self._seats, trial.files)
        except KeyboardInterrupt:
            trial.ended = "stopped"
        except BaseException:
            self._end()
            raise
        return self._finish(trial, is_last)

    def _prepare(self, trial):
        """Processes that wait for "go", with fresh files."""
        with interrupts_held():
            self._make_ready(trial)
        for seat, message in zip(self._seats, trial.messages(), strict=True):
            seat.tell(message)
        trial.limit = limits.for_start(self._count)
        self._await("ready", trial)

    def _make_ready(self, trial):
        things = list(trial.things)
        if not all(seat.may_go_on for seat in self._seats) or things != self._things:
            self._end()
        if not self._folder:
            self._bind(things)
        self._trials += 1
        trial.folder = os.path.join(self._folder, str(self._trials))
        with explained("folder"):
            os.mkdir(trial.folder)
            for thing in self._bound:
                thing.enter(trial.folder)
                thing.prepare()
        if not self._seats:
            self._start()
        for seat in self._seats:
            seat.wait_for_trial()

    def _let_go(self, trial):
        if trial.ended:
            return
        trial.limit = trial.deadline or limits.for_run(trial.asked)
        trial.started = time.perf_counter_ns()
        try:
            for seat in self._seats:
                seat.tell(b"go")
            if trial.schedule is None:
                self._watch(trial)
            else:
                self._conduct(trial)
        finally:
            trial.elapsed = (time.perf_counter_ns() - trial.started) / 1e9

    def _watch(self, trial):
        """Wait until all are done; those that are seen to wait for ever end the trial."""
        watch = Watch(
            self._seats, frozenset(t.identity for t in self._bound if t.is_freed_at_death)
        )
        self._await("done", trial, watch)
        if trial.ended == "timed_out":
            trial.stuck = watch.look(others_may_go_on=True)

    def _conduct(self, trial):
        """Give the processes their turns, as the schedule has it."""
        end = time.perf_counter() + trial.limit
        for seat in self._seats:
            seat.said = ("moving",)
        conductor = Conductor(
            self._seats, trial.schedule, lambda: self._listen(Seat.is_moving, end, trial)
        )
        try:
            if not conductor.conduct():
                trial.ended = "stuck"
        finally:
            trial.order = conductor.order
        self._note_deaths("done", trial)

    def _await(self, word, trial, watch=None):
        """Wait until every process has said `word` or is gone; the limit, Stop or the watch ends the trial."""
        end = time.perf_counter() + trial.limit
        if self._listen(lambda seat: seat.is_due(word), end, trial, watch):
            self._note_deaths(word, trial)

    def _listen(self, is_due, end, trial, watch=None):
        """Hear the processes until none is due: True. False where something else ends the trial."""
        while pending := [seat for seat in self._seats if is_due(seat)]:
            left = end - time.perf_counter()
            if trial.stop is not None and trial.stop.is_set():
                trial.ended = "stopped"
                return False
            if left <= 0:
                trial.ended = "timed_out"
                return False
            if watch and (stuck := watch.look()):
                trial.ended, trial.stuck = "stuck", stuck
                return False
            pause = min(left, watch.pause if watch else _LOOK)
            if len(pending) == 1:  # a step's turn: this is the faster way
                pending[0].await_words(pause)
            else:
                wait([s for seat in pending for s in (seat.conn, seat.process.sentinel)], pause)
            for seat in pending:
                seat.hear()
        return True

    def _note_deaths(self, word, trial):
        if not trial.ended and any(seat.said[0] != word for seat in self._seats):
            trial.ended = "crashed"

    def _finish(self, trial, is_last):
        """End what must be ended, read the tapes, judge, and clear the trial's files away.

        After the last trial all is ended here, with interrupts held: one at the first line of `__exit__` would be
        in time to keep it from ending anything, and a notebook keeps its traceback, and with that this set, alive.
        """
        if trial.ended:
            self._end_processes()
        if any(seat.exit_code in _INTERRUPTED for seat in self._seats):
            trial.ended = "stopped"
        result = verdict.judged(trial, self._seats, self._bound, self._machine)
        limits.note_steps(result.events)
        for thing in self._bound:
            thing.clear()
        if trial.ended or is_last:
            self._end()
        else:
            child.remove(trial.folder)
        return result

    def _bind(self, things):
        self._folder = folders.make_folder()
        self._things = things
        bound = {thing: thing.bind(self._context) for thing in things}
        self._bound = [thing.with_bound(bound) for thing in bound.values()]

    def _start(self):
        with machine.starting(self._method):
            for name in check.LETTERS[: self._count]:
                self._seats.append(
                    Seat(self._context, name, self._folder, self._slots, self._bound)
                )

    def _end_processes(self):
        """Ask, wait, terminate, wait, kill, wait: nothing survives this."""
        for seat in self._seats:
            seat.tell(b"")
        if all(seat.is_over for seat in self._seats):  # they may still let go of what they made
            self._join(limits.for_answer(0.5))
        for seat in self._started:
            seat.process.terminate()
        self._join(limits.for_answer(0.5))
        for seat in self._started:
            seat.process.kill()
        self._join(limits.for_run())
        for seat in self._started:
            seat.end_group()

    @property
    def _started(self):
        return [seat for seat in self._seats if seat.is_started]

    def _join(self, limit):
        end = time.perf_counter() + limit
        for seat in self._started:
            seat.process.join(max(end - time.perf_counter(), 0))

    def _end(self):
        """The one way out: processes, pipes, tapes and the folder, in this order."""
        with interrupts_held():
            self._end_processes()
            for seat in self._seats:
                seat.close()
            self._seats = []
            if self._folder:
                child.remove(self._folder)
                self._folder = None


class _Trial:
    """One trial under way: who does what, by when, and how it ended (None: by itself).

    `limit` is in seconds: first for the start of all processes, then for what they do.
    """

    def __init__(self, team, deadline, asked, stop, schedule, fault):
        self.team = team
        self.deadline, self.asked, self.limit = deadline, asked, None
        self.stop = stop
        self.schedule = schedule
        self.fault = fault
        self.order = ""
        self.folder = None
        self.ended = None
        self.stuck = None
        self.places = {}
        self.started = 0
        self.elapsed = 0.0
        self.things = {}
        self._args = [pack_or_inherit(args, self.things) for _, args in team]
        check.names(self.things)

    @property
    def files(self):
        """The path of each worker's file, by letter."""
        workers = [worker for worker, _ in self.team]
        return {name: check.file_of(w) for name, w in zip(check.LETTERS, workers, strict=False)}

    def messages(self):
        """What each process is told: worker, folder, packed arguments, how to run, its fault."""
        is_stepped = self.schedule is not None
        for name, (worker, _), args in zip(check.LETTERS, self.team, self._args, strict=False):
            fault = self.fault.index if self.fault and self.fault.process == name else None
            yield pickle.dumps((check.source(worker), self.folder, args, is_stepped, fault))
