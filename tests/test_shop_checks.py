"""The check of lesson 10: sellers that need no lock pass, wrong ones fail by name."""

import pytest
from answers import edited

RIGHT = """
def sell(seats, log, customers, think):
    sold = 0
    with log.open("a") as file:
        for _ in range(customers):
            if seats.add(-1, at_least=0):
                file.write("sold a seat\\n")
                sold += 1
    return sold
"""
LOOP = """
import sqlite3

from helpers.events import pause


def sell(seats, log, customers, think):
    sold = 0
    with log.open("a") as file:
        for _ in range(customers):
{}
    return sold
"""
TAKE = """\
            with seats.transaction("IMMEDIATE"):
                free = seats.select()
                pause(think)
                if free > 0:
                    seats.update(free - 1)
            if free > 0:
                file.write("sold a seat\\n")
                sold += 1"""
AGAIN = """\
            while True:
                free = seats.select()
                if free == 0 or seats.update_where(free, free - 1):
                    break
            if free > 0:
                file.write("sold a seat\\n")
                sold += 1"""
RETRY = """\
            while True:
                try:
                    with seats.transaction("DEFERRED"):
                        free = seats.select()
                        if free > 0:
                            seats.update(free - 1)
                    break
                except sqlite3.OperationalError:
                    pause(think)
            if free > 0:
                file.write("sold a seat\\n")
                sold += 1"""
BY_HAND = """\
            seats.begin("IMMEDIATE")
            free = seats.select()
            if free > 0:
                seats.update(free - 1)
            seats.commit()
            if free > 0:
                file.write("sold a seat\\n")
                sold += 1"""
LOOK = """\
            free = seats.select()
            pause(think)
            if free > 0:
                seats.update(free - 1)
                file.write("sold a seat\\n")
                sold += 1"""
GIVE_UP = """\
            try:
                with seats.transaction("DEFERRED"):
                    free = seats.select()
                    pause(think)
                    if free > 0:
                        seats.update(free - 1)
            except sqlite3.OperationalError:
                continue
            if free > 0:
                file.write("sold a seat\\n")
                sold += 1"""
STUB = edited(LOOP.format(LOOK), ('"a"', '"w"'), ('"sold a seat\\n"', '"sold "')).replace(
    'file.write("sold ")', 'file.write("sold ")\n                file.write("a seat\\n")'
)
CHECK_LATE = TAKE.replace('with seats.transaction("IMMEDIATE"):', "if True:")
WRONG = [
    ("lost_record", STUB),
    ("sold_twice", LOOP.format(LOOK)),
    ("sold_twice", LOOP.format(CHECK_LATE)),
    ("torn_record", edited(RIGHT, ('file.write("sold a seat\\n")', 'file.write("sold "); file.write("a seat\\n")'))),
    ("torn_record", edited(RIGHT, ('file.write("sold a seat\\n")', 'print("sold", "a seat", file=file)'))),
    ("lost_record", edited(RIGHT, ('"a"', '"w"'))),
    ("wrong_log", edited(RIGHT, ("\\n", ""))),
    ("wrong_log", edited(RIGHT, ("            if seats", "            file.write('asked\\n')\n            if seats"))),
    ("wrong_answer", edited(RIGHT, ("return sold", "return customers"))),
    ("wrong_answer", edited(RIGHT, ("return sold", "return"))),
    ("turned_away", LOOP.format(GIVE_UP)),
    ("turned_away", edited(RIGHT, ("range(customers)", "range(customers - 1)"))),
    ("own_lock", "import multiprocessing\n\nlock = multiprocessing.Lock()\n" + RIGHT),
    ("own_lock", "from filelock import FileLock\n" + edited(RIGHT, ("    sold = 0", "    sold = 0\n    FileLock('x')"))),
    ("own_lock", "from helpers.resources import Lock\n" + edited(RIGHT, ("    sold = 0", "    sold = 0\n    Lock()"))),
    ("foreign_tool", edited(RIGHT, ('log.open("a")', "open('my.log', 'a')"))),
    ("never_ends", edited(RIGHT, ("if seats", "while seats.select() >= 0:\n                pass\n            if seats"))),
    ("crashed", edited(RIGHT, ("at_least=0", "at_most=0"))),
    ("crashed", LOOP.format(BY_HAND.replace("            seats.commit()\n", ""))),
]  # fmt: skip


@pytest.mark.parametrize(
    "source",
    [RIGHT, *(LOOP.format(body) for body in (TAKE, AGAIN, RETRY, BY_HAND))],
    ids=["one UPDATE", "IMMEDIATE", "compare and set", "try again", "by hand"],
)
def test_a_right_answer_passes(checked, source):
    found = checked("my_safe_shop", source)
    assert found.passed, str(found)


@pytest.mark.parametrize(
    ("name", "source"), WRONG, ids=[f"{i}-{n}" for i, (n, _) in enumerate(WRONG)]
)
def test_a_wrong_answer_fails_by_its_name(checked, name, source):
    found = checked("my_safe_shop", source)
    assert found.failure and found.failure.name == name, str(found)
