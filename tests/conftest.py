"""What holds for every test: where helpers is, what must be gone afterwards, which skips count."""

import gc
import multiprocessing
import os
import shutil
import sys
import tempfile
from multiprocessing import forkserver, resource_tracker, util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from helpers import events, lab
from helpers.lab import folders

PLATFORMS = {
    "posix": os.name == "posix",
    "linux": sys.platform == "linux",
    "windows": os.name == "nt",
}
# Semaphores of this test run, told apart from those of other programs by their name.
SEMAPHORES = f"/mp-test{os.getpid()}"
_private = tempfile.mkdtemp(prefix="tests-")


def pytest_configure(config):
    config.addinivalue_line("markers", "platform(name): runs only on posix, linux or windows")
    # A temporary folder of our own: what is left in it is ours, and nobody else sweeps it.
    for name in ("TMPDIR", "TEMP", "TMP"):
        os.environ[name] = _private
    tempfile.tempdir = None
    # It goes after multiprocessing's own temporary folder (priority -100), which is in it.
    util.Finalize(None, shutil.rmtree, (_private, True), exitpriority=-101)
    multiprocessing.current_process()._config["semprefix"] = SEMAPHORES
    lab.warm()


def pytest_runtest_setup(item):
    for mark in item.iter_markers("platform"):
        if not PLATFORMS[mark.args[0]]:
            pytest.skip(f"for {mark.args[0]} only")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    report = yield
    return report if item.get_closest_marker("platform") else _strict(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    return _strict((yield))


def _strict(report):
    """With CI=true a skipped test is an error: what CI does not run, nobody runs."""
    if os.environ.get("CI") == "true" and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, but CI=true: {report.longrepr[2]}"
    return report


@pytest.fixture(params=multiprocessing.get_all_start_methods())
def start_method(request):
    return request.param


@pytest.fixture(autouse=True)
def nothing_is_left():
    """After each test: no child process, folder or semaphore more than before, and nobody hears."""
    before = left_behind()
    yield
    heard_by, events.hearer = events.hearer, events.Unheard()
    assert type(heard_by) is events.Unheard
    if left_behind() - before:
        gc.collect()
    assert left_behind() - before == set()


def left_behind():
    """Child processes, folders of the lab and semaphores that there are now."""
    found = {f"child {child.pid}" for child in multiprocessing.active_children()} | lab_folders()
    if sys.platform == "linux":
        found |= {f"child {pid}" for pid in descendants(os.getpid())}
        semaphores = Path("/dev/shm").glob(f"sem.{SEMAPHORES[1:]}*")
        found |= {f"semaphore {path.name}" for path in semaphores}
    return found


def lab_folders():
    """The lab's temporary folders that there are now."""
    paths = Path(tempfile.gettempdir()).glob(f"{folders._PREFIX}*")
    return {f"folder {path.name}" for path in paths}


def descendants(pid):
    """All processes below `pid` but the fork server and the resource tracker (Linux)."""
    helpers = {forkserver._forkserver._forkserver_pid, resource_tracker._resource_tracker._pid}
    found = set()
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            children = {int(child) for child in (task / "children").read_text().split()}
        except OSError:  # this thread has just ended
            continue
        found |= children - helpers
        for child in children:
            found |= descendants(child)
    return found
