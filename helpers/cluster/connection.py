"""A cluster to work with, of this machine's processes or one that runs already; tasks for it, and waits that end."""

import atexit
import os
import time
import uuid
from contextlib import ExitStack, contextmanager

import cloudpickle
import dask
from distributed import Client, Event, LocalCluster, wait
from distributed.comm import connect
from distributed.utils import LoopRunner, sync
from IPython import get_ipython

import helpers
from helpers import child
from helpers.lab import check, folders, limits
from helpers.resources.shared_files import awaited

ADDRESS = "COURSE_DASK_SCHEDULER"  # the environment variable with a scheduler's address
_ANSWER = 3.0  # seconds in which a scheduler must answer, on a quiet machine
_FEWEST = 2  # workers, for a race
_MUTE = 60  # above every level of logging: expired leases are shown by the results
_SETTINGS = {
    "distributed.scheduler.locks.lease-validation-interval": "100ms",
    "distributed.admin.tick.limit": "1h",  # no warnings of a busy machine
    "distributed.comm.timeouts.connect": "20s",
}


class Cluster(ExitStack):
    """A Dask cluster and the client that talks to it. It is closed by `close()`, at the end of its
    `with` block, when a cell fails, and when the kernel ends: its processes end and its folder is removed if
    they are ours. Twice does no harm.

    `pids` are the process ids of its workers, by their addresses, in a fixed order. A cluster that was not
    started here is only left.
    """

    def __init__(self, client, opened):
        super().__init__()
        self.client = client
        self.is_local = client.cluster is not None
        self.pids = dict(sorted(client.run(os.getpid).items()))
        self.push(opened.pop_all())  # what to close with it
        _open.append(self)
        self.callback(_open.remove, self)

    @property
    def is_open(self):
        """Whether nobody has closed it yet."""
        return self in _open

    def __repr__(self):
        if not self.is_open:
            return "<a closed cluster>"
        kind = "on this machine" if self.is_local else f"at {self.client.scheduler.address}"
        pids = ", ".join(map(str, self.pids.values()))
        return f"<a cluster {kind}, workers: processes {pids}; this kernel: process {os.getpid()}>"


_open: list[Cluster] = []


def open_cluster(address=None, workers=3):
    """The Cluster at a scheduler's address, or a new one of `workers` processes (2 to 8) on this machine.

    Without `address`, the environment variable COURSE_DASK_SCHEDULER names it; "local" is this machine in any case.
    A cluster that is still open is closed first. Raises ConnectionError, which says what to do, if no scheduler
    answers or it has too few workers; TypeError or ValueError for a wrong number of workers.
    """
    check.whole("workers", workers, 2, 8)
    close_clusters()
    cloudpickle.register_pickle_by_value(helpers)  # a worker needs Dask, and nothing of this course
    address = address or os.environ.get(ADDRESS) or "local"
    with ExitStack() as opened:  # what a failure has to close
        if address == "local":
            return _connected(_new_cluster(workers, opened), opened)
        if why := _silence(address):
            _refuse(address, f"does not answer as a Dask scheduler does: {why}")
        return _connected(address, opened, timeout=limits.for_answer(_ANSWER))


def close_clusters():
    """Close all clusters that are open; returns how many they were."""
    closing = _open.copy()
    for cluster in closing:
        cluster.close()
    return len(closing)


def close_after_failure(result):
    """Close all clusters if a notebook's cell failed: IPython calls this with the cell's result."""
    if result is not None and not result.success and close_clusters():
        print(
            "This cell failed, so the cluster was closed: no process of it stays behind. "
            "To go on, run the cell with open_cluster() again."
        )


def _new_cluster(workers, opened):
    """Dask's own cluster, on this machine. It is closed with what is `opened`, and its folder removed."""
    folder, began = folders.make_folder(), time.perf_counter()
    opened.callback(child.remove, folder)
    with dask.config.set({**_SETTINGS, "temporary-directory": folder}):
        local = LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",  # any free port: another cluster may run here
            memory_limit=None,
            silence_logs=_MUTE,
        )
    opened.callback(lambda: local.close(timeout=limits.for_run(least=10)))
    limits.note_start((time.perf_counter() - began) / workers)
    return local


