"""The check of my_shared_locks beside its answers: each part by itself, reasons with their function, the picture; and its stub."""

from pathlib import Path

import pytest

from helpers import lab
from helpers.course import notebook
from helpers.exercises import my_shared_locks
from helpers.exercises.answers import Answer
from helpers.exercises.checking import check
from helpers.exercises.findings import first


@pytest.fixture
def path(answer):
    """The path of a copy of the answer with that name."""
    return lambda name: str(answer("my_shared_locks", name))


def test_names_and_repairs_are_told_apart(path):
    states = [part.state for part in check(path("wrong_one_wrong_name")).parts]
    assert states == ["not yet", "passed"]
    states = [part.state for part in check(path("wrong_named_and_not_repaired")).parts]
    assert states == ["passed", "not yet"]


def test_the_reason_is_the_diagnosis_and_its_picture(path):
    found = check(path("wrong_a_lock_at_the_top"))
    assert "count_views: 2 locks guard this file, one for each process" in str(found)
    assert (
        'alt="Timeline of the locks held and of the updates of the file.' in found._repr_html_()
        or found.failure.schedule
    )


@pytest.mark.parametrize("name", ["wrong_writes_its_own_number", "wrong_does_nothing"])
def test_every_reason_names_its_function(path, name):
    reason = check(path(name)).failure.reason
    assert reason.startswith("count_views: ")


def test_a_wrong_name_is_told_why(path):
    said = str(check(path("wrong_one_wrong_name")))
    wanted = "count_shares has a different fault. If its fault were 'module lock', it would take one lock"
    assert wanted in said


def test_one_lock_that_was_not_passed_is_not_enough(path, monkeypatch):
    monkeypatch.setattr(my_shared_locks, "is_passed", lambda shared: False)
    failure = first(my_shared_locks.count_in_turn(Answer(path("right_solution"))))
    assert failure.name == "not_guarded"
    assert "1 lock guards this file: all processes take it. Every update has to" in failure.reason


@pytest.mark.parametrize("method", lab.start_methods())
def test_the_right_answer_runs_under_every_start_method(path, method):
    attack = my_shared_locks.COUNTING.in_real_runs(*my_shared_locks.REAL_RUNS, methods=[method])
    assert first(attack(Answer(path("right_solution")))) is None


def test_a_stub_of_the_course_never_touches_a_file_that_is_there(tmp_path, monkeypatch, capsys):
    stub = Path(notebook.__file__).with_name("stubs").joinpath("my_shared_locks.py").read_text()
    monkeypatch.chdir(tmp_path)
    notebook.copy_stub("my_shared_locks.py")
    mine = tmp_path / "my_shared_locks.py"
    assert mine.read_text() == stub
    mine.write_text("mine")
    notebook.copy_stub("my_shared_locks.py")
    assert mine.read_text() == "mine"
    assert "was left as it is" in capsys.readouterr().out
