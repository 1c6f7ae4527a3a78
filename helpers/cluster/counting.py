"""The race of lesson 02 and the cure of lesson 04, on the workers of a cluster, and the notes that a task takes."""

import os
import time
from functools import partial

from distributed import Event, Lock, Variable

from helpers import analysis, lab
from helpers.cluster import connection
from helpers.events import START_ID, counted, split_stamp, stamp
from helpers.events import Event as Step
from helpers.lab import check
from helpers.workers.counter import increment_with_lock, increment_without_lock


def run_race(cluster, locked=False, times=10, think_ms=1.0, processes=None):
    """The Run of one process on each worker, each adding one to the same number `times` over.

    With `locked`, under one `distributed.Lock`. `processes` is 2 to as many as there are workers, which is also
    what None means; `times` is 1 to 200, `think_ms` 0 to 100 ms between read and write. The times of the steps
    are in ns, by each worker's own clock. Raises TypeError or ValueError for what cannot be run, RuntimeError for a
    closed cluster, TimeoutError for a wait that ran out.
    """
    check.whole("times", times, 1, 200)
    check.span("think_ms", think_ms, 0, 100, "ms")
    chosen = connection.choose_workers(cluster, processes)
    worker = increment_with_lock if locked else increment_without_lock
    pause = think_ms / 1000
    with connection.gathering(cluster, chosen) as (name, events):
        number = Variable(name, client=cluster.client)
        number.set(f"{START_ID} 0")
        task = partial(race, worker, locked, times, pause, connection.patience(), name)
        futures = [connection.submit(cluster, at, task, letter) for letter, at in chosen.items()]
        for letter, future in zip(chosen, futures, strict=True):
            connection.hear_of(events[letter], future, f"process {letter} to start")
        events["go"].set()
        reported = connection.results(cluster, futures, asked=times * len(chosen) * pause)
        final = number.get()
        number.delete()
    pids, notes = zip(*reported, strict=True)
    parameters = {"processes": len(chosen), "times": times, "think_ms": think_ms}
    return _judged(worker.__name__, parameters, dict(zip(chosen, pids, strict=True)), notes, final)


def _judged(worker, parameters, pids, notes, final):
    events = steps_of(notes)
    account = analysis.trace_updates(events, "number", 0, final)
    lost = f"{counted(account.lost_count, 'update')} lost" if account.lost_count else "none lost"
    done = f"{counted(account.total, 'update')} by {counted(len(pids), 'process')} on a cluster"
    return lab.Run(
        worker=worker,
        parameters=parameters,
        machine=lab.Machine.here("dask"),
        processes=tuple(pids),
        events=events,
        started=events[0].start,
        elapsed=(max(step.end for step in events) - events[0].start) / 1e9,
        verdict="lost_updates" if account.lost_count else "correct",
        sentence=f"{done}, the number says {account.observed}: {lost}",
        accounts={"number": account},
        pids=pids,
    )


def steps_of(notes):
    """The Events of all processes in one tuple, by their start, from the notes that each process returned."""
    steps = [Step(*note) for steps in notes for note in steps]
    return tuple(sorted(steps, key=lambda step: step.start))


# ---- what runs on the workers, which need not have this module


class Notes:
    """What one process did: `steps` are the fields of an Event each, with times in ns of its machine's clock."""

    def __init__(self, process):
        self.process = process
        self.steps = []

    def step(self, shared, op, do, arg=""):
        """Do one step, note it with the text that it gave, and return that."""
        start = time.time_ns()
        seen = str(do() or "")
        times, index = (start, time.time_ns()), len(self.steps)
        self.steps.append((self.process, index, shared, shared, op, *times, str(arg), seen, "done"))
        return seen


class SharedNumber:
    """A number kept by the scheduler, which all workers can read and write.

    Each write carries a unique id, as in the course's files.
    """

    def __init__(self, name, notes, patience):
        self._variable = Variable(name)
        self._notes, self._patience = notes, patience
        self._writes = 0

    def read(self):
        read = partial(self._variable.get, timeout=self._patience)
        return split_stamp(self._notes.step("number", "read", read))[1]

    def write(self, value):
        self._writes += 1
        text = stamp(self._notes.process, self._writes, value)
        self._notes.step("number", "write", lambda: self._variable.set(text) or text, value)


class NotedLock:
    """A `distributed.Lock` whose acquire and release are noted. In its `with` block it stands for what `on_grant()` gives."""

    def __init__(self, name, notes, on_grant=lambda: None):
        self._lock = Lock(f"{name}-lock")
        self._notes, self._on_grant = notes, on_grant

    def __enter__(self):
        self._notes.step("lock", "acquire", self._lock.acquire)
        return self._on_grant()

    def __exit__(self, *_):
        self._notes.step("lock", "release", self._lock.release)


def meet(name, process, patience):
    """Say that this process is here, and wait until all may go on. Raises TimeoutError after `patience` seconds."""
    Event(f"{name}-{process}").set()
    if not Event(f"{name}-go").wait(timeout=patience):
        raise TimeoutError(f"the other processes were not there after {patience:g} s")


def race(worker, is_locked, times, think, patience, name, process):
    """Let `worker` go when all are there; returns its process id and the steps of its Notes."""
    notes = Notes(process)
    locks = [NotedLock(name, notes)] if is_locked else []
    number = SharedNumber(name, notes, patience)
    meet(name, process, patience)
    worker(number, *locks, times, think)
    return os.getpid(), notes.steps
