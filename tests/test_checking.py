"""The check's mechanism: three states, what was tried, parts of a task, odd files. Answers: test_exercises.py."""

import os
import re
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest
from cases import cases, few
from claim import claim
from stories import tell

from helpers import lab
from helpers.course import notebook
from helpers.exercises import attacks, checking, findings, my_narrow_lock
from helpers.exercises.answers import Answer, named_tool
from helpers.exercises.checking import STATES, Part, check
from helpers.exercises.findings import Ask, Exercise, Failure, Unfinished, first
from helpers.resources import CounterFile, Lock
from helpers.resources.stand_ins import ReservedLock
from helpers.workers.contention import come_second
from helpers.workers.counter import increment_with_lock

FIRST = "import os\n\ndef work(numbers):\n    return os.getpid(), sum(numbers)\n"
BUSY = Unfinished("the machine was too busy: still running after 9 s: A")


@pytest.fixture
def narrow(answer):
    return str(answer("my_narrow_lock", "right_solution"))


PASSED = Part("", None, (), 1)


def check_of(*parts, tried=""):
    return checking.Check("my_x.py", parts, tried)


# ---- three states


def luminance(colour):
    """The relative luminance of WCAG 2.2, of a colour such as #FF8000."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_states_differ_in_mark_and_colour_and_can_be_read():
    marks, inks, grounds = zip(*STATES.values(), strict=True)
    assert len(set(marks)) == len(set(grounds)) == 3
    for ink, ground in zip(inks, grounds, strict=True):
        light, dark = sorted(map(luminance, (ink, ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5


def test_what_was_not_answered_is_never_passed():
    found = check_of(Part("", None, (BUSY,), 5), tried="9 orders")
    assert (found.state, found.failure) == ("not finished", None)
    assert "1 of 5 questions got no answer" in str(found)
    assert "says nothing about the file: check again" in str(found)
    assert str(found).endswith("Tried: 9 orders.")


def test_a_failure_counts_before_what_was_not_answered():
    found = check_of(Part("", Failure("no_lock", "Nobody acquires it."), (BUSY,), 5))
    assert found.state == "not yet"
    assert str(found) == "my_x.py: not yet (no lock). Nobody acquires it."


def test_each_part_of_a_task_is_told():
    wrong = Failure("wrong_rival", "Another one.")
    found = check_of(Part("Task 1", None, (), 2), Part("Task 2", wrong, (), 1))
    assert str(found) == (
        "my_x.py: not yet. Task 1: passed. It held out against every attack. "
        "Task 2: not yet (wrong rival). Another one. Done so far: 1 of 2 tasks."
    )
    page = found._repr_html_()
    assert page.count("✔ passed") == 1
    assert page.count("✘ not yet") == 2


def test_an_order_that_no_real_process_took_is_told_without_its_table():
    failure = Failure("not_confirmed", "Real processes could not take it.", None, "AB")
    page = check_of(Part("", failure, (), 1))._repr_html_()
    assert "one letter for each step: AB" in page
    assert "<table" not in page


def test_words_of_a_learner_are_escaped():
    page = check_of(Part("", Failure("x", "<script>"), (), 1))._repr_html_()
    assert "&lt;script&gt;" in page
    assert "<script>" not in page


# ---- which questions are asked


def asked(monkeypatch, path, *asks):
    monkeypatch.setattr(checking, "exercise", lambda name: Exercise(asks, functions=("serve",)))
    said = []
    return check(path, said.append), said


def test_a_run_that_shows_a_failure_is_drawn_under_its_sentence():
    run = tell("A reads 0 / B reads 0 / A writes 1 / B writes 1")
    page = check_of(Part("", Failure("lost", "Updates get lost.", run), (), 1))._repr_html_()
    assert f"<div>{run.sentence}</div><img " in page


def test_it_says_how_much_of_what_is_asked_is_done(monkeypatch, narrow):
    wrong = Failure("no_lock", "Nobody acquires it.")
    good, busy, bad = (Ask(name, lambda answer, one=one: [one]) for name, one in
                       (("good", None), ("busy", BUSY), ("bad", wrong)))  # fmt: skip
    found, _ = asked(monkeypatch, narrow, good, busy, bad, Ask("last", lambda answer: None))
    assert "Nobody acquires it. Done so far: 1 of the 4 things asked." in str(found)
    assert "Done so far: 1 of the 4 things asked." in found._repr_html_()
    found, _ = asked(monkeypatch, narrow, good)
    assert "Done so far" not in str(found)


def test_a_question_without_an_answer_does_not_keep_the_next_from_failing(monkeypatch, narrow):
    wrong = Failure("no_lock", "Nobody acquires it.")
    asks = Ask("first", lambda answer: [BUSY]), Ask("second", lambda answer: [wrong])
    third = Ask("third", lambda answer: pytest.fail("it was decided already"))
    found, said = asked(monkeypatch, narrow, *asks, third)
    assert found.failure == wrong
    wanted = ["first (question 1 of 3)", "second (question 2 of 3)"]
    assert [text.partition(": ")[2] for text in said[1:]] == wanted


def test_a_fault_of_the_check_itself_is_no_verdict(monkeypatch, narrow):
    found, _ = asked(monkeypatch, narrow, Ask("it holds", lambda answer: 1 / 0))
    assert found.state == "not finished"
    assert "broke off with ZeroDivisionError" in str(found)


def test_an_interrupt_of_the_check_comes_out(monkeypatch, narrow):
    def interrupted(answer):
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        asked(monkeypatch, narrow, Ask("it holds", interrupted))


def test_the_models_patience_is_counted_in_situations(monkeypatch, narrow):
    monkeypatch.setattr(attacks, "LIMIT", 20)
    answer = Answer(narrow)
    with pytest.raises(Unfinished, match="limit of 20 situations"):
        first(my_narrow_lock.SERVING.in_every_order(((2, 2),))(answer))


def test_a_real_run_that_was_cut_off_while_all_worked_is_no_failure(monkeypatch, narrow):
    run = Answer(narrow).run(increment_with_lock, CounterFile(), Lock(), 9, 1.0, deadline=0.2)
    with pytest.raises(Unfinished, match=r"still running after 0\.2 s"):
        first(findings.death(run))


def test_what_was_tried_is_counted(narrow):
    found = check(narrow)
    orders, faults, runs = map(
        int, re.search(r"(\d+) orders, (\d+) with a fault, (\d+) real runs", found.tried).groups()
    )
    assert orders > faults > 0
    assert runs > 4
    for method in findings.TWO_METHODS:
        assert method in found.tried


@pytest.fixture
def shown(monkeypatch):
    """What the check's line in a kernel says, one text after the other."""
    pages = []
    line = SimpleNamespace(update=lambda page: pages.append(page.data))
    monkeypatch.setattr(notebook, "get_ipython", object)
    monkeypatch.setattr(notebook, "display", lambda page, display_id: line)
    return pages


