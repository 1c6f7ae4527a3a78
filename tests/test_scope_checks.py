"""The check of lesson 05 on real files: the right answer passes, wrong ones fail by name."""

from dataclasses import replace

import pytest
from answers import edited

from helpers import lab
from helpers.course.attacks import narrow_lock
from helpers.workers import scopes

STUB = """
from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    with lock:
        for _ in range(times):
            pause(work)  # talk to the customer
            number = tickets.read() + 1
            pause(think)
            tickets.write(number)
            pause(work)  # print the ticket with this number
            cash.write(cash.read() + 5)
            pause(work)  # say goodbye
"""
RIGHT = """
from helpers.events import pause


def serve(tickets, cash, lock, times, think, work):
    for _ in range(times):
        pause(work)
        with lock:
            number = tickets.read() + 1
            pause(think)
            tickets.write(number)
            cash.write(cash.read() + 5)
        pause(work)
        pause(work)
"""


WITH = "        with lock:\n"
TICKET = """            number = tickets.read() + 1
            pause(think)
            tickets.write(number)
"""
CASH = "            cash.write(cash.read() + 5)\n"
AFTER = "        pause(work)\n        pause(work)\n"
BODY = WITH + TICKET + CASH + AFTER
WRONG = [
    ("too_wide", STUB),
    ("too_wide", edited(RIGHT, ("        pause(work)\n" + WITH, WITH + "            pause(work)\n"))),
    ("too_wide", edited(RIGHT, (CASH + "        pause(work)\n", "            pause(work)\n" + CASH))),
    ("too_wide", edited(RIGHT, (AFTER, "            pause(work)\n        pause(work)\n"))),
    ("split_invariant", edited(RIGHT, (CASH, WITH + CASH))),
    ("no_lock", edited(RIGHT, (WITH, "        if True:\n"))),
    ("outside_lock", edited(RIGHT, (CASH, "        cash.write(cash.read() + 5)\n"))),
    (
        "split_section",
        edited(RIGHT, (TICKET, TICKET.replace("            tickets.write", WITH + "            tickets.write"))),
    ),
    ("no_work", edited(RIGHT, (AFTER, "        pause(work)\n"))),
    ("no_work", edited(RIGHT, ("pause(work)\n", "pause(work / 2)\n"))),
    ("no_real_ticket", edited(RIGHT, ("cash.read() + 5", "number * 5"))),
    ("no_real_ticket", edited(RIGHT, ("cash.read() + 5", "cash.read() + 4"))),
    ("wrong_count", edited(RIGHT, (CASH, ""))),
    ("waits_for_itself", edited(RIGHT, (WITH, "        lock.acquire()\n        if True:\n"))),
    ("waits_for_itself", edited(RIGHT, (CASH, "            with lock:\n    " + CASH))),
    ("released_twice", edited(RIGHT, (AFTER, AFTER + "        lock.release()\n"))),
    ("exception_keeps_lock", edited(RIGHT, (WITH, "        lock.acquire()\n        if True:\n"),
                                    (CASH, CASH + "            lock.release()\n"))),
    ("own_lock", "import multiprocessing\n" + edited(RIGHT, (WITH, "        with multiprocessing.Lock():\n"))),
    ("outside_lock", edited(RIGHT, (WITH + "            number", "        number"), ("            pause(think)\n", WITH + "            pause(think)\n"))),
    ("outside_lock", edited(RIGHT, (WITH, "        money = cash.read()\n" + WITH), ("cash.read() + 5", "money + 5"))),
    ("released_twice", edited(RIGHT, (WITH, "        lock.acquire(timeout=0.001)\n        if True:\n"), (CASH, CASH + "            lock.release()\n"))),
    ("hides_the_fault", edited(RIGHT, (CASH, f"            try:\n    {CASH}            except RuntimeError:\n                pass\n"))),
    ("wrong_count", edited(RIGHT, ("range(times)", "range(times - 1)"))),
    ("foreign_tool", "import threading\n" + edited(RIGHT, (AFTER, "        threading.Thread(target=pause, args=(2 * work,)).start()\n"))),
    ("missing_function", "def sell(): ..."),
]  # fmt: skip


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("name", "source"), WRONG, ids=[f"{i}-{n}" for i, (n, _) in enumerate(WRONG)]
)
def test_a_wrong_scope_fails_by_its_name(checked, name, source):
    found = checked("my_narrow_lock", source)
    assert not found.passed
    assert found.failure.name == name, str(found)


