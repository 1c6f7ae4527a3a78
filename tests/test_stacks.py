"""Where stuck processes stand: told by faulthandler, or by py-spy where the system has no signal for it."""

import os
import signal
import sys
import time

import pytest
import workers_for_tests as workers

from helpers import child, lab
from helpers.lab import child_processes, limits
from helpers.resources import Lock


def deadlocked(**more):
    return lab.run(workers.acquire_twice, Lock(), processes=1, deadline=60, **more)


@pytest.mark.platform("posix")
def test_the_line_of_a_learners_file_is_told(start_method, learner):
    source = "def work(lock):\n    lock.acquire()\n    lock.acquire()  # again\n"
    worker = learner(source, name="my_wörker.py")
    run = lab.run(worker, Lock(), processes=1, start_method=start_method, deadline=60)
    assert run.places["A"] == (worker.path, 3, "work", "lock.acquire()  # again")
    assert repr(run.places["A"]) == "<line 3 of work: lock.acquire()  # again>"


@pytest.mark.platform("posix")
def test_one_that_is_merely_slow_tells_its_line_at_the_deadline(tmp_path):
    run = lab.run(workers.never_end, str(tmp_path / "begun"), processes=1, deadline=0.5)
    assert (run.verdict, run.places["A"].function) == ("timed_out", "wait_for")


def test_a_run_that_ends_well_asks_nobody():
    assert lab.run(workers.do_nothing, processes=1).places == {}


@pytest.mark.platform("posix")
def test_one_that_does_not_answer_is_left_out(monkeypatch):
    monkeypatch.setattr(limits, "for_answer", lambda least: 0.05)
    run = lab.run(workers.ignore_the_question, Lock(), processes=1, deadline=60)
    assert (run.verdict, run.places) == ("deadlock", {})


SPIED = """Process 7: python child.py
Python v3.11.7 (python)

Thread 7 (idle): "MainThread"
    acquire (helpers/resources/locks.py:60)
    acquire_twice (tests/workers_for_tests.py:104)
    main (helpers/child.py:50)
"""


@pytest.fixture
def no_signal(monkeypatch):
    """As on Windows: nobody can be asked by a signal."""
    monkeypatch.setattr(child_processes, "STACK_SIGNAL", None)
    monkeypatch.setattr(child, "STACK_SIGNAL", None)


def put_py_spy(folder, script, monkeypatch):
    """A command of that name in front of all others."""
    command = folder / "py-spy"
    command.write_text(f"#!{sys.executable}\n{script}\n")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.platform("posix")
def test_without_the_signal_py_spy_is_asked(no_signal, tmp_path, monkeypatch):
    put_py_spy(tmp_path, f"print({SPIED!r})", monkeypatch)
    place = deadlocked().places["A"]
    assert (place.line, place.function) == (104, "acquire_twice")


@pytest.mark.platform("posix")
@pytest.mark.parametrize("script", ["import sys; sys.exit('no right to look')", "print('what?')"])
def test_what_py_spy_cannot_tell_is_left_out(no_signal, script, tmp_path, monkeypatch):
    put_py_spy(tmp_path, script, monkeypatch)
    run = deadlocked()
    assert (run.verdict, run.places) == ("deadlock", {})


def test_without_signal_and_py_spy_there_are_no_lines(no_signal, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    run = deadlocked()
    assert (run.verdict, run.places) == ("deadlock", {})


@pytest.mark.platform("posix")
def test_an_interrupt_while_stacks_are_read_stops_the_run(monkeypatch):
    def interrupted(*args):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)  # it is raised here

    monkeypatch.setattr(child_processes, "places", interrupted)
    assert deadlocked().verdict == "stopped"