def test_in_a_kernel_a_line_tells_what_is_tried_and_goes_at_the_end(monkeypatch, narrow, shown):
    monkeypatch.setattr(
        checking, "check", lambda path, say, order: say("a < b") or check_of(PASSED)
    )
    notebook.check(narrow)
    assert shown == ["<div>Checking a &lt; b …</div>", ""]


def test_the_line_goes_when_the_check_is_interrupted(monkeypatch, narrow, shown):
    def interrupted(path, say, order):
        say("a question")
        raise KeyboardInterrupt

    monkeypatch.setattr(checking, "check", interrupted)
    with pytest.raises(KeyboardInterrupt):
        notebook.check(narrow)
    assert shown[-1] == ""


# ---- odd files: a result, and nothing left (conftest looks)

BOMB = "class Bomb:\n    def __reduce__(self): return exec, ('1/0',)\n"
ODD = {
    "empty": (b"", "missing_function"),
    "binary": (b"\xff\xfe\x00\x01", "syntax_error"),
    "a NUL": (FIRST.encode() + b"\0", "syntax_error"),
    "forks at import": (b"import os\nos.fork()\n" + FIRST.encode(), None),
    "prints 50 MB": (b"print('x' * 50_000_000)\n" + FIRST.encode(), None),
    "ends its process": (b"import os\nos._exit(3)\n", "fails_at_import"),
    "raises at import": (b"raise ValueError('tea')\n", "fails_at_import"),
    "explodes when read": (
        f"{BOMB}def work(numbers): return Bomb(), 1\n".encode(),
        "wrong_sum",  # only its text is sent
    ),
    "explodes inside a dict": (
        f"{BOMB}def work(numbers): return {{1: Bomb()}}, 1\n".encode(),
        "wrong_sum",
    ),
    "cannot be sent": (b"def work(numbers): return lambda: 1\n", "crashed"),
    # An answer to my_broken_counter shows this, too.
    "endless at import": (b"while True: pass\n", "never_ends"),
}