def test_the_narrow_scope_passes(checked):
    assert (
        str(checked("my_narrow_lock", RIGHT))
        == "my_narrow_lock.py: passed. It held out against every attack."
    )


ALSO_RIGHT = [
    edited(RIGHT, (TICKET + CASH, CASH + TICKET)),
    edited(RIGHT, ("        pause(work)\n" + WITH, WITH), (AFTER, AFTER + "        pause(work)\n")),
    edited(RIGHT, (WITH, "        lock.acquire()\n        try:\n"), (CASH, CASH + "        finally:\n            lock.release()\n")),
    # all the slow work comes last
    edited(RIGHT, ("    for _ in range(times):\n        pause(work)\n" + WITH, "    for _ in range(times):\n" + WITH), (AFTER, "    for _ in range(3 * times):\n        pause(work)\n")),
]  # fmt: skip


@pytest.mark.timeout(120)
@pytest.mark.parametrize("source", ALSO_RIGHT, ids=range(len(ALSO_RIGHT)))
def test_the_slow_work_may_lie_anywhere_outside(checked, source):
    found = checked("my_narrow_lock", source)
    assert found.passed, str(found)


def late(run):
    """The same run, as if its processes had never got ready."""
    return replace(
        run, verdict="timed_out", sentence="A did not get ready in time", events=(), elapsed=0.0, started=0
    )  # fmt: skip


@pytest.fixture
def late_set(monkeypatch):
    """Processes that are late where `is_late(worker)` says so."""

    def make(is_late):
        real = lab.ProcessSet.run

        def run(self, worker=None, *args, **options):
            found = real(self, worker, *args, **options)
            return late(found) if is_late(worker) else found

        monkeypatch.setattr(lab.ProcessSet, "run", run)

    return make


@pytest.fixture
def right_file(tmp_path):
    path = tmp_path / "my_narrow_lock.py"
    path.write_text(RIGHT, encoding="utf-8")
    return str(path)


def test_a_late_worker_of_the_course_is_no_measure(late_set, right_file):
    late_set(lambda worker: worker is scopes.lock_read_to_write)
    failure = narrow_lock.serve_in_time(right_file)
    assert failure.name == "too_busy"
    assert "That says nothing about the file: check again." in failure.reason


def test_load_alone_is_no_wide_scope(monkeypatch, right_file):
    monkeypatch.setattr(narrow_lock, "sqrt", lambda _: 0.0)  # every run is too long
    monkeypatch.setattr(narrow_lock, "_usual_hold", lambda _: narrow_lock._WORK / 2)
    assert narrow_lock.serve_in_time(right_file) is None
    monkeypatch.setattr(narrow_lock, "_usual_hold", lambda _: narrow_lock._WORK)
    assert narrow_lock.serve_in_time(right_file).name == "too_wide"


def test_a_late_file_is_told_that_the_machine_may_be_busy(late_set, right_file):
    late_set(lambda worker: isinstance(worker, lab.WorkerFile))
    for attack in (narrow_lock.serve_with_all_the_work, narrow_lock.serve_in_time):
        failure = attack(right_file)
        assert failure.name == "never_ends"
        assert "the machine is too busy" in failure.reason


def test_the_stub_is_told_how_much_lies_under_its_lock(checked):
    assert "so 12 pauses(work) of 10 ms lie in it" in str(checked("my_narrow_lock", STUB))


def test_one_slow_work_under_the_lock_is_told(checked):
    source = edited(RIGHT, (AFTER, "            pause(work)\n        pause(work)\n"))
    assert "so 1 pause(work) of 10 ms lies in it" in str(checked("my_narrow_lock", source))


def test_the_auditor_tells_what_it_saw(checked):
    told = str(checked("my_narrow_lock", edited(RIGHT, (CASH, WITH + CASH))))
    assert "sees 1 tickets at 5, and 0 in the cash box" in told
    assert "The order, one letter for each step: AAAA" in told
