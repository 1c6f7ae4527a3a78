"""The transfer tasks at the ends of the lessons: `watch` names the one choice that is right, and nothing once the program is repaired."""

import json
import re
from types import SimpleNamespace

import pytest
from conftest import ROOT
from lesson_cells import cell_source
from pages import widgets

from helpers.course import predict
from helpers.exercises.findings import Unfinished
from helpers.exercises.plain import Program
from helpers.scripts import watch

TASKS = {
    path.stem[:2]: json.loads(path.read_text(encoding="utf-8"))["cells"]
    for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
    if 'check(\\"my_plain_' in path.read_text(encoding="utf-8")
}
lessons = pytest.mark.parametrize("lesson", TASKS)


@pytest.fixture
def watched(tmp_path, monkeypatch):
    """`watched(lesson, cell)`: the Watched of the program that this cell writes."""
    monkeypatch.chdir(tmp_path)

    def run(lesson, cell):
        (tmp_path / "my_program.py").write_text(cell_source(lesson, cell))
        return watch("my_program.py")

    return run


def guess_of(lesson):
    """The lesson's own Prediction."""
    names = {"predict": predict}
    exec(cell_source(lesson, "plain-task-predict"), names)  # noqa: S102 - the lesson's own
    return names["guess"]


def field_of(guess):
    """The widget with the choices."""
    [field] = [widget for widget in widgets(guess) if hasattr(widget, "options")]
    return field


def test_lessons_02_and_04_to_11_have_one():
    assert list(TASKS) == ["02", *(f"{number:02}" for number in range(4, 12))]


@lessons
def test_watch_names_one_of_the_choices(lesson, watched, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_RECORD", str(tmp_path / "my_record.jsonl"))
    guess, seen = guess_of(lesson), watched(lesson, "plain-task-stub")
    field = field_of(guess)
    [came] = re.findall("It was: <b>(.*?)</b>", guess.reveal_line(seen).data)
    assert came in field.options and len(field.options) >= 4
    for choice in field.options:
        field.value = choice
        assert ("✓" in guess.reveal_line(seen).data) is (choice == came)


@lessons
def test_watch_names_none_of_them_in_the_solution(lesson, watched):
    seen = watched(lesson, "plain-task-solution")
    assert not seen.collisions and not seen.crossings and not seen.stuck
    assert not any(sleep.held for sleep in seen.pauses)


def test_nothing_is_judged_where_watch_names_no_line(watched):
    guess = guess_of("02")
    shown = guess.reveal_line(watched("02", "plain-task-solution")).data
    assert "names none of these lines" in shown and "It was" not in shown


@lessons
def test_a_choice_names_lines_that_the_program_has(lesson):
    program = cell_source(lesson, "plain-task-stub").splitlines()
    for choice in field_of(guess_of(lesson)).options:
        for number in map(int, re.findall(r"\d+", choice.partition(":")[0])):
            assert program[number - 1].strip()


@pytest.mark.parametrize("waiting", [1, 2])
def test_a_run_that_was_ended_while_it_still_worked_gives_no_answer(waiting):
    """One that was ended while both of its processes waited for ever does."""
    lanes = [SimpleNamespace(is_over=False)] * 2 + [SimpleNamespace(is_over=True)]
    recording, say = SimpleNamespace(lanes=lanes), "This run was ended after 8 s."
    how = {"stuck": None, "waits": [None] * waiting, "recording": recording, "sentence": say}
    found = Program().bad_end(SimpleNamespace(ended="timed out", **how), "", "under fork")
    if waiting == len(lanes) - 1:
        assert next(found).startswith("never_ends: ")
    else:
        with pytest.raises(Unfinished, match="too busy"):
            next(found)
