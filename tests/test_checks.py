"""The checker on real files: right answers pass, wrong ones fail by name, nothing raises."""

import ast
import inspect

import pytest

from helpers.course import attacks, checks
from helpers.course.checks import check
from helpers.course.puzzle import rival_puzzle
from helpers.lab import processes

FIRST = """
import os

def work(numbers):
    return os.getpid(), sum(numbers)
"""

# All read before anybody writes: they meet in the trial's folder, whatever the machine is doing.
MEET = """
import os, time

def meet(path, count):
    open(f"{path}.met.{os.getpid()}", "w").close()
    while sum(".met." in name for name in os.listdir(os.path.dirname(path))) < count:
        time.sleep(0.001)
"""
RIVALS = dict(list(rival_puzzle().rivals.items())[:3])
BROKEN = f"""
SETTINGS = {{"processes": 8, "times": 1, "pause_ms": 1}}
RIVALS = {RIVALS}
{MEET}
def count(counter, times, think):
    value = counter.read()
    meet(counter.path, 8)
    counter.write(value + 1)
"""

SELLER = """
from helpers.events import pause

def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        with lock:
            left = seats.read()
            if left == 0:
                return
            pause(think)
            seats.write(left - 1)
            sold.write(sold.read() + 1)
        pause(work)
"""
BARE_SELLER = """
from helpers.events import pause

def sell(seats, sold, lock, times, think, work):
    for _ in range(times):
        lock.acquire()
        left = seats.read()
        if left == 0:
            lock.release()
            return
        seats.write(left - 1)
        sold.write(sold.read() + 1)
        lock.release()
        pause(work)
"""
STALE_SELLER = f"""{MEET}
def sell(seats, sold, lock, times, think, work):
    left = seats.read()
    meet(seats.path, 3)
    with lock:
        seats.write(left - 1)
        sold.write(sold.read() + 1)
"""


def edited(source, old, new):
    assert old in source
    return source.replace(old, new)


@pytest.fixture
def checked(tmp_path):
    """Writes an answer into a file, checks it, and looks that the file was left as it was."""

    def do(name, source):
        path = tmp_path / f"{name}.py"
        data = source if isinstance(source, bytes) else source.encode()
        path.write_bytes(data)
        found = check(str(path))
        assert path.read_bytes() == data
        return found

    return do


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("my_first_worker", FIRST),
        ("my_first_worker_solution", FIRST),
        ("my_broken_counter", BROKEN),
        ("my_repaired_seller", SELLER),
    ],
)
def test_a_right_answer_passes(checked, name, source):
    found = checked(name, source)
    assert str(found) == f"{name}.py: passed. It held out against every attack."
    assert found.passed


WRONG_FIRST = [
    ("missing_function", ""),
    ("missing_function", edited(FIRST, "work", "werk")),
    ("missing_function", edited(FIRST, "def work", "async def work")),
    ("missing_function", "if True:" + FIRST.replace("\n", "\n    ")),
    ("syntax_error", edited(FIRST, ":", "")),
    ("syntax_error", b"\xff\xfe\x00\x01"),
    ("syntax_error", FIRST.encode() + b"\x00"),
    ("crashed", edited(FIRST, "sum(numbers)", "sum(numbers, tea)")),
    ("crashed", edited(FIRST, "(numbers):", "():")),
    ("crashed", edited(FIRST, "(numbers):", "(numbers, more):")),
    ("crashed", "import tea\n" + FIRST),
    ("crashed", "import sys; sys.exit(3)\n" + FIRST),
    ("crashed", edited(FIRST, "sum(numbers)", "lambda: sum(numbers)")),  # cannot be sent home
    ("crashed", "class Pair(tuple): pass\n" + edited(FIRST, "os.getpid(), ", "Pair(), ")),
    ("returns_nothing", "import sys; sys.exit()\n" + FIRST),
    ("returns_nothing", "import os; os._exit(0)\n" + FIRST),
    ("returns_nothing", edited(FIRST, "return ", "os._exit(0) or ")),
    ("returns_nothing", edited(FIRST, "return os.getpid(), sum", "print")),
    ("starts_at_import", FIRST + "import multiprocessing as mp\nmp.Process(target=work).start()"),
    ("no_pair", edited(FIRST, "os.getpid(), ", "")),
    ("no_pair", edited(FIRST, "sum(numbers)", "sum(numbers), 3")),
    ("wrong_sum", edited(FIRST, "sum(numbers)", "len(numbers)")),
    ("wrong_process", edited(FIRST, "os.getpid()", "7")),
    ("wrong_process", edited(FIRST, "os.getpid()", "os.getppid()")),
    ("wrong_process", edited(FIRST, "os.getpid()", "[os.getpid()]")),
]  # fmt: skip


