"""The machine a run happens on: start methods, quota, the fork server, and fork's warning."""

import json
import multiprocessing
import os
import platform
import sys
import threading

import pytest
import workers_for_tests as workers
from cases import cases
from scripts import run_script

from helpers import lab
from helpers.lab import machine
from helpers.resources import CounterFile

METHODS = multiprocessing.get_all_start_methods()


def test_fork_is_never_the_default(monkeypatch):
    monkeypatch.delenv("COURSE_START_METHOD", raising=False)
    expected = "forkserver" if "forkserver" in METHODS else "spawn"
    assert lab.default_start_method() == expected
    assert lab.run(workers.do_nothing, processes=1).machine.start_method == expected


def test_the_environment_sets_the_default_and_an_argument_wins(monkeypatch, start_method):
    monkeypatch.setenv("COURSE_START_METHOD", start_method)
    assert lab.default_start_method() == start_method
    assert machine.checked_start_method(None) == start_method
    for method in METHODS:
        assert machine.checked_start_method(method) == method


def test_the_machine_says_what_ran_it():
    here = lab.Machine.here("spawn")
    assert here.start_method == "spawn"
    assert here.system == platform.system()
    assert here.python == ".".join(map(str, sys.version_info[:3]))


@pytest.mark.platform("linux")
def test_cores_are_those_that_this_process_may_use():
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert lab.usable_cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)
    assert lab.usable_cores() == len(allowed)


@cases(
    "files cores",
    ({"cpu.max": "50000 100000\n"}, 0.5),
    ({"cpu.max": "400000 100000\n"}, 4.0),
    ({"cpu.max": "max 100000\n"}, None),
    ({"cpu.max": "nonsense"}, None),
    ({"cpu/cpu.cfs_quota_us": "150000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 1.5),
    ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, None),
    ({"cpu/cpu.cfs_quota_us": "150000\n"}, None),
    ({}, None),
)
def test_the_quota_of_a_control_group_is_told_in_cores(tmp_path, files, cores):
    (tmp_path / "cpu").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert machine.cpu_quota(tmp_path) == cores


# --- fork ----------------------------------------------------------------------------------------


@pytest.mark.platform("posix")
def test_fork_with_threads_has_one_sentence_and_no_warning(recwarn):
    """pytest turns warnings into errors; recwarn sees those that somebody would swallow."""
    end = threading.Event()
    thread = threading.Thread(target=end.wait)
    thread.start()
    try:
        run = lab.run(workers.do_nothing, processes=2, start_method="fork")
    finally:
        end.set()
        thread.join()
    count = threading.active_count() + 1
    note = f"fork copied a program with {count} threads: a lock that one of them held stays held for ever"
    assert run.notes == (note,)
    assert str(run) == f"2 processes ended well · {note}"
    assert [warning for warning in recwarn if "fork" in str(warning.message)] == []


@pytest.mark.platform("posix")
def test_without_threads_and_with_other_methods_there_is_no_note(monkeypatch, start_method):
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    assert machine.fork_note(start_method) == ()
    monkeypatch.setattr(threading, "active_count", lambda: 3)
    assert bool(machine.fork_note(start_method)) == (start_method == "fork")


# --- the fork server -----------------------------------------------------------------------------

TELL = """
    {before}
    lab.warm()
    {after}
    import json
    worker = lab.WorkerFile({path!r}, "tell")
    run = lab.run(worker, processes=1, start_method="forkserver")
    print(json.dumps([lab.machine.warmed_too_late(), *run.returned["A"]]))
"""
PLAIN_PROCESS = """
    import multiprocessing
    process = multiprocessing.get_context("forkserver").Process(target=workers.do_nothing)
    process.start(); process.join(); process.close()
"""


@pytest.mark.platform("posix")
@pytest.mark.parametrize("too_late", [False, True])
def test_a_warm_fork_server_has_the_workers_loaded_unless_it_came_too_late(tmp_path, too_late):
    """The child says whether it found the module loaded; the script's parent has it only by path."""
    path = tmp_path / "my_teller.py"
    path.write_text(
        "import sys\n"
        "names = ['helpers.workers.bank', 'helpers.resources', 'numpy', 'my_teller']\n"
        "found = [name in sys.modules for name in names]\n"
        "def tell(): return found\n"
    )
    before = PLAIN_PROCESS.strip() if too_late else ""
    source = TELL.format(before=before, after="lab.warm()", path=str(path))
    reported = json.loads(run_script(tmp_path, source))
    late, *found = reported
    assert late == too_late
    assert found[0] == (not too_late)  # helpers.workers.bank, which no test's worker needs
    assert found[2:] == [False, True]


@pytest.mark.platform("posix")
def test_warm_leaves_pythonpath_as_it_was(monkeypatch):
    for path in ("somewhere", None):
        if path is None:
            monkeypatch.delenv("PYTHONPATH", raising=False)
        else:
            monkeypatch.setenv("PYTHONPATH", path)
        with machine.root_in_path():
            first, *others = os.environ["PYTHONPATH"].split(os.pathsep)
            assert first == str(machine.ROOT)
            assert others == ([path] if path else [])
        assert os.environ.get("PYTHONPATH") == path


def test_every_module_of_workers_is_preloaded_but_no_other_helper():
    names = machine.preloaded()
    assert {"helpers.child", "helpers.resources", "helpers.workers.counter"} <= set(names)
    allowed = ("helpers.child", "helpers.resources", "helpers.workers.")
    assert [name for name in names if not name.startswith(allowed)] == []


def test_a_run_in_this_process_finds_the_workers_loaded():
    """conftest calls lab.warm(): as in a notebook."""
    assert not lab.machine.warmed_too_late()
    assert lab.run(workers.add_one, CounterFile(), processes=1).verdict == "correct"
