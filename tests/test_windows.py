"""What Windows answers differently, put in here: pipes of the dead, exit codes, files in use. `make test-windows` asks it."""

import errno
import os
import pickle
import socket
import subprocess
import sys
import threading
import types
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import pytest
import workers_for_tests as workers

from helpers import child, events, lab
from helpers.lab import child_processes
from helpers.lab.programs import run_python
from helpers.pictures.wait_for_graph import ways_out
from helpers.resources import CounterFile, Lock, locks
from helpers.schedules import explore
from tests.environments import ROOT, run, variables


def test_the_trial_on_windows_python_can_begin(tmp_path):
    trial = [sys.executable, "-m", "pytest", "--collect-only", "-q", "tests/windows/trial.py"]
    assert "test_the_lesson_runs" in run(
        trial, ROOT, variables() | {"COURSE_WINDOWS": str(tmp_path)}
    )


@pytest.fixture
def pipes_of_the_dead_raise(monkeypatch):
    """As on Windows: a pipe whose other end is gone raises when it is asked whether something came."""
    poll = Connection.poll

    def poll_there(self, timeout=0.0):
        is_ready = poll(self, timeout)
        if is_ready:
            with socket.socket(fileno=os.dup(self.fileno())) as peek:
                if not peek.recv(1, socket.MSG_PEEK):
                    raise BrokenPipeError(errno.EPIPE, "the pipe has been ended")
        return is_ready

    monkeypatch.setattr(Connection, "poll", poll_there)


@pytest.mark.platform("posix")
@pytest.mark.parametrize("schedule", [None, "A"], ids=["free", "stepped"])
def test_the_pipe_of_a_dead_process_does_not_hide_its_death(pipes_of_the_dead_raise, schedule):
    run = lab.run(workers.be_killed, Lock(), processes=1, schedule=schedule)
    assert run.sentence == "A was killed by SIGKILL and held the lock when it died"


@pytest.mark.platform("posix")
def test_nor_that_a_file_ends_the_process_that_explores_it(pipes_of_the_dead_raise, learner):
    worker = learner("def work(counter):\n    import os; os._exit(7)\n")
    assert "exit code 7" in str(explore(worker, CounterFile()))


def test_what_cannot_be_sent_keeps_no_process_from_its_start():
    """Windows' Python leaves behind one whose start fails half-way, and that takes the orders of the next one."""
    sent = pickle.dumps(child.Inheritance([threading.Lock()]))
    assert isinstance(pickle.loads(sent), TypeError)


def test_a_start_that_fails_leaves_no_file_open(monkeypatch):
    """Windows would keep the folder in which it is."""
    closed = []

    class Tape(events.Tape):
        def close(self):
            closed.append(self)
            super().close()

    def refuse(self):
        raise OSError(errno.EAGAIN, "no more processes")

    monkeypatch.setattr(events, "Tape", Tape)
    monkeypatch.setattr(BaseProcess, "start", refuse)
    with pytest.raises(OSError):
        lab.run(workers.add_one, CounterFile(), processes=1)
    assert len(closed) == 1


@pytest.mark.parametrize(
    ("is_windows", "code", "shown"), [(True, 15, -15), (True, 4, 4), (True, 0, 0), (False, 15, 15)]
)
def test_who_is_killed_by_os_kill_has_the_negative_code_everywhere(
    is_windows, code, shown, monkeypatch
):
    monkeypatch.setattr(child_processes, "_WINDOWS", is_windows)
    assert child_processes.signed(code) == shown


@pytest.mark.parametrize(
    ("code", "way"),
    [(-15, "dead"), (0xC0000005, "dead"), (4, "ended"), (0, "ended")],
)
def test_a_picture_tells_the_killed_from_those_that_ended(code, way):
    run = types.SimpleNamespace(stuck=None, crashes=[lab.Crash("A", code)])
    assert ways_out(run) == {"A": way}


def test_a_locked_file_waits_for_its_turn_as_long_as_it_takes(monkeypatch, tmp_path):
    """Windows' own wait, LK_LOCK, gives up after ten tries."""
    refused, asked = OSError(errno.EACCES, "in use"), []

    def set_lock(file, wanted):
        asked.append(wanted)
        if len(asked) <= 30:
            raise refused

    monkeypatch.setattr(locks, "_set_lock", set_lock)
    lock = locks.LockedFile(tmp_path / "a.lock")
    assert lock.acquire()
    lock.drop()
    assert asked == [True] * 31


def test_a_folder_in_use_does_not_hide_that_a_program_took_too_long(monkeypatch):
    def remove(*_, **__):
        raise OSError(errno.EBUSY, "in use")

    monkeypatch.setattr(os, "rmdir", remove)
    with pytest.raises(subprocess.TimeoutExpired):
        run_python("-c", "import time; time.sleep(60)", timeout=0.01)
