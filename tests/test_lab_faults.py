"""Interrupts, hard kills, full disks, folders that cannot be used: nothing hangs, nothing is left."""

import builtins
import errno
import gc
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
import workers_for_tests as workers
from claim import claim
from pages import wait_until
from remains import descendants, is_running, lab_folders, left_behind
from scripts import start_script

from helpers import lab
from helpers.lab import folders, processes
from helpers.resources import CounterFile, Lock

# --- interrupt -----------------------------------------------------------------------------------


@claim("00", "a stopped run leaves no process behind")
@pytest.mark.platform("linux")
def test_an_interrupt_of_the_whole_group_stops_the_run(start_method, tmp_path):
    begun = tmp_path / "begun"
    script = start_script(
        tmp_path,
        f"""
        run = lab.run(workers.never_end, {str(begun)!r}, start_method={start_method!r}, deadline=60)
        print(run.verdict, run.sentence)
        """,
    )
    wait_until(begun.exists)
    family = descendants(script.pid)
    os.killpg(script.pid, signal.SIGINT)  # as JupyterLab's stop button does
    out, err = script.communicate()
    assert (script.returncode, err) == (0, "")
    assert out.startswith("stopped stopped after ")
    wait_until(lambda: not any(map(is_running, family)))
    assert lab_folders() == set()


@pytest.mark.platform("posix")
def test_an_interrupt_of_the_parent_alone_ends_the_children_too(tmp_path):
    begun = tmp_path / "begun"

    def interrupt():
        workers.wait_for(begun)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    run = lab.run(workers.never_end, str(begun), processes=2, deadline=60)
    thread.join()
    assert run.verdict == "stopped"
    assert run.elapsed > 0


@pytest.fixture
def another_thread():
    """Takes signals that the main thread has blocked, as a kernel's threads do."""
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    yield
    end.set()
    thread.join()


@pytest.mark.platform("posix")
def test_an_interrupt_while_processes_start_waits_until_they_have(
    start_method, monkeypatch, another_thread
):
    class Interrupted(processes.ChildProcess):
        def __init__(self, context, name, *args):
            super().__init__(context, name, *args)
            if name == "B":
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.01)  # it would be raised here
                made.append(name)

    made = []
    monkeypatch.setattr(processes, "ChildProcess", Interrupted)
    run = lab.run(workers.add_one, CounterFile(), processes=3, start_method=start_method)
    assert made == ["B"]
    assert (run.verdict, run.events, run.returned) == ("stopped", (), {})


@pytest.mark.platform("posix")
def test_an_interrupt_while_processes_end_comes_after_the_folder_is_gone(
    monkeypatch, another_thread
):
    remove = processes.child.remove

    def interrupted(folder):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
        remove(folder)

    with pytest.raises(KeyboardInterrupt), lab.ProcessSet(2) as team_set:
        team_set.run(workers.do_nothing)
        monkeypatch.setattr(processes.child, "remove", interrupted)
    monkeypatch.undo()
    assert lab_folders() == set()


def test_an_interrupt_at_the_way_out_leaves_nothing_though_its_traceback_is_kept(start_method):
    way_out = lab.ProcessSet.__exit__.__code__

    def trace(frame, event, arg):
        if frame.f_code is way_out and event == "line":
            sys.settrace(None)
            signal.raise_signal(signal.SIGINT)
        return trace

    before = sys.gettrace()
    with pytest.raises(KeyboardInterrupt) as kept:
        sys.settrace(trace)
        try:
            lab.run(workers.do_nothing, processes=2, start_method=start_method)
        finally:
            sys.settrace(before)
    assert (multiprocessing.active_children(), lab_folders()) == ([], set())
    assert kept.tb  # as a notebook keeps it, and with it all that its frames name


# --- while processes are deadlocked --------------------------------------------------------------

# The watch sees the deadlock, says so by a file, and lets it stand.
DEADLOCKED = """
    from pathlib import Path
    from helpers.lab.watch import Watch

    def look(self, see=Watch.look, **_):
        if see(self):
            Path({begun!r}).touch()

    Watch.look = look
    a, b = Lock("a"), Lock("b")
    team = [(workers.take_both_often, (a, b, 1000, 0.01)), (workers.take_both_often, (b, a, 1000, 0.01))]
    run = lab.run(team=team, processes=2, start_method={method!r}, deadline=60)
    print(run.verdict)
"""


@pytest.fixture
def deadlocked(start_method, tmp_path):
    """A script whose two children are deadlocked, and those children."""
    begun = tmp_path / "begun"
    script = start_script(tmp_path, DEADLOCKED.format(begun=str(begun), method=start_method))
    wait_until(begun.exists)
    family = descendants(script.pid)
    assert len(family) >= 2
    return script, family


@pytest.mark.platform("linux")
def test_an_interrupt_ends_processes_that_are_deadlocked(deadlocked):
    script, family = deadlocked
    os.killpg(script.pid, signal.SIGINT)
    out, err = script.communicate()
    assert (script.returncode, out, err) == (0, "stopped\n", "")
    wait_until(lambda: not any(map(is_running, family)))
    assert lab_folders() == set()


