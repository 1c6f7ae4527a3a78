"""What a lesson's cells call: passport, predictions, sources, steps, cells run afresh, puzzle."""

import atexit
import importlib
import multiprocessing
import re
import subprocess
import sys
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
import test_figures
from cases import cases
from claim import claim
from IPython.core.interactiveshell import InteractiveShell
from pages import cells, htmls, marked, source_rows, widgets, words
from stories import tell

from helpers import course, lab, topics
from helpers.course import notebook, showing
from helpers.exercises.my_broken_counter import puzzle
from helpers.pictures import result_html
from helpers.workers.counter import increment_with_lock

ROOT = Path(__file__).resolve().parents[1]


# ---- the passport


@pytest.fixture
def found_here(monkeypatch):
    """Sets what the passport finds: a machine without a flaw, changed by keywords."""

    def find(cores=4, quota=None, late=False):
        monkeypatch.setattr(showing.lab, "usable_cores", lambda: cores)
        monkeypatch.setattr(showing, "cpu_quota", lambda: quota)
        monkeypatch.setattr(showing, "warmed_too_late", lambda: late)
        page = course.passport().data
        return words(page), re.findall("⚠ ([^<]*)", page)

    return find


def test_the_passport_of_a_good_machine_has_no_warning(found_here):
    text, warnings = found_here()
    assert warnings == []
    assert "cores that you may use  4 of" in text
    assert "no limit found" in text
    assert lab.default_start_method() in text


def test_the_passport_tells_this_machine():
    rows = dict(re.findall("<th>([^<]*)</th><td>([^<]*)</td>", course.passport().data))
    assert rows["Python"] == ".".join(map(str, sys.version_info[:3]))
    assert rows["cores that you may use"].startswith(f"{lab.usable_cores()} of ")
    assert rows["start methods here"] == ", ".join(multiprocessing.get_all_start_methods())
    assert set(rows) >= {"jupyterlab", "ipywidgets", "matplotlib", "system", "quota"}


@cases(
    "found warning",
    (
        {"late": True},
        "lab.warm() came too late: children start more slowly. Restart the kernel",
    ),
    (
        {"cores": 1},
        "one core: every race still shows, but several processes are no faster than one",
    ),
    (
        {"quota": 0.5},
        "one core: every race still shows, but several processes are no faster than one",
    ),
)
def test_the_passport_warns(found_here, found, warning):
    _, warnings = found_here(**found)
    assert len(warnings) == 1
    assert warnings[0].startswith(warning)


def test_the_passport_accepts_what_is_just_good_enough(found_here):
    assert found_here(quota=1.5)[1] == []


def test_the_passport_says_what_is_not_installed(found_here, monkeypatch):
    def version(name):
        raise PackageNotFoundError(name)

    found_here()
    monkeypatch.setattr(showing, "version", version)
    assert "jupyterlab  not installed" in words(course.passport().data)


# ---- the last line of a lesson


def test_no_child_is_left():
    assert course.no_children_left() == "No child process is left."


def test_a_child_that_is_left_is_named():
    here, there = multiprocessing.Pipe()
    child = multiprocessing.get_context("spawn").Process(target=there.recv, name="the waiting one")
    child.start()
    try:
        said = course.no_children_left(limit=0)
    finally:
        here.send("go home")
        child.join()
    named = f"the waiting one (process {child.pid})"
    assert said == f"Still running: {named}. Restart the kernel to end them."
    assert course.no_children_left() == "No child process is left."


# ---- predict, then see


def sentence(page):
    return " ".join(words(page).split())


def test_a_typed_prediction_stands_beside_the_fact():
    asked = course.predict("02", "How many of 40?")
    (field,) = (w for w in widgets(asked) if "number" in getattr(w, "placeholder", ""))
    field.value = "27 <or so>"
    assert any("You said: 27 &lt;or so&gt;" in text for text in htmls(asked, "You said"))
    shown = asked.reveal(13).data
    assert sentence(shown) == "You said: 27 <or so> (✗ wrong) · It was: 13"
    assert "<or" not in shown and 'role="status"' in shown


