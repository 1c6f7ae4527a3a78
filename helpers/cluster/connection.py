"""A cluster to work with: worker processes on this machine, or one that runs already."""

import asyncio
import atexit
import os
import threading
import time

import cloudpickle
import dask
from distributed import Client, LocalCluster
from distributed.comm import connect

import helpers
from helpers import child
from helpers.lab import check, folders, limits

ADDRESS = "COURSE_DASK_SCHEDULER"  # the environment variable with a scheduler's address
_ANSWER = 3.0  # seconds in which a scheduler must answer, on a quiet machine
_FEWEST = 2  # workers, for a race
_MUTE = 60  # above every level of logging: expired leases are told by the results
_SETTINGS = {
    "distributed.scheduler.locks.lease-validation-interval": "100ms",
    "distributed.admin.tick.limit": "1h",  # no warnings of a busy machine
    "distributed.comm.timeouts.connect": "20s",
}
_open = []


class Cluster:
    """A Dask cluster and the client that talks to it. It is closed by `close()`, at the end of its
    `with` block, when a cell fails, and when the kernel ends.

    `pids` are the process ids of its workers, by their addresses. One that was not started here is only left.
    """

    def __init__(self, client, local=None, folder=None):
        self.client = client
        self.is_local = local is not None
        self._local = local
        self._folder = folder
        self.pids = client.run(os.getpid)
        _open.append(self)

    @property
    def workers(self):
        """The addresses of its workers, in a fixed order."""
        return sorted(self.pids)

    @property
    def is_open(self):
        return self in _open

    def close(self):
        """Leave the cluster; end its processes and remove its folder where they are ours. Twice does no harm."""
        if not self.is_open:
            return
        _open.remove(self)
        _end(self.client, self._local, self._folder)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def __repr__(self):
        if not self.is_open:
            return "<a closed cluster>"
        kind = "on this machine" if self.is_local else f"at {self.client.scheduler.address}"
        pids = ", ".join(str(self.pids[worker]) for worker in self.workers)
        return f"<a cluster {kind}, workers: processes {pids}; this kernel: process {os.getpid()}>"


def open_cluster(address=None, workers=3):
    """The Cluster at a scheduler's address, or a new one of `workers` processes on this machine.

    Without `address`, the environment variable COURSE_DASK_SCHEDULER tells it; "local" is this machine in any case.
    Raises ConnectionError with the mend where no scheduler answers, ValueError for a wrong number of workers.
    """
    check.whole("workers", workers, 2, 8)
    close_clusters()
    cloudpickle.register_pickle_by_value(helpers)
    address = address or os.environ.get(ADDRESS) or "local"
    return _local_cluster(workers) if address == "local" else _existing_cluster(address)


def close_clusters():
    """Close all that are open; gives back how many."""
    closing = _open.copy()
    for cluster in closing:
        cluster.close()
    return len(closing)


def _local_cluster(workers):
    folder, began = folders.make_folder(), time.perf_counter()
    local = client = None
    try:
        with dask.config.set({**_SETTINGS, "temporary-directory": folder}):
            local = LocalCluster(
                n_workers=workers,
                threads_per_worker=1,
                processes=True,
                host="127.0.0.1",
                dashboard_address="127.0.0.1:0",  # any free port: another cluster may run here
                memory_limit=None,
                local_directory=folder,
                silence_logs=_MUTE,
            )
            client = Client(local)
            cluster = Cluster(client, local, folder)
    except BaseException:
        _end(client, local, folder)
        raise
    limits.note_start((time.perf_counter() - began) / workers)
    pids = set(cluster.pids.values())
    if len(pids) != workers or os.getpid() in pids:
        cluster.close()
        raise RuntimeError(f"{workers} worker processes were wanted, their ids are {sorted(pids)}")
    return cluster


def _existing_cluster(address):
    if why := _silence(address):
        raise ConnectionError(_refusal(address, f"does not answer as a Dask scheduler does: {why}"))
    client = Client(address, timeout=limits.for_answer(_ANSWER))
    try:
        found = len(client.scheduler_info(n_workers=-1)["workers"])
        if found < _FEWEST:
            say = f"has too few workers for a race: {found}, and {_FEWEST} are needed"
            raise ConnectionError(_refusal(address, say))
        return Cluster(client)
    except BaseException:
        client.close()
        raise


def _refusal(address, why):
    return (
        f"{address!r} {why}. Mend the address, as in {ADDRESS}=tcp://10.0.0.5:8786, "
        'or take workers on this machine: cluster = open_cluster("local")'
    )


def _silence(address):
    """Why there is no scheduler at `address`, in words; "" where one answers.

    A Client would wait for ever for a listener that says nothing. In a thread, since a kernel has a loop of its own.
    """
    heard, limit = [], limits.for_answer(_ANSWER)

    def knock():
        try:
            asyncio.run(asyncio.wait_for(_shake_hands(address, limit), limit))
            heard.append("")
        except TimeoutError:
            return  # told below
        except Exception as error:  # noqa: BLE001 - whatever a stranger's answer leads to
            heard.append(f"{type(error).__name__} {error}".strip())

    thread = threading.Thread(target=knock, daemon=True)
    thread.start()
    thread.join(limit + 0.5)
    return heard[0] if heard else f"no answer in {limit:.1f} s"


async def _shake_hands(address, limit):
    comm = await connect(address, timeout=limit)
    await comm.close()


def _end(client, local, folder):
    try:
        if client is not None:
            client.close(timeout=limits.for_run())
        if local is not None:
            local.close(timeout=limits.for_run(least=10))
    finally:
        if folder is not None:
            child.remove(folder)


atexit.register(close_clusters)
