"""The check of lesson 05 on real files: the right answer passes, wrong ones fail by name."""

import pytest
from answers import edited

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


def test_the_stub_is_told_how_much_lies_under_its_lock(checked):
    assert "so 12 pauses(work) of 10 ms lie in it" in str(checked("my_narrow_lock", STUB))


def test_one_slow_work_under_the_lock_is_told(checked):
    source = edited(RIGHT, (AFTER, "            pause(work)\n        pause(work)\n"))
    assert "so 1 pause(work) of 10 ms lies in it" in str(checked("my_narrow_lock", source))


def test_the_auditor_tells_what_it_saw(checked):
    told = str(checked("my_narrow_lock", edited(RIGHT, (CASH, WITH + CASH))))
    assert "sees 1 tickets at 5, and 0 in the cash box" in told
    assert "The order, one letter for each step: AAAA" in told
