"""The record: nothing that is in it gets lost, whatever is wrong with the file; and what progress() makes of it."""

import csv
import errno
import json
import multiprocessing
import os
import subprocess
import sys

import ipywidgets
import pytest
from conftest import ROOT
from pages import cells, of_kind, statuses, words

from helpers import course, record
from helpers.panels.challenge import CHALLENGES
from helpers.panels.questions import lessons
from helpers.pictures.declared import result_html
from helpers.resources.locks import LockedFile

LINE = {
    "v": 1,
    "at": "2026-01-01T00:00:00+00:00",
    "kind": "answer",
    "lesson": "04",
    "name": "first",
}


def names():
    return [entry["name"] for entry in record.entries().found]


def note_many(start, kernel, count):
    start.wait()
    for number in range(count):
        assert record.note("answer", "04", f"{kernel} {number}", right=True) == ""


# Holds the record's lock, with half a line written, until it is killed.
BREAK_OFF = """
import sys
from helpers.resources.locks import LockedFile
LockedFile(sys.argv[2]).acquire()
with open(sys.argv[1], "ab", buffering=0) as file:
    file.write(b'{"v": 1, "kind": "ans')
    print("begun", flush=True)
    sys.stdin.read()
"""


def test_entries_come_back_as_they_were_noted():
    record.note("prediction", "04", "How long?", said="zwei – 2", fact="2", right=False)
    (entry,) = record.entries().found
    assert entry.pop("at").endswith("+00:00")
    said = {"said": "zwei – 2", "fact": "2", "right": False}
    assert entry == {"v": 1, "kind": "prediction", "lesson": "04", "name": "How long?", **said}


def test_there_is_nothing_in_a_record_that_is_not_there():
    assert record.entries() == record.Entries([])
    assert str(record.entries()) == ""


def test_two_kernels_at_once_lose_nothing():
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(2)
    kernels = [context.Process(target=note_many, args=(start, kernel, 500)) for kernel in "AB"]
    for each in kernels:
        each.start()
    for each in kernels:
        each.join()
    wanted = {kernel: [f"{kernel} {number}" for number in range(500)] for kernel in "AB"}
    assert {k: [name for name in names() if name[0] == k] for k in "AB"} == wanted
    assert str(record.entries()) == ""


def test_a_writer_killed_in_the_middle_keeps_nobody_waiting_and_breaks_nothing(record_of_its_own):
    record.note("answer", "04", "before")
    lock = record_of_its_own.with_name(".my_record.jsonl.lock")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "cwd": ROOT}
    with subprocess.Popen(
        [sys.executable, "-c", BREAK_OFF, record_of_its_own, lock], **pipes
    ) as kernel:
        assert kernel.stdout.readline().split() == [b"begun"]
        kernel.kill()
    assert record.note("answer", "04", "after") == ""
    assert names() == ["before", "after"]
    assert record.entries().skipped == 1


@pytest.mark.parametrize(
    "damage",
    [
        b"{",
        b"half a line",
        b'{"v": 1}',
        b"[]",
        b"7",
        b'{"v": "1"}',
        b"\xff\xfe",
        bytes(5000),
        b"[" * 100_000,
        b'{"v": 1, "name": "' + b"x" * 1_000_000,
        json.dumps({**LINE, "kind": ["answer"]}).encode(),
        json.dumps(
            {**LINE, "kind": "prediction"}
        ).encode(),  # which has neither what was said nor the fact
    ],
    ids=lambda damage: repr(damage[:20]),
)
def test_a_damaged_line_is_passed_over_and_stays(damage, record_of_its_own):
    record.note("answer", "04", "before")
    with open(record_of_its_own, "ab") as file:
        file.write(damage)  # without a line end, as where a writer was killed
    record.note("answer", "04", "after")
    assert names() == ["before", "after"]
    assert "no prediction in this lesson" in course.predictions("04").data
    assert str(record.entries()).endswith("they are damaged or from a newer version: 1.")
    assert damage in record_of_its_own.read_bytes().splitlines()


