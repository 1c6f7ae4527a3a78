"""The check of lesson 06 on real files: the right answer passes, wrong ones fail by name."""

from pathlib import Path

import pytest
from answers import edited

from helpers import lab
from helpers.course import notebook
from helpers.course.attacks import parts, shared_locks

STUB = Path(notebook.__file__).with_name("stubs").joinpath("my_shared_locks.py").read_text()
NAMES = {
    "count_visits": "two locks",
    "count_likes": "thread lock",
    "count_posts": "forgotten path",
    "count_views": "module lock",
    "count_shares": "own lock",
}
RIGHT = f"""
from helpers.events import pause

faults = {NAMES!r}


def add_one(counter, think):
    value = counter.read()
    pause(think)
    counter.write(value + 1)


def count_visits(counter, lock, times, think):
    for _ in range(times):
        with lock:
            add_one(counter, think)


count_likes = count_posts = count_views = count_shares = count_visits
"""


def named(source):
    for function, fault in NAMES.items():
        source = source.replace(f'"{function}": "?"', f'"{function}": "{fault}"')
    return source


def views(body, top=""):
    """The right answer, only that count_views has this body, and `top` stands before it."""
    function = f"{top}\n\n\ndef count_views(counter, lock, times, think):\n{body}\n"
    return edited(RIGHT, (" = count_views", "")) + function


LOOP = "    for number in range(times):\n        with {}:\n            add_one(counter, think)"
LOCKS = "from helpers.resources import Lock, ThreadLock\n"
ROUNDS = "    for _ in range(times):\n"
ADD = "add_one(counter, think)\n"
REST = "    for _ in range(times - 1):\n        with lock:\n            " + ADD
TRY = ROUNDS + "        got = lock.acquire(False)\n"
WRONG = [
    ("not_named", STUB),
    ("not_named", edited(RIGHT, ("'own lock'", "'broken lock'"))),
    ("not_named", edited(RIGHT, ("faults", "names"))),
    ("not_named", edited(RIGHT, ("'own lock'", "['own lock']"))),
    ("wrong_name", edited(RIGHT, ("'own lock'", "'module lock'"))),
    ("many_locks", named(STUB)),
    ("many_locks", views(LOOP.format("guard"), LOCKS + "guard = Lock('lock')")),
    ("many_locks", views("    guard = Lock('lock')\n" + LOOP.format("guard"), LOCKS)),
    ("many_locks", views(LOOP.format("Lock('lock')"), LOCKS)),
    ("many_locks", views(LOOP.format("guard"), LOCKS + "guard = ThreadLock()")),
    ("many_locks", views(LOOP.format("made.setdefault(0, Lock())"), LOCKS + "made = {}")),
    ("many_locks", views(LOOP.format("lock if number % 2 else guard"), LOCKS + "guard = Lock()")),
    ("many_locks", views("    with guard:\n        add_one(counter, think)\n" + LOOP.format("lock").replace("(times)", "(times - 1)"), LOCKS + "guard = Lock('lock')")),
    ("many_locks", views("    global guard\n    guard = guard or Lock('lock')\n" + LOOP.format("guard"), LOCKS + "guard = None")),
    ("many_locks", views(LOOP.format("made.setdefault(hearer.name, Lock())"), LOCKS + "from helpers.events import hearer\nmade = {}")),
    ("wrong_count", views("    with lock:\n        if counter.read() == 0:\n            for _ in range(3 * times):\n                add_one(counter, think)")),
    ("outside_lock", views("    counter.write(counter.read() + 1)\n" + LOOP.format("lock").replace("(times)", "(times - 1)"))),
    ("outside_lock", views("    for _ in range(times):\n        add_one(counter, think)")),
    ("outside_lock", views("    for _ in range(times):\n        with lock:\n            value = counter.read()\n        with lock:\n            counter.write(value + 1)")),
    ("wrong_count", views(LOOP.format("lock").replace("(times)", "(times - 1)"))),
    ("wrong_count", views("    pass")),
    ("no_real_update", views("    for _ in range(times):\n        with lock:\n            counter.write(counter.read() + 2)")),
    ("no_real_update", views("    for number in range(times):\n        with lock:\n            counter.write(number)")),
    ("waits_for_itself", views("    for _ in range(times):\n        lock.acquire()\n        add_one(counter, think)")),
    ("exception_keeps_lock", views("    for _ in range(times):\n        lock.acquire()\n        add_one(counter, think)\n        lock.release()")),
    ("not_named", edited(RIGHT, ("'own lock'", "['own lock']"))),
    ("many_locks", views("    global made\n    made = made or Lock('lock')\n" + LOOP.format("made"), LOCKS + "made = None")),
    ("many_locks", views("    with guard:\n        " + ADD + REST, LOCKS + "guard = Lock('lock')")),
    ("outside_lock", views("    counter.write(counter.read() + 1)\n" + REST)),
    ("outside_lock", views(ROUNDS + "        value = counter.read()\n        with lock:\n            counter.write(value + 1)")),
    ("no_real_update", views(ROUNDS + "        with lock:\n            counter.write(1)")),
    ("no_real_update", views("    with lock:\n        counter.write(counter.read() + times)")),
    ("goes_on_without_lock", views(TRY + "        " + ADD + "        if got:\n            lock.release()")),
    ("goes_on_without_lock", views(ROUNDS + "        lock.acquire(timeout=0)\n        " + ADD + "        lock.release()")),
    ("wrong_count", views(TRY + "        if got:\n            try:\n                " + ADD + "            finally:\n                lock.release()")),
    ("busy_waiting", views(ROUNDS + "        with lock:\n            for _ in range(260):\n                lock.acquire(False)\n            " + ADD)),
    ("released_twice", views(LOOP.format("lock") + "\n    lock.release()")),
    ("hides_the_fault", views(ROUNDS + "        try:\n            with lock:\n                " + ADD + "        except Exception:\n            pass")),
    ("crashed", "import nothing_of_that_name\n" + RIGHT),
    ("crashed", edited(RIGHT, ("count_visits(counter, lock, times, think)", "count_visits(counter, lock, times)"))),
    ("crashed", views("    raise RuntimeError('no')")),
    ("own_lock", "import multiprocessing\n" + views(LOOP.format("multiprocessing.Lock()"))),
    ("missing_function", edited(RIGHT, ("count_posts = ", ""))),
]  # fmt: skip


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("name", "source"), WRONG, ids=[f"{i}-{n}" for i, (n, _) in enumerate(WRONG)]
)
def test_a_wrong_repair_fails_by_its_name(checked, name, source):
    found = checked("my_shared_locks", source)
    assert not found.passed
    assert found.failure.name == name, str(found)


