"""What a lock with a lease cannot promise: its holder is paused, the lease ends, another one gets the lock."""

import time
from dataclasses import dataclass
from functools import partial

import psutil
from distributed import Event, wait

from helpers.cluster import tasks
from helpers.cluster.counting import (
    by_value,
    choose_workers,
    hear_of,
    names,
    patience,
    results,
    steps_of,
    submit,
    waiting_for,
)
from helpers.events import Event as Step
from helpers.events import counted
from helpers.lab import check


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
        return self.expected - self.observed

    @property
    def overlap_s(self):
        """For how many seconds both A and B had the lock, as far as each of them knew."""
        holds = {(step.process, step.op): step for step in reversed(self.events)}
        last_start = max(holds[letter, "acquire"].end for letter in "AB")
        first_end = min(holds[letter, "release"].start for letter in "AB")
        return max(0, first_end - last_start) / 1e9

    def __repr__(self):
        return f"<PausedHolder {self.worker}: {self}>"

    def __str__(self):
        said = f"{counted(self.lost, 'update')} lost" if self.lost else "none lost"
        late = f", {counted(self.refused, 'late write')} refused" if self.refused else ""
        return (
            f"A was paused for {(self.resumed - self.paused) / 1e9:.1f} s with a lease of {self.lease_s:g} s, "
            f"and B got its lock: 2 updates, the store says {self.observed}: {said}{late}"
        )


def pause_holder(cluster, worker=tasks.add_without_fence, lease_s=0.5):
    """The PausedHolder of a run in which A reads, is paused until B is through, and then writes.

    `worker(lock, store)` is what both do. It needs three workers on this machine: A's process is suspended by
    its id, as a laptop is when it is closed. Raises ValueError, RuntimeError, TimeoutError.
    """
    check.span("lease_s", lease_s, 0.2, 5, "seconds")
    if not cluster.is_local:
        raise ValueError(
            "a process of somebody else's cluster is not ours to pause: take workers on this machine, "
            'cluster = open_cluster("local")'
        )
    places = choose_workers(cluster, 3)
    with by_value(worker), names(cluster, ["-B", "-go", "-pause-reached", "-pause-over"]) as name:
        owner = {"actor": True, "pure": False, "workers": [places["C"]]}
        with waiting_for("the store on worker C to be made") as limit:
            store = cluster.client.submit(tasks.Store, **owner).result(timeout=limit)
        told, paused, resumed = _held_up(cluster, worker, lease_s, name, places, store)
        with waiting_for("the store to tell what it saw") as limit:
            seen = store.told().result(timeout=limit)
    return PausedHolder(
        worker=worker.__name__,
        lease_s=lease_s,
        seen=tuple(seen),
        events=tuple(steps_of(told)),
        paused=paused,
        resumed=resumed,
    )


def _held_up(cluster, worker, lease_s, name, places, store):
    """The notes of A and B, and when A was paused and let go on."""

    def event(ending):
        return Event(name + ending, client=cluster.client)

    def start(letter):
        task = partial(tasks.hold, worker, lease_s, name, letter, patience())
        return submit(cluster, places[letter], task, store)

    # B knows the store before A is paused: it might ask A's worker where it is.
    second = start("B")
    hear_of(cluster, f"{name}-B", second, "process B to start")
    first = start("A")
    hear_of(cluster, f"{name}-pause-reached", first, "process A to come to its first write")
    holder = psutil.Process(cluster.pids[places["A"]])
    holder.suspend()
    paused = time.time_ns()
    try:
        event("-pause-over").set()  # A hears it when it goes on
        event("-go").set()
        with waiting_for("process B to get the lock of A, who is paused", 2 * lease_s) as limit:
            wait([second], timeout=limit)
        second.result()
    finally:
        resumed = time.time_ns()
        holder.resume()
    notes = results(cluster, [first, second])
    return dict(zip("AB", notes, strict=True)), paused, resumed