def test_a_chosen_prediction_stands_beside_the_fact():
    asked = course.predict("02", "Is 1 < 2?", [True, "never", 3])
    (field,) = (w for w in widgets(asked) if hasattr(w, "options"))
    assert list(field.options) == ["True", "never", "3"]
    assert field.value is None
    field.value = "never"
    assert sentence(asked.reveal(True).data) == "You said: never (✗ wrong) · It was: True"


def test_an_answer_that_was_taken_back_is_none():
    asked = course.predict("02", "How many of 40?")
    (field,) = (w for w in widgets(asked) if "number" in getattr(w, "placeholder", ""))
    field.value = "27"
    field.value = " "
    assert not htmls(asked, "You said") and htmls(asked, "Choose before")
    assert "You made no prediction" in asked.reveal(13).data


@pytest.mark.parametrize("choices", [None, ["yes", "no"]])
def test_no_prediction_holds_nothing_up(choices):
    asked = course.predict("02", "Well?", choices)
    assert sentence(asked.reveal("yes").data) == "You made no prediction. It was: yes"
    assert htmls(asked, "Choose before you run the next")


# ---- sources and steps


def test_a_worker_and_a_program_are_shown_with_their_locked_lines():
    shown = course.show_source(increment_with_lock).data
    assert source_rows(shown)[0][0] == "def increment_with_lock(counter, lock, times, think):"
    assert marked(shown) == ["value = counter.read()", "pause(think)", "counter.write(value + 1)"]
    shown = course.show_source("print_under_lock.py").data
    assert marked(shown) == [
        'print(name, "prints line", number, "-" * 100, "end", flush=flush)',
    ]


STEPS = (
    "A takes lock / A reads 0 / B reads 0 / A writes 1 / A frees lock /"
    "B empties / A reads nothing / B fills 1"
)
TABLE = [
    ["ms", "A", "B", "in the file", "holds the lock"],
    ["0.05", "acquires the lock", "", "", "A"],
    ["1.05", "reads 0", "", "0", "A"],
    ["2.05", "", "reads 0", "0", "A"],
    ["3.05", "writes 1", "", "1 (A.0001)", "A"],
    ["4.05", "releases the lock", "", "1 (A.0001)", ""],
    ["5.05", "", "empties the file", "empty", ""],
    ["6.05", "reads nothing: empty", "", "empty", ""],
    ["7.05", "", "writes 1", "1 (B.0001)", ""],
]


def test_the_steps_of_a_run_stand_in_the_order_of_time_with_the_file_beside_them():
    run = tell(STEPS)
    assert cells(course.show_steps(run).data) == TABLE
    some = cells(course.show_steps(run, first=2, count=3).data)[1:]
    assert [row[:3] for row in some] == [row[:3] for row in TABLE[3:6]]


def test_a_step_that_never_ended_is_not_among_the_steps():
    run = tell("A takes lock / B wants lock / A reads 0")
    rows = [row[:3] for row in cells(course.show_steps(run).data)[1:]]
    assert rows == [["0.05", "acquires the lock", ""], ["2.05", "reads 0", ""]]


def test_steps_of_a_real_run_are_as_many_as_asked_for_and_in_order():
    run = course.run_counter(processes=2, times=5, pause_ms=0.1)
    rows = cells(course.show_steps(run, count=15).data)[1:]
    times = [float(row[0]) for row in rows]
    assert len(rows) == 15
    assert times == sorted(times)
    assert all((row[1] == "") != (row[2] == "") for row in rows)


# ---- code run as in a fresh notebook


SPAWNED = """
import multiprocessing
def work():
    print("never said")
{guard}context = multiprocessing.get_context("spawn")
{guard}child = context.Process(target=work)
{guard}child.start()
{guard}child.join()
{guard}print("exit code", child.exitcode)
"""


@claim("01", "a cell function fails under spawn, the parent sees no exception")
@pytest.mark.parametrize(
    "guard", ["", "if __name__ == '__main__': "], ids=["bare", "with main guard"]
)
def test_a_function_of_a_cell_cannot_be_found_by_a_spawned_child(guard):
    ran = course.run_as_cell(SPAWNED.format(guard=guard))
    assert ran.output.strip() == "exit code 1"
    assert len(ran.errors) == 1
    says = "module '__main__' has no attribute 'work'"
    if sys.version_info < (3, 14):
        says = "Can't get attribute 'work' on <module '__main__'"
    assert ran.errors[0].startswith(f"AttributeError: {says}")
    assert str(ran) == f"exit code 1\n{ran.errors[0]}"


