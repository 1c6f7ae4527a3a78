"""What holds for every test: where helpers is, what must be gone afterwards, which skips count."""

import gc
import multiprocessing
import os
import shutil
import sys
import textwrap
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from cases import ALL
from remains import left_behind, use_private_names

# Their assertions say what they compared, as those of the tests do.
pytest.register_assert_rewrite("tests.hints", "tests.predicates", "tests.timelines")

from helpers import events, lab
from helpers.resources import locks

# They take longest: the first worker begins with them, the others take over what is left of them.
LONGEST = "test_exercises.py", "test_notebooks.py", "test_browser.py"
PLATFORMS = {
    "posix": os.name == "posix",
    "linux": sys.platform == "linux",
    "windows": os.name == "nt",
}


def pytest_configure(config):
    config.addinivalue_line("markers", "platform(name): runs only on posix, linux or windows")
    config.addinivalue_line("markers", "exhaustive: only with COURSE_ALL set, as in make test-all")
    use_private_names()
    lab.warm()


def pytest_collection_modifyitems(config, items):
    """The longest files first. What is exhaustive is deselected, not skipped: with CI=true a skip counts."""
    items.sort(key=lambda item: item.path.name not in LONGEST)
    if not ALL:
        long = {item for item in items if item.get_closest_marker("exhaustive")}
        config.hook.pytest_deselected(items=list(long))
        items[:] = [item for item in items if item not in long]


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
def record_of_its_own(tmp_path, monkeypatch):
    """What a test notes goes into a record in its own folder: the path."""
    monkeypatch.setenv("COURSE_RECORD", str(tmp_path / "my_record.jsonl"))
    return tmp_path / "my_record.jsonl"


@pytest.fixture
def panel():
    """Makes panels of a class; whatever was done with them, they are at rest at the end."""
    from pages import settle

    made = []

    def make(panel_class, **settings):
        made.append(panel_class(**settings))
        return made[-1]

    yield make
    for one in made:
        one.runner.stop()
        settle(one)


@pytest.fixture
def learner(tmp_path):
    """Writes a learner's file, and gives one of its functions as a WorkerFile."""

    def write(source, function="work", name="my_file.py"):
        path = tmp_path / name
        path.write_bytes(source if isinstance(source, bytes) else textwrap.dedent(source).encode())
        return lab.WorkerFile(str(path), function)

    return write


@pytest.fixture
def answer(tmp_path):
    """Copies an answer to an exercise, under the exercise's name, into the test's folder: its path."""

    def copied(exercise, name):
        source = ROOT / "tests" / "answers" / exercise / f"{name}.py"
        return shutil.copyfile(source, tmp_path / f"{exercise}.py")

    return copied


@pytest.fixture(autouse=True)
def nothing_is_left():
    """After each test: no child process, folder or semaphore more than before, and nobody hears."""
    locks.make_all()  # those that modules and caches keep: a fork would make them, and no test has left them
    before = left_behind()
    yield
    heard_by, events.observer = events.observer, events.Unobserved()
    assert type(heard_by) is events.Unobserved
    if left_behind() - before:
        gc.collect()
    assert left_behind() - before == set()