@pytest.mark.parametrize(("failure", "source"), WRONG_FIRST)
def test_a_wrong_first_worker_fails_by_its_name(checked, failure, source):
    found = checked("my_first_worker", source)
    assert not found.passed
    assert found.failure.name == failure, str(found)


@pytest.mark.platform("posix")
def test_a_worker_that_interrupts_itself_stops_the_check(checked):
    source = edited(FIRST, "return", "os.kill(os.getpid(), 2); return")
    assert checked("my_first_worker", source).failure.name == "stopped"


def with_settings(text):
    return edited(BROKEN, '{"processes": 8, "times": 1, "pause_ms": 1}', text)


def with_rivals(text):
    return edited(BROKEN, str(RIVALS), str(text))


KEPT = [update.key for update in rival_puzzle().account.kept]
SHIFTED = {lost: next(key for key in KEPT if key != rival) for lost, rival in RIVALS.items()}
WRONG_BROKEN = [
    ("bad_settings", with_settings("7")),
    ("bad_settings", with_settings("{[1]: 2}")),
    ("bad_settings", with_settings('{"processes": 8, "tea": 1}')),
    ("bad_settings", with_settings('{"processes": 0, "times": 1}')),
    ("bad_settings", with_settings('{"processes": 8, "times": "many"}')),
    ("bad_settings", edited(BROKEN, "SETTINGS", "OTHERS")),
    ("too_few_updates", with_settings('{"processes": 7, "times": 1}')),
    ("no_real_update", with_settings('{"processes": 4, "times": 2}').replace("path, 8", "path, 4")),
    ("no_real_update", edited(BROKEN, "value = counter.read()", "value = 0")),
    ("kept_too_many", """
SETTINGS = {"processes": 1, "times": 8}
def count(counter, times, think):
    for _ in range(times):
        counter.write(counter.read() + 1)
"""),
    ("crashed", edited(BROKEN, ", think)", ")")),
    ("missing_rivals", with_rivals("{}")),
    ("missing_rivals", with_rivals(dict(list(RIVALS.items())[:2]))),
    ("missing_rivals", with_rivals(list(RIVALS))),
    ("crashed", with_rivals("{['A.0001']: 'B.0001', 2: 3, 4: 5}")),
    ("missing_rivals", with_rivals("dict(a=1, b=2, c=3)")),
    ("missing_rivals", edited(BROKEN, "RIVALS", "OTHERS")),
    ("not_lost", with_rivals({**RIVALS, KEPT[0]: KEPT[1]})),
    ("not_lost", with_rivals({**RIVALS, "Z.0001": KEPT[0]})),
    ("not_lost", with_rivals({1: 2, (3, 4): 5, None: 6})),
    ("wrong_rival", with_rivals(SHIFTED)),
    ("wrong_rival", with_rivals({lost: ["A.0001"] for lost in RIVALS})),
]  # fmt: skip


@pytest.mark.parametrize(("failure", "source"), WRONG_BROKEN)
def test_a_wrong_broken_counter_fails_by_its_name(checked, failure, source, monkeypatch):
    monkeypatch.setattr(attacks, "_TWO_METHODS", attacks._TWO_METHODS[:1])
    found = checked("my_broken_counter", source)
    assert found.failure.name == failure, str(found)