@pytest.mark.platform("linux")
@claim("01", "under fork the same cell works")
def test_a_function_of_a_cell_is_there_in_a_forked_child():
    ran = course.run_as_cell(SPAWNED.format(guard="").replace('"spawn"', '"fork"'))
    assert "exit code 0" in ran.output and not ran.errors


POOLED = """
import multiprocessing
def work(number):
    return number
pool = multiprocessing.get_context("spawn").Pool(1)
answer = pool.apply_async(work, [1])
try:
    print(answer.get(timeout=1))
except multiprocessing.TimeoutError:
    print("TimeoutError")
pool.terminate()
pool.join()
"""


@claim("01", "a Pool with a cell function never answers")
def test_a_pool_that_would_hang_for_ever_is_bounded():
    ran = course.run_as_cell(POOLED)
    assert ran.output.strip() == "TimeoutError"
    assert {line.split(":")[0] for line in ran.errors} <= {"AttributeError"}


def test_equal_errors_are_told_once_with_their_number():
    complaining = "import sys\nfor _ in range(3): print('KeyError: tea', file=sys.stderr)"
    shown = course.run_as_cell(complaining)
    assert str(shown) == "KeyError: tea   (3 times)"
    assert repr(shown) == str(shown)


def test_code_that_says_nothing_says_so():
    assert str(course.run_as_cell("pass")) == "no output"


def test_a_cell_that_does_not_end_is_ended():
    with pytest.raises(subprocess.TimeoutExpired):
        course.run_as_cell("while True: pass", timeout=0.5)


def test_a_cell_runs_in_a_folder_of_its_own_that_is_gone_afterwards():
    ran = course.run_as_cell("open('here', 'w').close(); import os; print(os.getcwd())")
    folder = Path(ran.output.strip())
    assert folder != Path.cwd()
    assert not folder.exists()


