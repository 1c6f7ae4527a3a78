"""The race of lesson 02 and the cure of lesson 04, on the workers of a cluster."""

import sys
import time
import uuid
from contextlib import contextmanager
from functools import partial

import cloudpickle
from distributed import Event, Variable, wait

from helpers import analysis, lab
from helpers.cluster import tasks
from helpers.events import Event as Step
from helpers.events import counted
from helpers.lab import check, limits
from helpers.workers.counter import increment_with_lock, increment_without_lock


def run_race(cluster, locked=False, times=10, think_ms=1.0, processes=None):
    """The Run of one process on each worker, each adding one to the same number `times` over.

    With `locked`, under one `distributed.Lock`. `processes` is 2 to as many as there are workers, which is also
    what None means. Times are those of each worker's own clock.
    Raises TypeError, ValueError, RuntimeError (a closed cluster), TimeoutError (a wait that ran out).
    """
    check.whole("times", times, 1, 200)
    check.span("think_ms", think_ms, 0, 100, "ms")
    chosen = choose_workers(cluster, processes)
    worker = increment_with_lock if locked else increment_without_lock
    with names(cluster, [f"-{letter}" for letter in chosen], ["-go"]) as name:
        number = Variable(name, client=cluster.client)
        number.set(tasks.START)
        pause = think_ms / 1000
        futures = [
            submit(
                cluster,
                place,
                partial(tasks.race, worker, locked, name, letter, times, pause, patience()),
            )
            for letter, place in chosen.items()
        ]
        for letter, future in zip(chosen, futures, strict=True):
            hear_of(cluster, f"{name}-{letter}", future, f"process {letter} to start")
        Event(f"{name}-go", client=cluster.client).set()
        found = results(cluster, futures, times * len(chosen) * pause)
        told = dict(zip(chosen, found, strict=True))
        final = number.get()
        number.delete()
    parameters = {"processes": len(chosen), "times": times, "think_ms": think_ms}
    return _judged(worker.__name__, parameters, told, final)


def choose_workers(cluster, count=None):
    """The letters of `count` processes (None: all workers), each with its worker's address."""
    if not cluster.is_open:
        raise RuntimeError("the cluster is closed: open it again with cluster = open_cluster()")
    most = min(len(cluster.workers), len(check.LETTERS))
    count = most if count is None else check.whole("processes", count, 2, most)
    return dict(zip(check.LETTERS, cluster.workers[:count], strict=False))


@contextmanager
def names(cluster, *endings):
    """A name that nobody else uses; the events called so with the endings are forgotten at the end."""
    name = f"lock-course-{uuid.uuid4().hex[:8]}"
    try:
        yield name
    finally:
        for ending in [ending for group in endings for ending in group]:
            if cluster.is_open:
                Event(name + ending, client=cluster.client).clear()


@contextmanager
def by_value(worker):
    """Meanwhile, `worker` is sent to other machines with its code: they have no file of the learner's."""
    module = sys.modules[worker.__module__]
    known = cloudpickle.list_registry_pickle_by_value()
    is_new = module.__name__ != "__main__" and module.__name__.partition(".")[0] not in known
    if is_new:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        if is_new:
            cloudpickle.unregister_pickle_by_value(module)


class _ByValue:
    """A task that unpickles to itself from its code, also where nobody can import its module."""

    def __init__(self, task):
        self._task = task

    def __call__(self, *args):
        return self._task(*args)

    def __reduce__(self):
        return cloudpickle.loads, (cloudpickle.dumps(self._task),)


def submit(cluster, place, task, *args):
    """The future of `task(*args)` on the worker `place`; done anew each time, since it changes the world."""
    return cluster.client.submit(_ByValue(task), *args, pure=False, workers=[place], key=_key())


def _key():
    return f"lock-course-{uuid.uuid4().hex}"


def patience(asked=0.0):
    """Seconds that a wait on a cluster may take, where the processes ask for `asked` seconds of pauses."""
    return limits.for_run(asked, least=20)


@contextmanager
def waiting_for(what, asked=0.0):
    """Gives the seconds that a wait in the block may take; its TimeoutError says what was waited for."""
    limit = patience(asked)
    try:
        yield limit
    except TimeoutError as error:
        raise TimeoutError(
            f"waited {limit:g} s for {what}: the machine is too busy, or a worker is gone. Run the cell "
            "with open_cluster() again, then this cell"
        ) from error


def hear_of(cluster, event, future, what):
    """Return when a task has set the event. Raises what its future raises, or TimeoutError where nothing is heard."""
    told = Event(event, client=cluster.client)
    with waiting_for(what) as limit:
        end = time.monotonic() + limit
        while not told.wait(timeout=min(0.5, limit)) and future.status != "error":
            if time.monotonic() > end:
                raise TimeoutError
    if future.status == "error":
        future.result()


def results(cluster, futures, asked=0.0):
    """What the tasks gave back. Raises what one of them raised, or TimeoutError."""
    try:
        with waiting_for("the processes to end", asked) as limit:
            wait(futures, timeout=limit)
        return cluster.client.gather(futures)
    finally:
        cluster.client.cancel(futures, force=True)


def steps_of(told):
    """The steps of all processes in one list, from the notes that each gave back."""
    steps = [
        Step(letter, index, thing, thing, op, start, end, arg, seen, "done")
        for letter, (_, notes) in told.items()
        for index, (thing, op, start, end, arg, seen) in enumerate(notes)
    ]
    return sorted(steps, key=lambda step: step.start)


def _judged(worker, parameters, told, final):
    events = steps_of(told)
    account = analysis.trace_updates(events, "number", 0, final)
    verdict = "lost_updates" if account.lost_count else "correct"
    lost = f"{counted(account.lost_count, 'update')} lost" if account.lost_count else "none lost"
    sentence = (
        f"{counted(account.total, 'update')} by {counted(len(told), 'process')} on a cluster, "
        f"the number says {account.observed}: {lost}"
    )
    return lab.Run(
        worker=worker,
        parameters=parameters,
        machine=lab.Machine.here("dask"),
        processes=tuple(told),
        events=tuple(events),
        started=events[0].start,
        elapsed=(max(step.end for step in events) - events[0].start) / 1e9,
        verdict=verdict,
        sentence=sentence,
        accounts={"number": account},
        pids={letter: pid for letter, (pid, _) in told.items()},
    )