@pytest.mark.platform("posix")
@pytest.mark.timeout(120)
@pytest.mark.parametrize("kind", few(ODD, len(ODD) - 1))
def test_an_odd_file_gets_a_result(kind, tmp_path):
    path = tmp_path / "my_first_worker.py"
    data, name = ODD[kind]
    path.write_bytes(data)
    found = check(str(path))
    assert (found.failure and found.failure.name) == name, str(found)
    assert path.read_bytes() == data


@pytest.mark.platform("posix")
@pytest.mark.timeout(120)
@pytest.mark.parametrize("exercise", few(["my_total", "my_smallest_number"]))
@pytest.mark.parametrize("kind", ["binary", "a NUL", "ends its process", "raises at import"])
def test_a_file_that_cannot_be_imported_is_told_so_in_every_exercise(kind, exercise, tmp_path):
    path = tmp_path / f"{exercise}.py"
    data, name = ODD[kind]
    path.write_bytes(data)
    assert check(str(path)).failure.name == name


@pytest.mark.platform("posix")
@pytest.mark.parametrize("exercise", ["my_first_worker", "my_total", "my_smallest_number"])
def test_what_is_no_file_is_named(exercise, tmp_path):
    for number, make in enumerate(
        (os.mkfifo, os.mkdir, lambda path: os.symlink("gone", path), len)
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        path = folder / f"{exercise}.py"
        make(str(path))
        assert check(str(path)).failure.name == "missing_file"


@pytest.mark.parametrize("name", ["my_tea.py", "", "notes.txt"])
def test_an_unknown_exercise_lists_the_known_ones(name):
    found = check(name)
    assert found.failure.name == "unknown_exercise"
    assert "my_narrow_lock.py" in str(found)


# ---- reasons


@cases(
    "line tool",
    ("import threading\nLOCK = threading.Lock()", "Line 2 uses threading.Lock"),
    ("from fcntl import flock as hold\nhold(1, 2)", "Line 2 uses fcntl.flock"),
    ("open('x')", "Line 1 uses open"),
    ("import os\nprint(os.getpid(), os.path.sep)", ""),
    ("def open(x): return x\nopen(1)", ""),
    ("dict(open=1)\nopen('x')", "Line 2 uses open"),
    ("from gzip import open as unpack\nopen('x')", "Line 2 uses open"),
    ("try: pass\nexcept OSError as file: pass\nopen('x')", "Line 3 uses open"),
    ("class open: pass\nopen()", ""),
    ("def work(open): open(1)", ""),
)
def test_a_tool_is_named_with_its_line(line, tool, tmp_path):
    path = tmp_path / "my_x.py"
    path.write_text(line)
    assert named_tool(str(path)) == tool


def test_a_failing_order_is_shown_step_by_step(narrow):
    path = Path(narrow)
    path.write_text(path.read_text().replace("with lock:", "if True:"))
    found = check(narrow)
    assert found.failure.run.schedule == found.failure.schedule
    assert f"The order, one letter for each step: {found.failure.schedule}." in str(found)
    assert "<table" in found._repr_html_()


@claim("05", "the stub does all its slow work while the lock is held")
def test_the_stub_is_told_how_much_lies_under_its_lock(answer):
    path = answer("my_narrow_lock", "wrong_stub")
    assert "210 of 210 ms of slow work are done while the lock is held" in str(check(str(path)))


def test_who_writes_without_reading_is_told_so():
    run = lab.run(increment_with_lock, CounterFile(), Lock(), 2, 0, processes=2, schedule="")
    blind = tuple(event for event in run.events if event.op != "read")
    run = lab.Run(**{**run.__dict__, "events": blind})
    [wrong, *_] = findings.unreal_update(run, {"counter": 1}, "unreal", "Each adds 1")
    assert wrong == "unreal: A writes 'counter' without having read it."


def test_a_reserved_lock_is_taken_by_its_first_one_first():
    lock = ReservedLock(first="B")
    run = lab.run(team=[(come_second, (lock, 0)), (come_second, (lock, 0.02))], processes=2)
    assert run.verdict == "correct"
    assert [e.process for e in run.events if e.op == "acquire"] == ["B", "A"]
