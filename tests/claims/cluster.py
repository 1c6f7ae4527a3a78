"""What lesson 13 claims about a Dask cluster: runs at default settings, on workers of this machine."""

import socket
import time
from collections import Counter
from contextlib import contextmanager

from helpers.cluster import add_with_fence, add_without_fence, open_cluster, pause_holder, run_race
from tests.claim import claim

RUNS = 50


@claim("13", "a cluster without a lock loses updates in every run; kept + lost = all")
def without_a_lock_a_cluster_loses():
    """Every run without a lock loses updates."""
    with open_cluster("local") as cluster:
        runs = [run_race(cluster) for _ in range(RUNS)]
    verdicts = Counter(run.verdict for run in runs)
    yield f"{RUNS} runs on a cluster without a lock", dict(verdicts), {"lost_updates": RUNS}
    adds_up = all(run.account.kept_count + run.account.lost_count == 30 for run in runs)
    yield "kept + lost = all, in each of them", adds_up, True


@claim("13", "under a `distributed.Lock` nothing is lost")
def with_a_lock_a_cluster_loses_nothing():
    """No run under a distributed.Lock loses an update."""
    with open_cluster("local") as cluster:
        verdicts = Counter(run_race(cluster, locked=True).verdict for _ in range(RUNS))
    yield f"{RUNS} runs on a cluster with a distributed.Lock", dict(verdicts), {"correct": RUNS}


@claim("13", "a paused holder loses an update; a fence refuses its late write")
def a_paused_holder_loses_an_update_unless_it_is_fenced():
    """A paused holder writes late: one update is lost; with a fence the write is refused and done again."""
    with open_cluster("local") as cluster:
        for worker, wanted in ((add_without_fence, (1, 0)), (add_with_fence, (0, 1))):
            runs = [pause_holder(cluster, worker) for _ in range(RUNS)]
            found = Counter((run.lost, run.refused) for run in runs)
            yield f"{worker.__name__}: (lost, refused)", dict(found), {wanted: RUNS}


@contextmanager
def unanswered(kind):
    """An address where no scheduler answers: "nobody" listens, somebody "silent" does, or `kind` itself."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if kind == "silent":
            listener.listen()
        port = listener.getsockname()[1]
        yield f"tcp://127.0.0.1:{port}" if kind in ("nobody", "silent") else kind


def no_answer_is_told_in_time():
    """An address that does not answer is told within 5 s."""
    for kind in ("nobody", "silent", "nonsense"):
        with unanswered(kind) as address:
            began = time.monotonic()
            try:
                open_cluster(address).close()
                reported = "a cluster"
            except ConnectionError:
                reported = "within 5 s" if time.monotonic() - began < 5 else "too late"
        yield f"an address that does not answer ({kind})", reported, "within 5 s"