def test_the_right_repair_passes(checked):
    assert (
        str(checked("my_shared_locks", RIGHT))
        == "my_shared_locks.py: passed. It held out against every attack."
    )


def test_one_lock_that_was_not_passed_is_not_enough(checked, monkeypatch):
    monkeypatch.setattr(shared_locks, "is_passed", lambda thing: False)
    failure = checked("my_shared_locks", RIGHT).failure
    assert failure.name == "other_lock"
    assert (
        "1 lock guards this file: all processes take it. But it is not the lock" in failure.reason
    )


@pytest.mark.parametrize("method", lab.start_methods())
def test_real_runs_tell_them_apart_under_every_start_method(tmp_path, monkeypatch, method):
    monkeypatch.setattr(parts, "TWO_METHODS", [method])
    path = tmp_path / "my_shared_locks.py"
    path.write_text(RIGHT, encoding="utf-8")
    assert shared_locks.count_in_real_runs(str(path)) is None
    path.write_text(views(LOOP.format("guard"), LOCKS + "guard = Lock('lock')"), encoding="utf-8")
    failure = shared_locks.count_in_real_runs(str(path))
    assert failure.name == "many_locks", failure.reason
    assert f"count_views, {method}: 3 locks guard this file, one for each process" in failure.reason


def test_the_reason_holds_the_diagnosis(checked):
    told = str(checked("my_shared_locks", views(LOOP.format("guard"), LOCKS + "guard = Lock()")))
    assert "count_views, forkserver: " in told or "count_views, spawn: " in told
    assert "locks guard this file, one for each process" in told


FAULTY = [
    ("guard", LOCKS + "guard = Lock()"),
    ("lock if number % 2 else guard", LOCKS + "guard = Lock()"),
]


@pytest.mark.parametrize(("lock", "top"), FAULTY, ids=["own", "two"])
def test_the_picture_shows_the_locks_that_guard_the_file(checked, lock, top):
    shown = checked("my_shared_locks", views(LOOP.format(lock), top))._repr_html_()
    assert 'alt="Timeline of the locks held and of the updates of the file.' in shown


@pytest.mark.parametrize(
    "body",
    ["    for _ in range(times):\n        with lock:\n            counter.write(1)", "    pass"],
)
def test_every_reason_names_its_function(checked, body):
    assert checked("my_shared_locks", views(body)).failure.reason.startswith("count_views")


def test_a_fault_that_is_hidden_is_told_with_its_function(checked):
    source = dict(reversed(WRONG))["hides_the_fault"]
    assert checked("my_shared_locks", source).failure.reason.startswith(
        "count_views: An exception in place of A's"
    )


@pytest.mark.parametrize(
    "body",
    [
        "    with lock:\n        for _ in range(times):\n            add_one(counter, think)",
        "    for _ in range(times):\n        lock.acquire()\n        try:\n            add_one(counter, think)\n        finally:\n            lock.release()",
    ],
    ids=["one hold", "finally"],
)
def test_other_right_repairs_pass(checked, body):
    assert checked("my_shared_locks", views(body)).passed


def test_a_wrong_name_is_told_why(checked):
    told = str(checked("my_shared_locks", edited(RIGHT, ("'own lock'", "'module lock'"))))
    assert (
        "count_shares has another fault than 'module lock': it would take one lock, made at" in told
    )


def test_a_stub_of_the_course_never_touches_a_file_that_is_there(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    notebook.copy_stub("my_shared_locks.py")
    mine = tmp_path / "my_shared_locks.py"
    assert mine.read_text() == STUB
    mine.write_text("mine")
    notebook.copy_stub("my_shared_locks.py")
    assert mine.read_text() == "mine"
    assert "was left as it is" in capsys.readouterr().out