@pytest.mark.platform("linux")
def test_children_that_are_deadlocked_end_with_a_parent_killed_hard(deadlocked):
    script, family = deadlocked
    script.kill()
    script.communicate()
    wait_until(lambda: not any(map(is_running, family)))
    wait_until(lambda: lab_folders() == set())


# --- a parent that is killed hard ----------------------------------------------------------------


@pytest.mark.platform("linux")
@pytest.mark.parametrize("worker", ["add_for_ever, CounterFile()", "hold_for_ever, Lock()"])
def test_children_of_a_parent_killed_hard_end_and_their_folder_goes(start_method, worker, tmp_path):
    begun = tmp_path / "begun"
    script = start_script(
        tmp_path,
        f"""
        lab.run(workers.{worker}, {str(begun)!r},
                processes=3, start_method={start_method!r}, deadline=60)
        """,
    )
    wait_until(begun.exists)
    family = descendants(script.pid)
    assert len(family) >= 3
    script.kill()
    _, err = script.communicate()
    assert "Traceback" not in err
    wait_until(lambda: not any(map(is_running, family)))
    assert lab_folders() == set()


# --- folders -------------------------------------------------------------------------------------


@pytest.fixture
def dead_pid():
    """The id of a process that has ended."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        pass
    return process.pid


def test_folders_of_dead_processes_are_swept_and_others_are_not(dead_pid, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    alive = Path(folders.make_folder())
    started = alive.name.split("-")[3]
    orphans = [
        f"lock-course-{dead_pid}-77-a",
        f"lock-course-{os.getpid()}-1-b",
    ]  # b: pid used again
    strangers = ["lock-course", "lock-course-notes", "lock-course-my-own-notes-1", "thesis"]
    for name in [*orphans, *strangers]:
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "deep" / "file").touch()
    assert lab.sweep_folders() == 2
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {alive.name, *strangers}
    assert alive.name.split("-")[2] == str(os.getpid())
    assert started.isdecimal() or sys.platform == "darwin"


def test_the_first_run_sweeps(dead_pid, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(folders, "sweep_once", lab.sweep_folders)
    orphan = tmp_path / f"lock-course-{dead_pid}-77-a"
    orphan.mkdir()
    assert lab.run(workers.do_nothing, processes=1).verdict == "correct"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("sweep", [lab.sweep_folders, int], ids=["first run", "later run"])
@pytest.mark.parametrize("place", ["missing", "file"])
def test_an_unusable_temporary_folder_is_told_with_the_mend(tmp_path, monkeypatch, sweep, place):
    (tmp_path / "file").touch()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / place))
    monkeypatch.setattr(folders, "sweep_once", sweep)
    with pytest.raises(OSError, match=r"no temporary folder can be used \(.*set .* TMPDIR"):
        lab.run(workers.do_nothing)


@pytest.mark.parametrize("name", ["B.tape", "counter.txt"])
def test_a_full_disk_is_told_with_the_mend_and_nothing_is_left(start_method, monkeypatch, name):
    """The second tape finds no room, when one process has started; or the counter, when all have."""
    real_open = builtins.open

    def full(path, *args, **kwargs):
        if str(path).endswith(name):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real_open(path, *args, **kwargs)

    monkeypatch.setattr(builtins, "open", full)
    with pytest.raises(OSError, match="No space left on device.*TMPDIR.* with room") as caught:
        lab.run(workers.add_one, CounterFile(), processes=3, start_method=start_method)
    assert caught.value.errno == errno.ENOSPC


def test_a_set_serves_again_when_the_disk_has_room_again(monkeypatch):
    class Full(processes.ChildProcess):
        def __init__(self, context, name, *args):
            if name == "B":
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            super().__init__(context, name, *args)

    with lab.ProcessSet(3) as team_set:
        with monkeypatch.context() as disk, pytest.raises(OSError):
            disk.setattr(processes, "ChildProcess", Full)
            team_set.run(workers.do_nothing)
        assert team_set.run(workers.do_nothing).sentence == "3 processes ended well"


def test_a_disk_that_fills_in_mid_run_is_a_crash():
    run = lab.run(workers.add_one, workers.FullCounter(), processes=1)
    assert run.sentence == "A ended with OSError: [Errno 28] No space left on device"
    assert (run.account.total, run.account.observed) == (0, 0)


# --- what a good run leaves ----------------------------------------------------------------------


def test_a_run_leaves_nothing_even_while_its_record_is_kept(start_method):
    before = left_behind()
    lock = Lock()
    with lock:  # else a fork would make it
        with_lock = left_behind()
    run = lab.run(workers.add_holding, CounterFile(), lock, 1, start_method=start_method)
    assert left_behind() == with_lock
    del lock
    assert left_behind() == before
    assert run.verdict == "correct"


def test_a_set_whose_way_out_never_ran_ends_its_processes_when_it_is_forgotten():
    """An interrupt at the first line of the way out leaves it so."""
    before = left_behind()
    team = lab.ProcessSet(2)
    assert team.run(workers.do_nothing).verdict == "correct"
    assert len(left_behind() - before) >= 3  # two processes and their folder
    del team
    gc.collect()
    assert left_behind() - before == set()
