"""The teacher's guide, the exam, the tracks and the version: they agree with what they speak of."""

import re

import pytest
from conftest import ROOT

from docs import samples, teaching
from helpers import __version__, course
from helpers.panels.questions import EXAM, PARTS, lessons
from tests import minutes


@pytest.mark.parametrize("track", teaching.TRACKS)
@pytest.mark.parametrize("take", [minutes.stated, minutes.estimated], ids=["stated", "estimated"])
def test_the_lessons_of_a_track_fit_into_its_minutes(track, take):
    chosen, most = teaching.TRACKS[track]
    assert set(chosen) <= set(lessons())
    assert teaching.total(track, take) <= (most or 24 * 60)


def test_a_track_takes_as_long_as_its_lessons_together():
    said = [minutes.stated(path)[0] for path in minutes.PATHS if path.stem[:2] in ("00", "04")]
    assert teaching.total("One hour") == sum(said) > 0


def test_the_readme_names_the_lessons_of_each_track():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for track, (chosen, _) in teaching.TRACKS.items():
        said = re.search(rf"^- {track}: (\d\d to \d\d|[\d, ]+\d)", text, re.MULTILINE)[1]
        first, _, last = said.partition(" to ")
        known = [number for number in lessons() if last and first <= number <= last]
        assert list(chosen) == (known or said.split(", "))


def test_the_guide_has_a_part_for_each_lesson_and_no_expression_is_left():
    guide = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    assert re.findall(r'^<a id="(\d+)">', guide, re.MULTILINE) == list(lessons())
    assert "{{" not in guide and "}}" not in guide
    for number in lessons():
        for question in lessons()[number].questions_of("end"):
            for choice in question.choices:
                assert (f"*{choice.misconception}*: {choice.why}" in guide) is not choice.right


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page):
    text = page.read_text(encoding="utf-8")
    prose = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)
    for link in re.findall(r"\]\(([^)\s]+)\)", prose):
        path, _, place = link.partition("#")
        if not re.match(r"[a-z]+:", link):
            assert not path or (page.parent / path).exists(), link
            assert path or f'<a id="{place}">' in text, link


@pytest.mark.parametrize("lesson", samples.NUMBERS)
def test_the_samples_are_those_of_cells_that_a_lesson_has(lesson):
    ids, _, notes = samples.NUMBERS[lesson]
    assert set(ids.split()) <= set(teaching.cells(lesson))
    for where in ("all cores", "one core"):
        assert set(notes) <= set(teaching.recorded(where))


def test_a_sample_of_one_value_and_of_several(monkeypatch):
    monkeypatch.setattr(
        teaching,
        "recorded",
        lambda *path: {"one": [3], "many": [1200, 7, 30], "words": ["so"]}[path[1]],
    )
    assert [teaching.sample(name) for name in ("one", "many", "words")] == ["3", "7 to 1,200", "so"]


def test_the_exam_asks_without_a_word_of_its_key():
    asked, _, key = "\n".join(teaching.exam()).partition("## Key")
    found = [question for lesson in lessons().values() for question in lesson.questions_of(EXAM)]
    assert len(found) >= 8
    for question in found:
        assert question.asks in asked
        for choice in question.choices:
            assert choice.says in asked and choice.why not in asked and choice.why in key


def test_the_version_is_the_same_wherever_it_stands():
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    cited = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    newest, day = re.search(r"^## (\S+) \((\S+)\)$", changes, re.MULTILINE).groups()
    assert newest == __version__ == re.search(r"^version: (\S+)$", cited, re.MULTILINE)[1]
    assert day == re.search(r'^date-released: "(\S+)"$', cited, re.MULTILINE)[1]
    assert f"<td>{__version__}</td>" in course.passport().data


def test_progress_counts_no_question_of_the_exam(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_RECORD", str(tmp_path / "my_record.jsonl"))
    _, questions, *_ = course.progress().done["07"]
    assert lessons()["07"].questions_of(EXAM)
    assert questions.count == sum(len(lessons()["07"].questions_of(part)) for part in PARTS)