def test_lines_of_a_newer_version_are_passed_over_and_stay(record_of_its_own):
    newer = json.dumps({"v": record.VERSION + 1, "what": "an answer"})
    record_of_its_own.write_text(f"{json.dumps(LINE)}\n{newer}\n")
    record.note("answer", "04", "second")
    assert names() == ["first", "second"]
    assert "they are damaged or from a newer version: 1." in str(course.progress())
    assert newer in record_of_its_own.read_text()


def test_a_full_disk_leaves_what_was_there_and_is_told_in_a_sentence(
    record_of_its_own, monkeypatch
):
    record.note("answer", "04", "before")
    before, real_open = record_of_its_own.read_bytes(), open

    def full(*args, **kwargs):
        file = real_open(*args, **kwargs)
        if args[1:2] != ("ab+",):
            return file

        class Full:
            def __enter__(self):
                return self

            def __exit__(self, *_):
                file.close()

            def __getattr__(self, name):
                return getattr(file, name)

            def write(self, data):
                file.write(data[:7])
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        return Full()

    monkeypatch.setattr("builtins.open", full)
    said = record.note("answer", "04", "too much")
    assert said.endswith("my_record.jsonl: No space left on device. The lesson goes on without it.")
    assert record_of_its_own.read_bytes() == before


@pytest.mark.platform("posix")
def test_a_line_cut_by_a_real_limit_is_taken_back(record_of_its_own):
    import resource

    record.note("answer", "04", "before")
    before, limits = record_of_its_own.read_bytes(), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 7, limits[1]))
    try:
        said = record.note("answer", "04", "too much")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert said.endswith("my_record.jsonl: the disk is full. The lesson goes on without it.")
    assert record_of_its_own.read_bytes() == before
    assert record.note("answer", "04", "after") == "" and names() == ["before", "after"]


def folder_in_its_place(path, monkeypatch):
    path.mkdir()


def link_to_itself(path, monkeypatch):
    path.symlink_to(path)


def not_yours(path, monkeypatch):
    """Whoever is root may read everything: so the refusal is put in place."""

    def refuse(file, *args, **kwargs):
        if "my_record" in str(file):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(file))
        return real_open(file, *args, **kwargs)

    real_open = open
    monkeypatch.setattr("builtins.open", refuse)
    monkeypatch.setattr("io.open", refuse)


@pytest.mark.parametrize("hinder", [folder_in_its_place, link_to_itself, not_yours])
def test_what_can_be_neither_read_nor_written_is_told_and_the_lesson_goes_on(
    hinder, record_of_its_own, monkeypatch
):
    hinder(record_of_its_own, monkeypatch)
    assert record.note("answer", "04", "first").startswith("Not noted in your record, ")
    assert record.entries().found == []
    said = str(course.progress())
    assert "0 tasks done. " in said and said.count("my_record.jsonl, cannot be read: ") == 1
    assert "no prediction in this lesson" in course.predictions("04").data
    row = course.ask("04").children[0]
    of_kind(row, ipywidgets.Button)[0].click()
    assert len([text for text in statuses(row) if "Not noted in your record, " in text]) == 1


def test_a_folder_that_is_not_there_is_told_in_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_RECORD", str(tmp_path / "nowhere" / "my_record.jsonl"))
    assert record.note("answer", "04", "first").startswith("Not noted in your record, ")
    assert record.entries() == record.Entries([])


