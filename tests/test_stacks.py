"""Where stuck processes stand: each tells it when asked, also while it is blocked."""

import os
import signal
import time

import pytest
import workers_for_tests as workers

from helpers import lab
from helpers.lab import child_processes
from helpers.resources import Lock


def deadlocked(**more):
    return lab.run(workers.acquire_twice, Lock(), processes=1, deadline=60, **more)


def test_the_line_of_a_learners_file_is_told(start_method, learner):
    source = "def work(lock):\n    lock.acquire()\n    lock.acquire()  # again\n"
    worker = learner(source, name="my_wörker.py")
    run = lab.run(worker, Lock(), processes=1, start_method=start_method, deadline=60)
    assert run.places["A"] == (worker.path, 3, "work", "lock.acquire()  # again")
    assert repr(run.places["A"]) == "<line 3 of work: lock.acquire()  # again>"


def test_one_that_is_merely_slow_tells_its_line_at_the_deadline(tmp_path):
    run = lab.run(workers.never_end, str(tmp_path / "begun"), processes=1, deadline=0.5)
    assert (run.verdict, run.places["A"].function) == ("timed_out", "wait_for")


def test_a_thread_in_which_the_worker_goes_on_tells_its_line(learner):
    source = (
        "import threading\n\n\n"
        "def wait(lock):\n    lock.acquire()\n    lock.acquire()  # again\n\n\n"
        "def work(lock):\n    threading.Thread(target=wait, args=(lock,)).start()\n"
    )
    run = lab.run(learner(source), Lock(), processes=1, deadline=0.5)
    assert (run.verdict, run.places["A"].line) == ("timed_out", 6)


def test_a_run_that_ends_well_asks_nobody():
    assert lab.run(workers.do_nothing, processes=1).places == {}


def test_one_that_does_not_answer_is_left_out():
    run = lab.run(workers.never_let_another_thread_run, processes=1, deadline=0.5)
    assert (run.verdict, run.places) == ("timed_out", {})


@pytest.mark.platform("posix")
def test_an_interrupt_while_stacks_are_read_stops_the_run(monkeypatch):
    def interrupted(*args):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)  # it is raised here

    monkeypatch.setattr(child_processes, "places", interrupted)
    assert deadlocked().verdict == "stopped"
