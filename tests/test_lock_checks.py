"""The checks of lessons 07 to 09 on real files: right answers pass, wrong ones fail by name, nothing raises."""

import pytest
from answers import edited
from helpers.course.attacks import parts, survivor

from helpers import lab
from helpers.resources.arranged import ReservedLock
from helpers.workers.waiting import come_second
from tests.spies import explorations

# So many tries that a tape is full before the money is moved.

# ---- my_survivor

SURVIVOR_STUB = """
PATIENCE = 0.5  # seconds


def add_safely(counter, lock, times):
    for _ in range(times):
        lock.acquire(timeout=PATIENCE)
        counter.write(counter.read() + 1)
        lock.release()
"""
SURVIVOR = """
PATIENCE = 0.5  # seconds


def add_safely(counter, lock, times):
    for _ in range(times):
        if not lock.acquire(timeout=PATIENCE):
            raise TimeoutError(f"no lock {lock.name!r} after {PATIENCE} s: is its holder dead?")
        try:
            counter.write(counter.read() + 1)
        finally:
            lock.release()
"""
WHOLE_LOOP = """
PATIENCE: float = 1.0


def add_safely(counter, lock, times):
    if not lock.acquire(True, PATIENCE):
        raise TimeoutError(lock.name)
    try:
        for _ in range(times):
            counter.write(counter.read() + 1)
    finally:
        lock.release()
"""
POLLING = """
from contextlib import contextmanager

from helpers.events import pause

PATIENCE, STEP = 0.5, 0.01


@contextmanager
def patiently(lock):
    for _ in range(50):
        if lock.acquire(block=False):
            break
        pause(STEP)
    else:
        raise TimeoutError(f"{lock}")
    try:
        yield
    finally:
        lock.release()


def add_safely(counter, lock, times):
    for _ in range(times):
        with patiently(lock):
            counter.write(counter.read() + 1)
"""
POLLING = edited(POLLING, ("PATIENCE, STEP = 0.5, 0.01", "PATIENCE = 0.5\nSTEP = 0.01"))
WITH_LOCK = """
PATIENCE = 0.5


def add_safely(counter, lock, times):
    for _ in range(times):
        with lock:
            counter.write(counter.read() + 1)
"""
RAISES = '            raise TimeoutError(f"no lock {lock.name!r} after {PATIENCE} s: is its holder dead?")\n'
RELEASE_IN_ALL_CASES = """
PATIENCE = 0.5


def add_safely(counter, lock, times):
    for _ in range(times):
        try:
            if not lock.acquire(timeout=PATIENCE):
                raise TimeoutError(lock.name)
            counter.write(counter.read() + 1)
        finally:
            lock.release()
"""
TAKE_IT_BY_FORCE = edited(
    SURVIVOR, (RAISES, "            lock.release()\n            lock.acquire()\n")
)
WRITE_LATER = """
PATIENCE = 0.5


def add_safely(counter, lock, times):
    for _ in range(times):
        if not lock.acquire(timeout=PATIENCE):
            raise TimeoutError(lock.name)
        try:
            value = counter.read()
        finally:
            lock.release()
        counter.write(value + 1)
"""
WRITE_AGAIN = """
PATIENCE = 0.5


def add_safely(counter, lock, times):
    for _ in range(times):
        take(lock)
        value = counter.read()
        lock.release()
        take(lock)
        counter.write(value + 1)
        lock.release()


def take(lock):
    if not lock.acquire(timeout=PATIENCE):
        raise TimeoutError(lock.name)
"""
NO_LOCK = """
PATIENCE = 0.5


def add_safely(counter, lock, times):
    for _ in range(times):
        counter.write(counter.read() + 1)
"""
FINALLY = "        try:\n            counter.write(counter.read() + 1)\n        finally:\n            lock.release()\n"
BARE = "        counter.write(counter.read() + 1)\n        lock.release()\n"
WRONG_SURVIVORS = [
    ("goes_on_without_lock", SURVIVOR_STUB),
    ("goes_on_without_lock", edited(SURVIVOR, (RAISES, "            pass\n"))),
    ("waits_for_ever", WITH_LOCK),
    ("waits_for_ever", edited(SURVIVOR, ("if not", "while not"), (RAISES, "            pass\n"))),
    ("waits_for_ever", edited(SURVIVOR, ("timeout=PATIENCE", "timeout=30"))),
    ("releases_a_stranger", RELEASE_IN_ALL_CASES),
    ("releases_a_stranger", TAKE_IT_BY_FORCE),
    ("gives_up_silently", edited(SURVIVOR, (RAISES, "            return\n"))),
    ("gives_up_silently", edited(SURVIVOR, (RAISES, "            continue\n"))),
    ("wrong_error", edited(SURVIVOR, ("TimeoutError", "RuntimeError"))),
    ("wrong_error", edited(SURVIVOR, (RAISES, "            raise TimeoutError\n"))),
    ("too_impatient", edited(SURVIVOR, ("PATIENCE = 0.5", "PATIENCE = 0.01"))),
    ("too_impatient", edited(SURVIVOR, ("timeout=PATIENCE", "block=False"))),
    ("bad_patience", edited(SURVIVOR, ("PATIENCE = 0.5", "PATIENCE = 60"))),
    ("bad_patience", edited(SURVIVOR, ("PATIENCE = 0.5", "PATIENCE = None"))),
    ("bad_patience", edited(SURVIVOR, ("PATIENCE = 0.5", "patience = 0.5"))),
    ("lock_kept", edited(SURVIVOR, (FINALLY, "        counter.write(counter.read() + 1)\n"))),
    ("exception_keeps_lock", edited(SURVIVOR, (FINALLY, BARE))),
    ("hides_the_fault", edited(SURVIVOR, ("        finally:", "        except RuntimeError:\n            pass\n        finally:"))),
    ("no_lock", NO_LOCK),
    ("own_lock", "from helpers.resources import Lock\n" + edited(SURVIVOR, ("    for", "    lock = Lock('ledger')\n    for"))),
    ("outside_lock", WRITE_LATER),
    ("split_section", WRITE_AGAIN),
    ("wrong_count", edited(SURVIVOR, ("+ 1", "+ 2"))),
    ("crashed", edited(SURVIVOR, ("if not", "raise TimeoutError(lock.name)\n        if not"))),
]  # fmt: skip