def _connected(of, opened, **timeout):
    """The Cluster at an address, or of a cluster of Dask's."""
    client = Client(of, **timeout)
    opened.callback(lambda: client.close(timeout=limits.for_run()))
    found = len(client.scheduler_info(n_workers=-1)["workers"])
    if found < _FEWEST:
        _refuse(of, f"has too few workers for a race: {found}, and {_FEWEST} are needed")
    return Cluster(client, opened)


def _refuse(address, why):
    raise ConnectionError(
        f"{address!r} {why}. Correct the address, as in {ADDRESS}=tcp://10.0.0.5:8786, "
        'or take workers on this machine: cluster = open_cluster("local")'
    )


def _silence(address):
    """Why there is no scheduler at `address`, in words; "" where one answers.

    A Client would wait for ever for a listener that says nothing. The knock has a loop of its own, since a kernel's
    is running, and nobody waits for it to end: looking up a name may take long.
    """
    limit, knocking = limits.for_answer(_ANSWER), LoopRunner()
    knocking.start()
    try:
        sync(knocking.loop, _shake_hands, address, limit, callback_timeout=limit)
        return ""
    except TimeoutError:
        return f"no answer in {limit:.1f} s"
    except Exception as error:  # noqa: BLE001 - whatever a stranger's answer leads to
        return f"{type(error).__name__} {error}".strip()
    finally:
        knocking.stop(timeout=0.5)


async def _shake_hands(address, limit):
    comm = await connect(address, timeout=limit)
    await comm.close()


# ---- tasks on its workers


def choose_workers(cluster, count=None):
    """By the letters of `count` processes (None: as many as there are workers), their workers' addresses.

    Raises RuntimeError for a closed cluster, TypeError or ValueError for a count that is not from 2 to all.
    """
    if not cluster.is_open:
        raise RuntimeError("the cluster is closed: open it again with cluster = open_cluster()")
    most = min(len(cluster.pids), len(check.LETTERS))
    count = most if count is None else check.whole("processes", count, 2, most)
    return dict(zip(check.LETTERS[:count], cluster.pids, strict=False))


@contextmanager
def gathering(cluster, letters):
    """A name that nobody else uses, and the Event of each letter and of "go", at which processes meet.

    The events are forgotten at the end, so that nothing stays at the scheduler.
    """
    name = f"lock-course-{uuid.uuid4().hex[:8]}"
    events = {key: Event(f"{name}-{key}", client=cluster.client) for key in (*letters, "go")}
    try:
        yield name, events
    finally:
        if cluster.is_open:
            for event in events.values():
                event.clear()


def submit(cluster, place, task, *args, **options):
    """The Future of `task(*args)` on the worker with the address `place`. Equal calls are all made, none is remembered.

    `options` are those of Client.submit.
    """
    # A lambda has no name to be imported by. So Dask sends code, which a worker without the course can run.
    return cluster.client.submit(
        lambda *given: task(*given), *args, pure=False, workers=[place], **options
    )


def patience(asked=0.0):
    """Seconds that a wait on a cluster may take if the processes ask for `asked` seconds of pauses in all."""
    return limits.for_run(asked, least=20)


@contextmanager
def waiting_for(what, asked=0.0):
    """Yields the seconds that a wait in the block may take. A TimeoutError from there says what was awaited."""
    limit = patience(asked)
    try:
        yield limit
    except TimeoutError as error:
        raise TimeoutError(
            f"waited {limit:g} s for {what}: the machine is too busy, or a worker is gone. Run the cell "
            "with open_cluster() again, then this cell"
        ) from error


def hear_of(event, future, what):
    """Wait until a task has set the event. Raises what its future raises, or TimeoutError if neither happens."""
    with waiting_for(what) as limit:
        look = min(0.5, limit)
        if not awaited(lambda: event.wait(timeout=look) or future.status == "error", limit):
            raise TimeoutError
    if future.status == "error":
        future.result()


def results(cluster, futures, what="the processes to end", asked=0.0):
    """A list of what the tasks returned, in their order. Raises what one of them raised, or TimeoutError."""
    try:
        with waiting_for(what, asked) as limit:
            wait(futures, timeout=limit)
        return cluster.client.gather(futures)
    finally:
        cluster.client.cancel(futures, force=True)


atexit.register(close_clusters)
if _shell := get_ipython():
    _shell.events.register("post_run_cell", close_after_failure)
