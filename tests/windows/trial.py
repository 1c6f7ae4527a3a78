"""The course on Windows' own CPython under Wine, `make test-windows`: no part of `make test`, since it takes half an hour.

COURSE_WINDOWS names the folder that setup.sh has made. Wine is not Windows: what fails here by a defect of Wine's is
listed in DEFECTS, and what passes here may still fail there.
"""

import os
import re
import signal
import subprocess
from pathlib import Path

import nbformat
import pytest

from tests.environments import copy_tracked_files, execute
from tests.predicates import assert_held
from tests.stress.cases import solutions
from tests.test_notebooks import PATHS, ROOT

HERE = Path(os.environ["COURSE_WINDOWS"])
ABOUT = "lab", "resources", "stuck", "crashes"
FILES = sorted(p.name for name in ABOUT for p in (ROOT / "tests").glob(f"test_{name}*.py"))
LESSONS = [path for path in PATHS if path.name[:2] in ("00", "02", "04", "07", "08", "11")]
SOLUTIONS = {name: source for _, name, source in solutions()}
# Tests that are left out, each for a defect of Wine's.
DEFECTS = {
    "tests/test_lab_system.py::test_a_moved_course_is_named_at_an_early_death": "KERNEL32.CopyFile2 is missing: shutil.copytree ends Python",
}  # fmt: skip

pytestmark = pytest.mark.timeout(0)  # each wait has a limit of its own


def run_there(*args, limit):
    """Return what Windows' Python prints, both streams as one; the test fails after `limit` seconds."""
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    how = {"cwd": ROOT, "env": environment, "start_new_session": True}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    pipes |= {"encoding": "utf-8", "errors": "replace"}
    with subprocess.Popen([HERE / "python", *args], **how, **pipes) as python:
        try:
            return python.communicate(timeout=limit)[0]
        except subprocess.TimeoutExpired:
            os.killpg(python.pid, signal.SIGKILL)  # Wine's processes belong to the group
            pytest.fail(f"no end after {limit} s:\n{python.communicate()[0]}")


@pytest.mark.parametrize("name", FILES)
def test_the_tests_of_the_lab_pass(name):
    left_out = [f"--deselect={test}" for test in DEFECTS]
    reported = run_there(
        "-m", "pytest", "-q", "-rfE", "-p", "no:cacheprovider", "--timeout=300", *left_out, f"tests/{name}",
        limit=1800,
    )  # fmt: skip
    assert re.search(r"^\d+ passed", reported, re.MULTILINE), reported
    print(reported.splitlines()[-1])


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_lesson_runs(path, tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", str(HERE / "kernels"))
    folder = copy_tracked_files(tmp_path) / "notebooks"
    notebook = nbformat.read(folder / path.name, as_version=4)
    execute(notebook, folder, 600, kernel_name="windows", startup_timeout=300)
    assert_held(notebook)


@pytest.mark.parametrize("name", SOLUTIONS)
def test_the_solution_passes(name, tmp_path):
    path = tmp_path / f"{name}.py"
    path.write_text(SOLUTIONS[name], encoding="utf-8")
    code = "import sys; from helpers.course import check; print(ascii(str(check(sys.argv[1]))))"
    reported = run_there("-c", code, f"Z:{path}", limit=600)
    assert "passed" in reported, reported
    print(reported)