@pytest.mark.platform("posix")
def test_a_link_leads_to_the_record_and_to_its_lock(record_of_its_own, tmp_path, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "linked.jsonl"
    link.symlink_to(record_of_its_own)
    monkeypatch.setenv("COURSE_RECORD", str(link))
    assert record.note("answer", "04", "first") == ""
    assert [path.name for path in sorted(link.parent.iterdir())] == ["linked.jsonl"]
    assert link.is_symlink() and b"first" in record_of_its_own.read_bytes()


def test_half_a_surrogate_pair_is_noted_as_it_was_said():
    assert record.note("prediction", "04", "How?", said="a\ud83d", fact="1", right=False) == ""
    assert [entry["said"] for entry in record.entries().found] == ["a\ud83d"]


def test_a_kernel_that_keeps_the_record_for_long_is_told_in_a_sentence(
    record_of_its_own, monkeypatch
):
    monkeypatch.setattr(record, "LIMIT", 0.01)
    lock = LockedFile(record_of_its_own.with_name(".my_record.jsonl.lock"))
    lock.acquire()
    assert "another kernel has been writing to it for a long time" in record.note(
        "answer", "04", "late"
    )
    lock.release()
    assert record.note("answer", "04", "later") == ""


# ---- progress


def do(number, right=True):
    """Note all that there is to do in a lesson."""
    lesson = lessons()[number]
    for name in lesson.predictions:
        record.note("prediction", number, name, said="8", fact="9", right=right)
    for question in lesson.questions:
        record.note("answer", number, question.name, right=right)
    for name in lesson.exercises:
        record.note("check", number, name, state="passed" if right else "not yet")
    for title, challenge in CHALLENGES.items():
        if challenge.lesson == number and right:
            record.note("challenge", number, title, order="A")


def test_progress_begins_with_the_first_lesson_that_asks_for_something():
    made = course.progress()
    assert "0 tasks done. Go on with lesson 01, Processes (predictions done: 0 of " in str(made)
    assert "it proves nothing to others" in str(made)


def test_progress_shows_what_comes_next_above_its_table():
    made = course.progress()
    said, _, table = result_html(made).partition("<table")
    assert words(said).startswith(str(made))
    rows = cells(table)
    assert rows[0] == ["lesson", "predictions", "questions", "exercises", "challenges"]
    assert [row[0][:2] for row in rows[1:]] == list(lessons())


def test_progress_goes_on_with_what_was_begun():
    do("01")
    do("04", right=False)
    made = course.progress()
    assert made.next_lesson == "04"
    assert all(done.right == done.count for done in made.done["01"])
    first = made.done["04"][0]
    assert (first.right, first.tried) == (0, len(lessons()["04"].predictions))


def test_a_right_answer_stays_right_after_a_wrong_one():
    (name, *_) = lessons()["02"].predictions
    for right in (True, False):
        record.note("prediction", "02", name, said="8", fact="9", right=right)
    assert course.progress().done["02"][0].right == 1


def test_what_the_course_no_longer_has_counts_for_nothing():
    record.note("prediction", "04", "a question of long ago", right=True)
    record.note("answer", "99", "a lesson of tomorrow", right=True)
    assert str(course.progress()).startswith("0 tasks done.")


def test_all_done_is_said():
    for number in lessons():
        do(number)
    assert course.progress().next_step == "You have done everything that this course asks for."
    assert course.progress().next_lesson is None


def test_progress_is_saved_as_a_table_but_over_nothing(tmp_path):
    do("01")
    made, path = course.progress(), tmp_path / "mine.csv"
    made.save(path)
    rows = list(csv.reader(path.read_text(encoding="utf-8").splitlines()))
    assert rows[0] == ["lesson", "predictions", "questions", "exercises", "challenges"]
    assert [row[0] for row in rows[1:]] == list(lessons())
    assert rows[2][1] == "1 of 1"
    with pytest.raises(FileExistsError):
        made.save(path)


# ---- what is noted


def test_a_prediction_is_judged_and_shown_again():
    guess = course.predict("02", "What does the file say?", ["40", "below 25"])
    (answer,) = of_kind(guess, ipywidgets.RadioButtons)
    answer.value = "below 25"
    assert "<b>below 25</b> (✓ right)" in guess.reveal(12, "below 25").data
    assert "(✗ wrong)" in guess.reveal(40).data
    shown = course.predictions("02").data
    assert shown.count("What does the file say?") == 1 and "✗ wrong" in shown
    assert "no prediction in this lesson" in course.predictions("03").data


def test_no_prediction_is_no_wrong_one():
    assert "You made no prediction" in course.predict("02", "What?").reveal(3).data
    assert record.entries().found == []


def test_a_check_is_noted_with_its_lesson(answer, capsys):
    assert course.check(answer("my_smallest_number", "right_division")).state == "passed"
    (entry,) = record.entries().found
    assert (entry["kind"], entry["lesson"], entry["name"]) == (
        "check",
        "03",
        "my_smallest_number.py",
    )
    assert entry["state"] == "passed" and capsys.readouterr().out == ""
