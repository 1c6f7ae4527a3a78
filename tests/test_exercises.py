"""Every exercise on real files: right answers pass, wrong ones fail by their names, and the task says what is asked.

An answer is a file in tests/answers/my_x. The first line of a wrong one names the failures that it may get,
as in `# lost_update` or `# lost_update or no_lock`; the second one may say in a comment what is wrong with it. Where an order of the
steps refuses it, the lines at fault end with `# at fault`, which no check sees.
"""

import contextlib
import re
from functools import cache, partial

import hints
import nbformat
import pytest
from cases import few
from conftest import ROOT

from helpers.exercises import attacks, checking
from helpers.schedules import explore

ANSWERS = ROOT / "tests" / "answers"
NAMES = checking.exercise_names()
_LIST = "**What is asked**"


def is_plain(name):
    """Whether an exercise is a transfer task: a plain program with one fault, which a few answers show."""
    return name.startswith("my_plain_")


def failures(path):
    """The names of the failures that an answer may get; none for a right one."""
    first = path.read_text(encoding="latin-1").splitlines()[0].lstrip("\ufeff# ")
    return first.split(" or ") if path.name.startswith("wrong") else []


def answers(kind, names=NAMES):
    """The answers right_* or wrong_* of exercises, as the test's parameter."""
    paths = [path for name in names for path in sorted((ANSWERS / name).glob(f"{kind}_*.py"))]
    ids = [f"{path.parent.name}-{path.stem}" for path in paths]
    return pytest.mark.parametrize("path", few(paths, kind=finder), ids=ids)


def finder(path):
    """The failure, and the exercise if its own module finds it: what all checks find alike, one answer shows."""
    name = "plain_tasks" if is_plain(path.parent.name) else path.parent.name
    own = (ROOT / "helpers" / "exercises" / f"{name}.py").read_text(encoding="utf-8")
    for failure in failures(path)[:1]:
        is_told = re.search(f"""["']{failure}(: |")""", own)
        is_own = is_told and failure != "never_ends"  # its limit of time
        return failure, path.parent.name if is_own else "every exercise"
    return path.parent.name


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """Answers write their logs and lock files where the copy is, not into the project."""
    monkeypatch.chdir(tmp_path)


def checked(path, folder):
    """The check of an answer, which is left as it was; what it writes beside itself stays in the folder."""
    copy = folder / f"{path.parent.name}.py"
    copy.write_bytes(path.read_bytes().replace(hints.AT_FAULT.encode(), b""))
    before = copy.read_bytes()
    with contextlib.chdir(folder):
        found = checking.check(str(copy))
    assert copy.read_bytes() == before
    return found


@pytest.mark.timeout(120)
@answers("right")
def test_a_right_answer_passes(path, tmp_path):
    found = checked(path, tmp_path)
    assert found.state == "passed", str(found)


@pytest.mark.timeout(120)
@answers("wrong")
def test_a_wrong_answer_fails_by_its_name_and_its_hints_are_true(path, tmp_path, monkeypatch):
    explored = hints.Explored(monkeypatch)
    found = checked(path, tmp_path)
    assert found.state == "not yet", str(found)
    assert found.failure.name in failures(path), str(found)
    hints.prove(found, path, explored)
    told = [part for part in found.parts if part.failure and part.failure.why and at_fault(path)]
    for part in told:
        named = hints.lines_named(part.failure, part.hints[2]) & set(at_fault(path))
        assert bool(named) == (f"{path.parent.name}/{path.stem}" not in NOT_NAMED), part.hints


# Where the third hint names other lines than those at fault, and what is at fault there.
NOT_NAMED = {
    "my_safe_transfer/wrong_gives_up_after_fifty_tries": "the `for` that ends",
    "my_safe_transfer/wrong_gives_up_after_two_tries": "the `for` that ends",
    "my_shared_locks/wrong_locks_only_in_longer_runs": "the `if` of the function that calls the one with the accesses",
}


def at_fault(path):
    """The numbers of the lines that are declared to be at fault."""
    lines = path.read_text(encoding="latin-1").splitlines()
    return [number for number, line in enumerate(lines, 1) if line.endswith(hints.AT_FAULT)]


def test_the_third_hint_names_the_faulty_line_in_nine_of_ten():
    declared = [
        path for name in NAMES for path in (ANSWERS / name).glob("wrong_*.py") if at_fault(path)
    ]
    assert len(declared) >= 90
    assert len(NOT_NAMED) <= len(declared) / 10


@pytest.mark.parametrize("name", NAMES)
def test_every_exercise_has_a_corpus(name):
    for kind, least in zip(("right", "wrong"), (2, 4) if is_plain(name) else (8, 15), strict=True):
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
    lessons = [nbformat.read(path, 4) for path in sorted((ROOT / "notebooks").glob("*.ipynb"))]
    cells = [cell for lesson in lessons for cell in lesson.cells]
    return [cell.source for cell in cells if cell.cell_type == "markdown"]


@pytest.mark.timeout(240)
@pytest.mark.exhaustive
@answers("wrong", [name for name in NAMES if not is_plain(name)])
def test_a_wrong_answer_fails_alike_where_nothing_is_merged(path, tmp_path, monkeypatch):
    """What an attack asks of the end does not depend on how situations are told apart."""
    monkeypatch.setattr(attacks, "explore", partial(explore, history=True))
    monkeypatch.setattr(attacks, "LIMIT", 200_000)
    unmerged = checked(path, tmp_path)
    assert unmerged.state == "not finished" or unmerged.failure.name in failures(path)
