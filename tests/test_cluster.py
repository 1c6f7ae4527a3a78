"""The bonus lesson's cluster: the race, the cure, a paused holder, and that nothing stays behind."""

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import nbformat
import psutil
import pytest
from cases import cases, few
from claim import claim
from distributed import Client

from helpers import events
from helpers.analysis import holds
from helpers.cluster import (
    add_with_fence,
    add_without_fence,
    connection,
    open_cluster,
    pause_holder,
    run_race,
)
from helpers.exercises.leases import FencedLock, FencedStore, Lease
from helpers.lab import folders, limits
from helpers.schedules import explore
from tests.claims.cluster import unanswered
from tests.environments import ROOT, execute
from tests.pages import wait_until
from tests.remains import lab_folders
from tests.scripts import python

pytestmark = pytest.mark.timeout(120)
OTHERS = Path(__file__).with_name("cluster_of_others.py")


@pytest.fixture(scope="module")
def here():
    with open_cluster("local") as cluster:
        yield cluster


@contextmanager
def somebody_elses(folder, workers):
    """The address of a cluster whose workers run in `folder` and cannot import the course."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    command = [sys.executable, str(_copied(folder)), str(workers)]
    with subprocess.Popen(command, cwd=folder, env=environment, **pipes) as process:
        yield process.stdout.readline().strip()
        process.stdin.close()
        process.wait(20)


def _copied(folder):
    copy = folder / "others.py"
    copy.write_bytes(OTHERS.read_bytes())
    return copy


# ---- the race and the cure


@claim("13", "three workers and the kernel: four process ids")
def test_the_workers_are_processes_of_their_own(here):
    pids = {*here.pids.values(), os.getpid()}
    assert len(pids) == 4
    assert all(str(pid) in repr(here) for pid in pids)


def test_kept_and_lost_are_all_updates(here):
    run = run_race(here, times=5)
    assert run.account.kept_count + run.account.lost_count == run.account.total == 15
    assert run.account.observed == run.account.kept_count
    assert set(run.pids.values()) == set(here.pids.values())


def test_with_a_lock_nothing_is_lost_and_no_hold_overlaps_another(here):
    run = run_race(here, locked=True, times=5)
    assert (run.verdict, run.account.observed) == ("correct", 15)
    spans = sorted(holds(run.events), key=lambda span: span.start)
    assert len(spans) == 15
    assert all(span.end <= following.start for span, following in pairwise(spans))


def test_a_race_leaves_nothing_at_the_scheduler(here):
    run_race(here, times=1)
    # Nobody says when the scheduler has heard that they are gone.
    variables = here.client.cluster.scheduler.extensions["variables"].variables
    wait_until(lambda: not [name for name in variables if "lock-course" in name])


@cases(
    "settings words",
    ({"times": 0}, "choose 1 to 200"),
    ({"think_ms": -1}, "choose 0 to 100 ms"),
    ({"processes": 4}, "choose 2 to 3"),
)
def test_a_wrong_setting_is_refused_before_anything_runs(here, settings, words):
    with pytest.raises(ValueError, match=words):
        run_race(here, **settings)


@contextmanager
def all_suspended(cluster):
    """Meanwhile no worker does anything: a quick one might else have begun before anybody waited for it."""
    workers = [psutil.Process(pid) for pid in cluster.pids.values()]
    for worker in workers:
        worker.suspend()
    try:
        yield
    finally:
        for worker in workers:
            worker.resume()


@cases(
    "experiment wait",
    (run_race, "process A to start"),
    (pause_holder, "the store on worker C to be made"),
)
def test_a_wait_that_runs_out_says_which_after_how_long_and_what_to_run(
    here, monkeypatch, experiment, wait
):
    monkeypatch.setattr(connection, "patience", lambda asked=0: 0.0)
    wanted = pytest.raises(TimeoutError, match=f"^waited 0 s for {wait}: ")
    with all_suspended(here), wanted as reported:
        experiment(here)
    assert "Run the cell with open_cluster() again, then this cell" in str(reported.value)
    monkeypatch.undo()
    experiment(here)  # the cluster is as good as before


def test_a_wait_on_a_cluster_grows_with_what_was_asked_for_and_with_the_machine(monkeypatch):
    monkeypatch.setattr(limits, "slowest", lambda: limits.Slowest(1.0, 0.01))
    assert connection.patience() == 20 + 20 * 1 + 200 * 0.01
    assert connection.patience(asked=3) == connection.patience() + 6


# ---- a paused holder


def test_a_paused_holder_overwrites_the_update_of_the_next(here):
    found = pause_holder(here, add_without_fence, lease_s=0.3)
    assert (found.observed, found.lost, found.refused) == (1, 1, 0)
    [b_writes] = [when for when, who, op, *_ in found.seen if (who, op) == ("B", "writes")]
    assert found.paused < b_writes < found.resumed


def test_a_fence_refuses_the_late_write_and_it_is_done_again(here):
    found = pause_holder(here, add_with_fence, lease_s=0.3)
    assert (found.observed, found.lost, found.refused) == (2, 0, 1)
    page = found._repr_html_()
    assert page.index("is paused") < page.index("goes on") < page.index("is refused 1")


def test_a_paused_holder_goes_on_even_where_the_other_one_fails(here):
    def fail(lock, store):
        with lock:
            store.write(store.read() + 1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        pause_holder(here, fail, lease_s=0.3)
    assert {psutil.Process(pid).status() for pid in here.pids.values()} & {"stopped"} == set()


def test_a_cell_that_succeeds_leaves_the_cluster_open(here):
    connection.close_after_failure(SimpleNamespace(success=True))
    assert here.is_open


class AskedLease(Lease):
    """Its holder can ask whether it still has the lock."""

    def model(self, state, me, op, arg):
        return (state, state[0] == me) if op == "ask" else super().model(state, me, op, arg)


def add_after_a_look(lock, store):
    is_added = False
    while not is_added:
        with lock:
            value = store.read()
            if is_added := events.observer.step(lock._lease, "ask"):
                store.write(value + 1)


def add_to_a_second_read(lock, store):
    with lock:
        store.read()
        store.write(store.read() + 1)


def add_without_a_new_read(lock, store):
    with lock as token:
        value = store.read()
        is_added = store.write(value + 1, token)
    while not is_added:
        with lock as token:
            is_added = store.write(value + 1, token)


def kept_in_every_order(worker, ends):
    """Whether both updates are in the store, in all orders in which as many leases end as `ends` says."""
    lease, store = AskedLease(ends), FencedStore()
    team = [(worker, (FencedLock(lease, store), store))] * 2
    every = explore(team=team, holds=lambda outcome: outcome.values == {"store": 2})
    assert every.is_proof
    return not every.failures


@claim(
    "13",
    "neither a look at the lock nor a second read before the write is enough, a refusal by the store is",
)
@cases(
    "worker kept",
    (add_without_fence, [True, False]),
    (add_after_a_look, [True, False]),
    (add_to_a_second_read, [True, False]),
    (add_with_fence, [True, True]),
)
def test_where_a_lease_ends_only_the_store_keeps_the_late_write_out(worker, kept):
    assert [kept_in_every_order(worker, ends) for ends in (0, 1)] == kept


@claim("13", "after a refusal only a new read under the new token keeps both updates")
def test_the_old_number_under_a_new_token_loses_an_update():
    assert kept_in_every_order(add_with_fence, 2)
    assert not kept_in_every_order(add_without_a_new_read, 1)


# ---- a cluster of somebody else's


@claim("13", "an existing cluster needs nothing of this course, and is left as it was found")
def test_an_existing_cluster_needs_nothing_of_the_course_and_is_only_left(tmp_path, monkeypatch):
    with somebody_elses(tmp_path, 2) as address:
        monkeypatch.setenv("COURSE_DASK_SCHEDULER", address)
        with open_cluster() as cluster:
            assert run_race(cluster, locked=True, times=3).account.observed == 6
            with pytest.raises(ValueError, match="not ours to pause"):
                pause_holder(cluster)
        with Client(address, timeout=5) as client:
            assert client.submit(sum, [1, 2]).result(timeout=10) == 3


def test_a_cluster_of_one_worker_is_refused(tmp_path):
    refused = pytest.raises(ConnectionError, match="too few workers")
    with somebody_elses(tmp_path, 1) as address, refused:
        open_cluster(address)


@pytest.mark.parametrize("kind", few(["silent", "nobody", "nonsense", "foo://bar:1"]))
def test_an_address_that_does_not_answer_is_told_and_the_local_cluster_offered(kind):
    refused = pytest.raises(ConnectionError, match="does not answer")
    with unanswered(kind) as address, refused as reported:
        open_cluster(address)
    assert address in str(reported.value)
    assert 'open_cluster("local")' in str(reported.value)


# ---- its end


def test_a_closed_cluster_says_so():
    with open_cluster("local", workers=2) as cluster:
        pids = list(cluster.pids.values())
    assert repr(cluster) == "<a closed cluster>"
    assert not any(map(psutil.pid_exists, pids))
    with pytest.raises(RuntimeError, match="open it again"):
        run_race(cluster)


FAILING = """
from helpers.cluster import *
cluster = open_cluster(workers=2)
pids = [*cluster.pids.values()]
print(*pids)
"""


@claim("13", "a cell that fails closes the cluster")
def test_a_cell_that_fails_closes_the_cluster(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.v4.new_notebook()
    failing = nbformat.v4.new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]})
    asking = nbformat.v4.new_code_cell(
        "import psutil; print(*map(psutil.pid_exists, pids), cluster)"
    )
    notebook.cells = [nbformat.v4.new_code_cell(FAILING), failing, asking]
    execute(notebook, tmp_path, limit=60)
    assert "so the cluster was closed" in json.dumps(failing.outputs)
    assert asking.outputs[0].text == "False False <a closed cluster>\n"


@claim("13", "whatever ends the kernel, no worker stays")
@pytest.mark.parametrize("end", ["by itself", "killed"])
def test_whatever_ends_the_kernel_no_process_stays_behind(end):
    script = (
        f"if __name__ == '__main__':\n    {FAILING.strip()}\n    print(flush=True)\n    input()"
    )
    script = script.replace("\ncluster", "\n    cluster").replace("\np", "\n    p")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, **pipes) as kernel:
        pids = [int(pid) for pid in kernel.stdout.readline().split()]
        if end == "killed":
            kernel.kill()
        else:
            kernel.communicate("\n", timeout=30)
        kernel.wait(30)
    workers = [psutil.Process(pid) for pid in pids if psutil.pid_exists(pid)]
    assert psutil.wait_procs(workers, timeout=20)[1] == []
    folders.sweep_folders()  # as the next run does
    assert lab_folders() == set()


# ---- without Dask


def test_without_dask_a_sentence_says_which_command_to_run(tmp_path):
    (tmp_path / "distributed.py").write_text(
        "raise ModuleNotFoundError('gone', name='distributed')"
    )
    paths = f"{tmp_path}{os.pathsep}{ROOT}"
    done = python("-c", "import helpers.cluster", env={**os.environ, "PYTHONPATH": paths})
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: this lesson needs Dask")
    assert "%pip install -r" in last and "make bonus" in last
    assert done.stderr.count("Traceback") == 1
    [requirements, pins] = [part for part in last.split('"') if part.endswith(".txt")]
    assert Path(requirements).is_file() and Path(pins).is_file()