COUNT = "            sold.write(sold.read() + 1)\n"
TRY_TO_COUNT = f"            try:\n    {COUNT}            except RuntimeError: pass\n"
WRONG_SELLER = [
    ("lock_kept", edited(BARE_SELLER, "lock.release()\n            return", "return")),
    ("released_twice", edited(SELLER, "return", "lock.release(); return")),
    ("lost_updates", STALE_SELLER),
    ("wrong_count", edited(SELLER, "            if left == 0:\n                return\n", "")),
    ("wrong_count", edited(SELLER, "sold.read() + 1", "sold.read() + 2")),
    ("exception_keeps_lock", BARE_SELLER),
    ("hides_the_fault", edited(SELLER, COUNT, TRY_TO_COUNT)),
    ("too_slow", edited(SELLER, "        pause(work)", "            pause(work)")),
    ("crashed", edited(SELLER, "left - 1", "left / tea")),
]  # fmt: skip


@pytest.mark.parametrize(("failure", "source"), WRONG_SELLER)
def test_a_wrong_seller_fails_by_its_name(checked, failure, source, monkeypatch):
    monkeypatch.setattr(attacks, "_TWO_METHODS", attacks._TWO_METHODS[:1])
    found = checked("my_repaired_seller", source)
    assert found.failure.name == failure, str(found)


ENDLESS = [
    ("my_first_worker", edited(FIRST, "    return", "    while True: pass\n    return")),
    ("my_first_worker", "while True: pass\n" + FIRST),  # when it is imported
    ("my_broken_counter", edited(BROKEN, "path, 8", "path, 9")),
    ("my_repaired_seller", edited(SELLER, "pause(work)", "while True: pass")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "source"), ENDLESS)
def test_an_answer_that_never_ends_is_ended(checked, name, source, monkeypatch):
    monkeypatch.setattr(attacks, "_DEADLINE", 0.4)
    monkeypatch.setattr(processes, "_START_LIMIT", 2.0)
    assert checked(name, source).failure.name == "never_ends"


def test_a_file_that_is_not_there_is_named(tmp_path):
    found = check(str(tmp_path / "my_first_worker.py"))
    assert found.failure.name == "missing_file"
    assert "Run the stub cell" in str(found)


def test_a_folder_is_no_answer(tmp_path):
    folder = tmp_path / "my_first_worker.py"
    folder.mkdir()
    assert check(str(folder)).failure.name == "missing_file"


@pytest.mark.parametrize("path", ["my_tea.py", "", ".", None, 7, "notebooks/02.ipynb"])
def test_an_unknown_exercise_lists_the_known_ones(path):
    found = check(path)
    assert found.failure.name == "unknown_exercise"
    for name in ("my_first_worker.py", "my_broken_counter.py", "my_repaired_seller.py"):
        assert name in found.failure.reason


def test_a_fault_of_the_checker_itself_is_a_result_too(checked, monkeypatch):
    exercise = checks.Exercise("work", (lambda path: 1 / 0,))
    monkeypatch.setitem(checks.EXERCISES, "my_first_worker", exercise)
    found = checked("my_first_worker", FIRST)
    assert found.failure.name == "crashed"
    assert "ZeroDivisionError" in str(found)


def test_every_failure_that_there_is_was_seen():
    seen = {name for name, _ in (*WRONG_FIRST, *WRONG_BROKEN, *WRONG_SELLER)}
    seen |= {"stopped", "never_ends", "missing_file", "unknown_exercise"}
    named = set()
    for module in (attacks, checks):
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Failure":
                named |= {node.args[0].value} if isinstance(node.args[0], ast.Constant) else set()
    assert len(named) >= 20
    assert named == seen


def test_a_failure_is_shown_in_words_with_the_run_that_showed_it(checked):
    found = checked("my_repaired_seller", edited(SELLER, "if left == 0", 'if left == "<0>"'))
    assert str(found).startswith(
        "my_repaired_seller.py: not yet (wrong count). Of 5 seats 5 should"
    )
    page = found._repr_html_()
    assert 'role="status"' in page and "Of 5 seats 5 should be sold" in page
    assert '<img alt="' in page


def test_a_failure_without_a_run_is_shown_in_escaped_words(checked):
    page = checked("my_first_worker", 'if "<script>": pass')._repr_html_()
    assert "missing function" in page and "<img" not in page
    page = checked("my_first_worker", FIRST.replace("sum(numbers)", '"<script>"'))._repr_html_()
    assert "&lt;script&gt;" in page and "<script>" not in page
