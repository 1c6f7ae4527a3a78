"""A course in use: what a learner writes is not git's business, and a newer version of the course leaves it alone."""

import os
import re
import sys

import pytest

from tests.environments import ROOT, copy_tracked_files, run, variables

LESSON = "notebooks/04_with_lock.ipynb"

# What lessons do in the folder of the notebooks, and what JupyterLab leaves there.
USE = """
import pathlib, sys
sys.path[:0] = [".."]
from helpers import record
from helpers.course import *
copy_stub("my_shared_locks.py")
pathlib.Path("my_total_solution.py").write_text("TOTAL = 1")
assert record.note("answer", "04", "first", right=True) == ""
pathlib.Path(".ipynb_checkpoints").mkdir()
pathlib.Path(".ipynb_checkpoints/04_with_lock-checkpoint.ipynb").write_text("{}")
"""


@pytest.fixture
def git(tmp_path):
    """Runs git in a folder, by its words: what it prints."""
    env = {name: v for name, v in variables().items() if not name.startswith("GIT_")}
    env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = ["-c", "user.name=course", "-c", "user.email=course@example.org"]
    return lambda folder, *words: run(["git", *who, *words], folder, env)


@pytest.fixture
def origin(tmp_path, git):
    """A repository that holds the course."""
    (tmp_path / "origin").mkdir()
    folder = copy_tracked_files(tmp_path / "origin")
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=the course")
    return folder


def test_git_neither_sees_nor_touches_what_a_learner_writes(origin, git, tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_RECORD")
    git(tmp_path, "clone", "--quiet", "origin", "mine")
    mine = tmp_path / "mine"
    before = set(mine.rglob("*"))
    run([sys.executable, "-c", USE], mine / "notebooks", variables())
    new = [path for path in set(mine.rglob("*")) - before if path.is_file()]
    written = {path: path.read_bytes() for path in new if path.parent.name == "notebooks"}
    assert {path.name for path in written} == {
        ".my_record.jsonl.lock",
        "my_record.jsonl",
        "my_shared_locks.py",
        "my_total_solution.py",
    }
    assert git(mine, "status", "--porcelain") == ""

    # A newer version changes the notebook that the learner has run and saved.
    for folder, end in ((origin, "of tomorrow"), (mine, "with outputs")):
        text = (folder / LESSON).read_text(encoding="utf-8")
        (folder / LESSON).write_text(text.replace("# ", f"# {end} ", 1), encoding="utf-8")
    git(origin, "commit", "--quiet", "--all", "--message=newer")
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    [commands] = re.findall(r"A newer version.*?`git (.*?)`, then `git (.*?)`", readme)
    for command in commands:
        git(mine, *command.split())
    assert "# of tomorrow " in (mine / LESSON).read_text(encoding="utf-8")
    assert {path: path.read_bytes() for path in written} == written
    assert git(mine, "status", "--porcelain") == ""
