"""What the checks of lessons 10, 11 and 13 stand on: somebody else who comes in between, programs led step by step, leases."""

import os

import pytest
from pages import wait_until
from remains import is_running

from helpers import lab
from helpers.exercises.answers import Answer
from helpers.exercises.checking import check
from helpers.exercises.leases import FencedLock, FencedStore, Lease
from helpers.exercises.my_total import programs
from helpers.resources.stand_ins import RefusingTable
from helpers.schedules import explore

FENCED = """
def add(lock, store):
    while True:
        with lock as token:
            if store.write(store.read() + 1, token):
                return
"""
ONLY_HERE = """
open("beside.txt")


def read_total(folder):
    return 0


def add_part(folder, part, merge):
    merge(0, part)
"""
FORGOTTEN = """
import subprocess, sys


def add_part(folder, part, merge):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    open(folder + "/pid", "w").write(str(child.pid))
"""
RETRY = """
import sqlite3


def count(table):
    tries = 0
    while True:
        tries += 1
        try:
            with table.transaction():
                table.update(table.select() + 1)
            return tries
        except sqlite3.OperationalError:
            pass


def compare(table):
    tries = 1
    while not table.update_where(before := table.select(), before + 1):
        tries += 1
    return tries
"""


@pytest.mark.parametrize("name", ["count", "compare"])
def test_a_refusing_table_refuses_so_often_and_then_no_more(learner, name):
    worker = learner(RETRY, name)
    run = lab.run(worker, RefusingTable(start=5, refusals=3), processes=1)
    assert (run.returned["A"], run.account.observed) == (4, 6)


def test_a_worker_file_can_be_called_several_times_in_a_row(learner):
    worker = learner("calls = []\n\n\ndef work():\n    calls.append(1)\n    return len(calls)\n")
    three = lab.WorkerFile(worker.path, "work", 3)
    assert lab.run(three, processes=1).returned["A"] == (1, 2, 3)


@pytest.mark.parametrize("ends", [0, 1, 2])
def test_leases_end_on_real_files_as_in_the_model(learner, ends):
    lease, store = Lease(ends), FencedStore(start=5)
    team = [(learner(FENCED, "add"), (FencedLock(lease, store), store))] * 2
    found = explore(team=team, processes=2)
    assert found.is_proof
    assert {outcome["store"] for outcome in found.outcomes} == {7}
    for outcome in found.outcomes:
        run = lab.run(team=team, processes=2, schedule=outcome.schedule)
        assert (run.verdict, run.account.observed) == ("correct", 7)


def test_a_program_that_is_killed_in_merge_lets_go_only_what_the_system_frees(learner, tmp_path):
    answer = Answer(learner("def add_part(folder, part, merge):\n    merge(0, part)\n").path)
    with programs(answer, "AB") as ((first, second), _):
        first.tell("add_part", str(tmp_path), 1)
        assert first.advance() == "merge"
        second.tell("add_part", str(tmp_path), 2)
        assert second.finish() == "done"
        first.kill()
        assert first.at == "died"


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="Windows knows no process groups")
def test_a_process_that_the_file_leaves_behind_is_noticed_and_ended(learner, tmp_path):
    answer = Answer(learner(FORGOTTEN).path)
    with programs(answer, "A") as ([program], _):
        program.tell("add_part", str(tmp_path), 1)
        assert program.finish() == "done"
        assert program.end()
    pid = int((tmp_path / "pid").read_text())
    wait_until(lambda: not is_running(pid))


def test_a_file_that_can_be_imported_in_its_own_folder_only_is_told_so(
    learner, tmp_path, monkeypatch
):
    (tmp_path / "beside.txt").touch()
    monkeypatch.chdir(tmp_path)
    failure = check(learner(ONLY_HERE, name="my_total.py").path).failure
    assert (failure.name, "beside.txt" in failure.reason) == ("fails_at_import", True)