RIGHT = [
    ("my_survivor", SURVIVOR),
    ("my_survivor", WHOLE_LOOP),
    ("my_survivor", POLLING),
]


@pytest.mark.parametrize(("name", "source"), RIGHT)
def test_a_right_answer_passes(checked, name, source):
    found = checked(name, source)
    assert str(found) == f"{name}.py: passed. It held out against every attack."


def with_name(name, answers):
    return [(name, failure, source) for failure, source in answers]


WRONG = [
    *with_name("my_survivor", WRONG_SURVIVORS),
]


@pytest.mark.parametrize(("name", "failure", "source"), WRONG)
def test_a_wrong_answer_fails_by_its_name(checked, name, failure, source, monkeypatch):
    monkeypatch.setattr(parts, "TWO_METHODS", parts.TWO_METHODS[:1])
    found = checked(name, source)
    assert not found.passed
    assert found.failure.name == failure, str(found)
    assert found._repr_html_()


# ---- the attacks one by one


@pytest.fixture
def answer(tmp_path):
    """Writes an answer into a file and gives back its path."""

    def do(source):
        path = tmp_path / "my_answer.py"
        path.write_text(source)
        return str(path)

    return do


def asked_of(explored):
    """How many processes, how often each (the last argument), and which fault."""
    return {(len(o["team"]), o["team"][0][1][-1], o["fault"]) for o, _ in explored}


def test_the_model_asks_for_every_survivor(answer, monkeypatch):
    explored = explorations(monkeypatch)
    assert survivor.add_in_every_order(answer(SURVIVOR)) is None
    plain = {(processes, times, None) for processes, times in ((2, 1), (3, 1), (2, 2))}
    steps = (0, 1, 2, 4, 5, 6)
    assert asked_of(explored) == plain | {(n, 2, ("A", step)) for n in (1, 2) for step in steps}
    assert all(found.is_proof for _, found in explored)


def test_a_killed_holder_is_outlived_by_the_clock_too(answer, monkeypatch):
    runs = []
    monkeypatch.setattr(survivor, "_no_survivor", runs.append)
    survivor.outlive_a_killed_holder(answer(SURVIVOR))
    assert [bool(run.schedule) for run in runs] == [True, False]
    for run in runs:
        assert [crash.process for crash in run.crashes] == ["A", "B", "C"]
        assert run.crashes[0].held == ("ledger",)
        assert [crash.error for crash in run.crashes[1:]] == ["TimeoutError"] * 2
        assert run.account.observed == 0


# ---- the locks that bring processes together


def test_a_reserved_lock_is_taken_by_its_first_one_first():
    lock = ReservedLock(first="B")
    run = lab.run(team=[(come_second, (lock, 0)), (come_second, (lock, 0.02))], processes=2)
    assert run.verdict == "correct"
    assert [e.process for e in run.events if e.op == "acquire"] == ["B", "A"]