# ---- in a notebook


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """A real IPython that knows the course, with nothing written outside the tests' folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        patch.delenv("VIRTUAL_ENV", raising=False)  # of whoever started the tests
        yield from _shell()


def _shell():
    InteractiveShell.clear_instance()
    made = InteractiveShell.instance()
    notebook.prepare_notebook()
    yield made
    made.atexit_operations()
    atexit.unregister(made.atexit_operations)
    made.restore_sys_module_state()
    InteractiveShell.clear_instance()


@pytest.mark.parametrize("kind", test_figures.RESULTS)
def test_a_result_is_shown_as_its_sentence_and_its_picture(shell, kind):
    make, said = test_figures.RESULTS[kind]
    result = make()
    data, _ = shell.display_formatter.format(result)
    page = data["text/html"]
    assert words(page).startswith(str(result))
    assert page.count("<img ") == 1
    assert said in page.replace("Expected", "expected").replace("&#x27;", "'")


def test_a_run_without_a_counter_is_shown_by_its_sentence_alone(shell):
    run = course.start_children(processes=1, start_method="spawn").run
    data, _ = shell.display_formatter.format(run)
    assert words(data["text/html"]) == str(run) == "1 process ended well"
    assert "<img" not in data["text/html"]


def test_a_sentence_with_angles_is_escaped(shell):
    run = course.run_counter(processes=1, times=1)
    page = result_html(lab.Run(**{**vars(run), "sentence": "A ended with <b>"}))
    assert "A ended with &lt;b&gt;" in page


def test_the_stub_is_written_where_there_is_none(shell, tmp_path, capsys):
    path = tmp_path / "my_answer.py"
    shell.run_cell_magic("stub", str(path), "def work():\n    ...\n")
    assert path.read_text() == "def work():\n    ...\n"
    assert f"{path} was written" in capsys.readouterr().out


def test_only_an_exercise_asks_you_to_edit_the_file(shell, tmp_path, capsys):
    said = {}
    for name in ("my_first_worker.py", "my_greeting.py"):
        shell.run_cell_magic("stub", str(tmp_path / name), "x = 1\n")
        said[name] = capsys.readouterr().out
    assert "edit it, save it" in said["my_first_worker.py"]
    assert "Open it" in said["my_greeting.py"] and "edit it" not in said["my_greeting.py"]


@claim("00", "`%%stub` never overwrites your file")
@pytest.mark.parametrize("mine", ["mine = 1\n", ""], ids=["edited", "emptied"])
def test_the_stub_never_touches_a_file_that_is_there(shell, tmp_path, capsys, mine):
    path = tmp_path / "my_answer.py"
    path.write_text(mine)
    shell.run_cell_magic("stub", f"  {path} ", "def work():\n    ...\n")
    assert path.read_text() == mine
    assert f"{path} is there already and was left as it is" in capsys.readouterr().out


def test_the_stub_leaves_a_folder_of_its_name_alone(shell, tmp_path, capsys):
    (tmp_path / "my_answer.py").mkdir()
    (tmp_path / "my_answer.py" / "inside").touch()
    shell.run_cell_magic("stub", str(tmp_path / "my_answer.py"), "x")
    assert (tmp_path / "my_answer.py" / "inside").exists()
    assert "left as it is" in capsys.readouterr().out


def test_every_name_that_a_cell_may_use_is_there():
    assert len(course.__all__) > 20
    assert all(hasattr(course, name) for name in course.__all__)


def test_two_modules_that_define_one_name_are_refused_with_the_names_of_both(tmp_path, monkeypatch):
    room = tmp_path / "room_of_two"
    room.mkdir()
    (room / "__init__.py").touch()
    (room / "first.py").write_text("import json\n_own = 1\ndef sell(): ...\nclass Sale: ...")
    (room / "second.py").write_text("from room_of_two.first import Sale\ndef _own(): ...")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("room_of_two")
    assert set(topics.public_names("room_of_two")) == {"sell", "Sale"}
    (room / "third.py").write_text("class sell: ...")
    importlib.invalidate_caches()
    said = r"^room_of_two\.first and room_of_two\.third both define sell, "
    with pytest.raises(ImportError, match=said):
        topics.public_names("room_of_two")


# ---- the puzzle of rivals


def test_rivals_are_what_their_definition_says():
    account, read_from = puzzle().accounts["counter"], replayed(puzzle().events)
    assert len(read_from) == 6
    last = max(puzzle().events, key=lambda e: e.end if e.op == "write" else 0).seen[:6]
    kept = set(line_of(last, read_from))
    assert sorted(update.key for update in account.lost) == sorted(set(read_from) - kept)
    for update in account.lost:
        first = next(key for key in line_of(update.key, read_from) if key not in kept)
        rivals = [key for key in kept if read_from[key] == read_from[first]]
        assert rivals == [account.rivals[update.key].key]


@claim("02", "a lost update that was built on another lost one has the same rival")
def test_the_puzzle_of_the_lesson_has_a_lost_update_that_was_built_on_a_lost_one():
    rivals = puzzle().accounts["counter"].rivals
    assert replayed(puzzle().events)["C.0002"] == "A.0001"
    assert rivals["C.0002"].key == rivals["A.0001"].key == "B.0001"


def replayed(events):
    """For each write, the write whose number its process had read; the file is played anew."""
    there, saw, read_from = "start", {}, {}
    for event in sorted(events, key=lambda event: event.start):
        if event.op == "read":
            saw[event.process] = there
        else:
            there = event.seen[:6]
            read_from[there] = saw[event.process]
    return read_from


def line_of(key, read_from):
    """`key` and the writes it descends from, the oldest first."""
    return [*line_of(read_from[key], read_from), key] if key in read_from else []


def test_the_puzzles_table_shows_each_step_in_its_column():
    head, *rows = cells(showing.rival_puzzle().data)
    assert head == ["step", "A", "B", "C", "in the file"]
    assert [row[0] for row in rows] == [str(step) for step in range(1, 13)]
    for row, event in zip(rows, puzzle().events, strict=True):
        said = row["ABC".index(event.process) + 1]
        assert [cell for cell in row[1:4] if cell] == [said]
        assert said.split()[0] == f"{event.op}s"
        key, number = event.seen.split()
        assert row[4] == (number if key == "-.0000" else f"{number} ({key})")
