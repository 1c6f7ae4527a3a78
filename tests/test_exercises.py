"""Every exercise on real files: right answers pass, wrong ones fail by their names, and the task says what is asked.

An answer is a file in tests/answers/my_x. The first line of a wrong one names the failures that it may get,
as in `# lost_update` or `# lost_update or no_lock`; the second one may say in a comment what is wrong with it.
"""

import contextlib
import json
import os
import shutil
from functools import cache

import pytest
from conftest import ROOT

from helpers.exercises import checking

ANSWERS = ROOT / "tests" / "answers"
NAMES = checking.exercise_names()
ALL = "COURSE_ALL" in os.environ  # make test-all; else the first few of each exercise
RIGHT, WRONG = (
    [
        path
        for name in NAMES
        for path in sorted((ANSWERS / name).glob(f"{kind}_*.py"))[: None if ALL else few]
    ]
    for kind, few in (("right", 2), ("wrong", 4))
)
_LIST = "**What is asked**"


def ids(paths):
    return [f"{path.parent.name}-{path.stem}" for path in paths]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Answers write their logs and lock files where the copy is, not into the project."""
    monkeypatch.chdir(tmp_path)


def checked(path, folder):
    """The check of an answer, which is left as it was; what it writes beside itself stays in the folder."""
    copy = folder / f"{path.parent.name}.py"
    shutil.copy(path, copy)
    with contextlib.chdir(folder):
        found = checking.check(str(copy))
    assert copy.read_bytes() == path.read_bytes()
    return found


@pytest.mark.timeout(120)
@pytest.mark.parametrize("path", RIGHT, ids=ids(RIGHT))
def test_a_right_answer_passes(path, tmp_path):
    found = checked(path, tmp_path)
    assert found.state == "passed", str(found)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("path", WRONG, ids=ids(WRONG))
def test_a_wrong_answer_fails_by_its_name(path, tmp_path):
    names = path.read_text(encoding="latin-1").splitlines()[0].lstrip("\ufeff# ").split(" or ")
    found = checked(path, tmp_path)
    assert found.state == "not yet", str(found)
    assert found.failure.name in names, str(found)


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_has_a_corpus(name):
    for kind, least in (("right", 8), ("wrong", 15)):
        count = len(list((ANSWERS / name).glob(f"{kind}_*.py")))
        assert count >= least, f"tests/answers/{name}: {count} of {least} answers {kind}_*.py"


@pytest.mark.parametrize("name", NAMES)
def test_the_text_asks_what_is_attacked(name):
    asks = checking.exercise(name).asks
    assert all(ask.attacks for ask in asks)
    assert asked_in_the_lesson(name) == [ask.words for ask in asks]


def asked_in_the_lesson(name):
    """The items of the list in the lesson that stands before the exercise's check."""
    for text in texts():
        if _LIST in text and f"`{name}.py`" in text.partition(_LIST)[2].partition("\n")[0]:
            block = text.partition(_LIST)[2].partition("\n\n")[2].partition("\n\n")[0]
            return [line.removeprefix("- ") for line in block.splitlines()]
    raise AssertionError(f"no lesson has a line '{_LIST} (`{name}.py`):' with a list behind it")


@cache
def texts():
    cells = [
        cell
        for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
    ]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
