"""What a lock with a lease cannot promise: its holder is paused, the lease ends, another process gets the lock."""

import html
import sys
import time
from dataclasses import dataclass
from functools import partial

import cloudpickle
import dask
import psutil

from helpers import analysis
from helpers.cluster import connection
from helpers.cluster.counting import NotedLock, Notes, meet, steps_of
from helpers.events import Event as Step
from helpers.events import counted
from helpers.lab import check
from helpers.pictures import html_table, style


@dataclass(frozen=True, repr=False)
class PausedHolder:
    """One run in which A was paused while it held the lock, and B wanted it.

    `seen` is what the store was asked, in its own order: (stamp, process, operation, number, the store's value after it).
    `events` are the acquires and releases; `paused` and `resumed` the stamps in ns between which A stood still.
    """

    worker: str
    lease_s: float
    seen: tuple[tuple, ...]
    events: tuple[Step, ...]
    paused: int
    resumed: int

    expected = 2

    @property
    def observed(self):
        """The number in the store at the end."""
        return self.seen[-1][-1]

    @property
    def refused(self):
        """How many writes the store refused."""
        return sum(op == "is refused" for _, _, op, *_ in self.seen)

    @property
    def lost(self):
        """How many of the updates that should be there the store does not hold."""
        return self.expected - self.observed

    def __repr__(self):
        return f"<PausedHolder {self.worker}: {self}>"

    def __str__(self):
        said = f"{counted(self.lost, 'update')} lost" if self.lost else "none lost"
        late = f", {counted(self.refused, 'late write')} refused" if self.refused else ""
        paused_s = (self.resumed - self.paused) / 1e9
        say = f"A was paused for {paused_s:.1f} s with a lease of {self.lease_s:g} s, and B got its lock"
        return f"{say}: 2 updates, the store says {self.observed}: {said}{late}"

    def _repr_html_(self):
        """The sentence and a table, time downward: who had the lock, and what the store was asked."""
        reported = [(at, who, f"{op} {new}", str(value)) for at, who, op, new, value in self.seen]
        reported += [(self.paused, "A", "is paused", ""), (self.resumed, "A", "goes on", "")]
        for span in analysis.holds(self.events):
            reported.append((span.start, span.process, "gets the lock", ""))
            reported.append((span.end, span.process, "releases the lock", ""))
        rows = []
        for at, who, words, value in sorted(reported, key=lambda line: line[0]):
            columns = [words if who == letter else "" for letter in "AB"]
            rows.append([f"{(at - self.events[0].start) / 1e6:.0f}", *columns, value])
        colour = style.LOST if self.lost else style.GOOD
        say = f'<div role="status" style="color: {colour}"><b>{html.escape(str(self))}</b></div>'
        return say + html_table(["ms", "A", "B", "in the store"], rows)


# ---- what runs on the workers


class Store:
    """A number with one owner. A write that brings a token is refused unless no newer token was given out."""

    def __init__(self):
        self.value = 0
        self.newest = 0
        self.seen = []  # what was asked of it, in this order

    def next_token(self, process):
        self.newest += 1
        self._note(process, "gets token", self.newest)
        return self.newest

    def read(self, process):
        self._note(process, "reads", self.value)
        return self.value

    def write(self, process, value, token=None):
        if token is not None and token < self.newest:
            self._note(process, "is refused", value)
            return False
        self.value = value
        self._note(process, "writes", value)
        return True

    def reported(self):
        return self.seen

    def _note(self, process, op, number):
        self.seen.append((time.time_ns(), process, op, number, self.value))


class RemoteStore:
    """The Store as a task of `process` sees it: it lives on another worker, each call is a message there and back.

    `before_write()` is called before each write.
    """

    def __init__(self, actor, process, before_write):
        self._actor, self._process = actor, process
        self._before_write = before_write

    def read(self):
        return self._actor.read(self._process).result()

    def write(self, value, token=None):
        self._before_write()
        return self._actor.write(self._process, value, token).result()

    def next_token(self):
        return self._actor.next_token(self._process).result()


def add_without_fence(lock, store):
    with lock:
        value = store.read()
        store.write(value + 1)


def add_with_fence(lock, store):
    while True:
        with lock as token:
            value = store.read()
            if store.write(value + 1, token):
                return


def hold(worker, lease_s, patience, name, actor, process):
    """Call `worker` once under a lock with a lease of `lease_s` seconds; returns the steps of its Notes.

    A waits for the others before its first write, where it will be paused, and B before it begins. Raises
    TimeoutError after `patience` seconds of waiting.
    """
    notes = Notes(process)
    meet_others = partial(meet, name, process, patience)
    if process == "B":
        meet_others()
    # A's second write waits for nobody: once said, "go" stays said.
    store = RemoteStore(actor, process, meet_others if process == "A" else lambda: None)
    with dask.config.set({"distributed.scheduler.locks.lease-timeout": f"{lease_s} s"}):
        worker(NotedLock(name, notes, store.next_token), store)
    return notes.steps


# ---- the experiment


def pause_holder(cluster, worker=add_without_fence, lease_s=0.5):
    """The PausedHolder of a run in which A reads, is paused until B is through, and then writes.

    `worker(lock, store)` is what both do; `lease_s` is 0.2 to 5 seconds. It needs three workers on this machine:
    A's process is suspended by its id, as a laptop is when it is closed. Raises ValueError for what cannot be run,
    RuntimeError for a closed cluster, TimeoutError for a wait that ran out, and whatever `worker` raises.
    """
    check.span("lease_s", lease_s, 0.2, 5, "seconds")
    if not cluster.is_local:
        raise ValueError(
            "a process of somebody else's cluster is not ours to pause: take workers on this machine, "
            'cluster = open_cluster("local")'
        )
    places = connection.choose_workers(cluster, 3)
    # With its code: a worker has no file of the learner's.
    cloudpickle.register_pickle_by_value(sys.modules[worker.__module__])
    with connection.waiting_for("the store on worker C to be made") as limit:
        store = connection.submit(cluster, places["C"], Store, actor=True).result(timeout=limit)
    notes, paused, resumed = _held_up(cluster, worker, lease_s, places, store)
    with connection.waiting_for("the store to tell what it saw") as limit:
        seen = store.reported().result(timeout=limit)
    return PausedHolder(worker.__name__, lease_s, tuple(seen), steps_of(notes), paused, resumed)


def _held_up(cluster, worker, lease_s, places, store):
    """The notes of A and B, and the stamps at which A was paused and let go on."""
    with connection.gathering(cluster, "AB") as (name, events):
        task = partial(hold, worker, lease_s, connection.patience(), name)
        # B knows the store before A is paused: it might ask A's worker where it is.
        second = connection.submit(cluster, places["B"], task, store, "B")
        connection.hear_of(events["B"], second, "process B to start")
        first = connection.submit(cluster, places["A"], task, store, "A")
        connection.hear_of(events["A"], first, "process A to come to its first write")
        holder = psutil.Process(cluster.pids[places["A"]])
        holder.suspend()
        paused = time.time_ns()
        try:
            events["go"].set()  # A hears it when it goes on
            what = "process B to get the lock of A, who is paused"
            of_b = connection.results(cluster, [second], what, 2 * lease_s)
        finally:
            resumed = time.time_ns()
            holder.resume()
        return of_b + connection.results(cluster, [first]), paused, resumed
