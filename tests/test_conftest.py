"""The rules of conftest.py themselves: a skip that counts, and what is left behind."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from cases import few
from conftest import ROOT
from remains import left_behind

from helpers.resources import Lock
from tests import jupyter

FAST = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def run_pytest(folder, *sources, **environment):
    """What pytest, with our conftest, says about files with these sources."""
    for number, source in enumerate(sources):
        Path(folder, f"test_{number}.py").write_text(textwrap.dedent(source))
    command = [sys.executable, "-m", "pytest", "-p", "conftest", "-p", "no:cacheprovider"]
    command.append("--continue-on-collection-errors")
    paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    others = {name: value for name, value in os.environ.items() if name != "COURSE_ALL"}
    environment = {**others, "CI": "", "PYTHONPATH": paths, **FAST, **environment}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


SKIPPED = """
    import pytest

    @pytest.mark.skip(reason="no browser here")
    def test_skipped(): pass

    @pytest.mark.platform("windows")
    def test_elsewhere(): pass
"""
MISSING = "import pytest; pytest.importorskip('no_such_module')"


@pytest.mark.platform("posix")
def test_a_skip_is_an_error_in_ci_unless_the_platform_is_the_reason(tmp_path):
    assert "3 skipped" in run_pytest(tmp_path, SKIPPED, MISSING)
    said = run_pytest(tmp_path, CI="true")
    assert "skipped, but CI=true: Skipped: no browser here" in said
    assert "skipped, but CI=true: Skipped: could not import 'no_such_module'" in said
    assert "1 skipped, 2 errors" in said


LONG = """
    import pytest

    @pytest.mark.exhaustive
    def test_long(): pass

    def test_short(): pass
"""


def test_what_is_exhaustive_is_left_out_without_a_skip_unless_all_is_asked_for(tmp_path):
    assert "1 passed, 1 deselected" in run_pytest(tmp_path, LONG, CI="true")
    assert "2 passed" in run_pytest(tmp_path, CI="true", COURSE_ALL="1")


def test_of_a_parameter_no_kind_is_without_a_case_and_no_value_is_lost():
    params = few([1, 3, 2, 5, 4], kind=lambda number: number % 2)
    assert [param.values[0] for param in params] == [1, 3, 2, 5, 4]
    assert [param.values[0] for param in params if not param.marks] == [1, 2]


LEAKS = """
    import multiprocessing, subprocess, sys, tempfile, time
    from helpers import events
    from helpers.resources import Lock

    kept = []

    def test_folder(): kept.append(tempfile.mkdtemp(prefix="lock-course-"))
    def test_hearer(): events.observer = events.Free("A", None)
    def test_child(): kept.append(multiprocessing.get_context("spawn").Process(target=time.sleep, args=(9,), daemon=True)); kept[-1].start()
"""


def test_what_a_test_leaves_behind_is_an_error(tmp_path):
    assert "3 passed, 3 errors" in run_pytest(tmp_path, LEAKS)


@pytest.mark.platform("linux")
def test_semaphores_and_processes_of_others_count_too(tmp_path):
    before = left_behind()
    lock = Lock()
    lock.acquire()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        more = left_behind() - before
        child.communicate(b"\n")
    assert {word.split()[0] for word in more} == {"semaphore", "child"}, lock


def test_where_the_driver_of_the_browser_cannot_start_there_is_no_browser(monkeypatch):
    def fail():
        raise Exception("Connection closed while reading from the driver")  # noqa: TRY002 - as it does

    monkeypatch.setattr(jupyter.shutil, "which", lambda name: None)
    monkeypatch.setattr(jupyter, "sync_playwright", fail)
    assert jupyter.chromium() is None
