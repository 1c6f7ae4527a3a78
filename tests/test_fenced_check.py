"""The check of lesson 13: adds that outlive their lease pass, wrong ones fail by name."""

import pytest
from answers import edited

RIGHT = """
def add(lock, store):
    is_added = False
    while not is_added:
        with lock as token:
            value = store.read()
            is_added = store.write(value + 1, token)
"""
STUB = """
def add(lock, store):
    with lock:
        value = store.read()
        store.write(value + 1)
"""
ONCE = edited(RIGHT, ("    is_added = False\n    while not is_added:", "    if True:"))
RECURSIVE = edited(
    STUB,
    ("with lock:", "with lock as token:"),
    (
        "store.write(value + 1)",
        "done = store.write(value + 1, token)\n    if not done:\n        add(lock, store)",
    ),
)
AGAIN = """
def add(lock, store):
    with lock as token:
        if not store.write(store.read() + 1, token):
            add(lock, store)
"""
AFTER = """
def add(lock, store):
    is_added = False
    while not is_added:
        with lock as token:
            value = store.read()
        is_added = store.write(value + 1, token)
"""
WORDY = edited(
    RIGHT,
    ("        with lock", "        print('before', store.read(), end=' ')\n        with lock"),
    ("            is_added = s", "            value = store.read()\n            is_added = s"),
)
SLOW = (
    "import time\nfrom helpers.events import pause\n"
    + RIGHT
    + "        time.sleep(0.1)\n        pause(0.1)\n"
)
BY_HAND = edited(RIGHT, ("with lock as token:", "if True:\n            token = lock.__enter__()"))
GLOBAL = """
NUMBER = 0


def add(lock, store):
    global NUMBER
    NUMBER += 1
    is_added = False
    while not is_added:
        with lock as token:
            is_added = store.write(2 - NUMBER % 2, token)
"""
WRONG = [
    ("no_token", STUB),
    ("no_token", edited(RIGHT, ("value + 1, token", "value + 1"))),
    ("no_token", edited(RIGHT, ("value + 1, token", "value + 1, None"))),
    ("ignored_answer", ONCE),
    ("ignored_answer", edited(RIGHT, ("is_added = store", "is_added = True; store"))),
    ("stale_value", edited(RIGHT, ("            value = store.read()\n", ""), ("    is_added = F", "    value = store.read()\n    is_added = F"))),
    ("never_ends", edited(RIGHT, ("is_added = store.write(value + 1, token)", "while not store.write(value + 1, token): pass\n            is_added = True"))),
    ("never_ends", edited(RIGHT, ("is_added = store", "store"))),
    ("never_ends", edited(RIGHT, ("value = store.read()", "while True: value = 1"))),
    ("gives_up", edited(RIGHT, ("    while not is_added:", "    for _ in range(50):\n        if is_added:\n            return"))),
    ("no_token", edited(RIGHT, ("value + 1, token", "value + 1, token + 1"))),
    ("no_token", edited(RIGHT, ("value + 1, token", "value + 1, 10**9"))),
    ("stale_value", edited(RIGHT, ("            value = store.read()\n", ""), ("value + 1", "2"))),
    ("stale_value", GLOBAL),
    ("lock_kept", BY_HAND),
    ("counted_twice", edited(RIGHT, ("value + 1", "value + 2"))),
    ("not_added", edited(RIGHT, ("value + 1", "value"))),
    ("not_added", "def add(lock, store): pass"),
    ("raised", edited(ONCE, ("is_added = store.write(value + 1, token)", "assert store.write(value + 1, token)"))),
    ("raised", edited(RIGHT, ("with lock", "with lock.acquire()"))),
    ("raised", "import sys\n" + edited(ONCE, ("is_added = store.write(value + 1, token)", "sys.exit(not store.write(value + 1, token))"))),
    ("crashed", RIGHT + "\nraise SystemExit"),
    ("crashed", "1 / 0\n" + RIGHT),
    ("foreign_tool", "import random\n" + edited(RIGHT, ("value =", "random.random(); value ="))),
    ("missing_function", edited(RIGHT, ("def add(", "def put("))),
]  # fmt: skip


@pytest.mark.parametrize("source", [RIGHT, RECURSIVE, AGAIN, AFTER, WORDY, SLOW])
def test_an_add_that_outlives_its_lease_passes(checked, source):
    found = checked("my_fenced_add", source)
    assert found.passed, str(found)


@pytest.mark.parametrize(("failure", "source"), WRONG)
def test_a_wrong_add_fails_by_its_name(checked, failure, source):
    found = checked("my_fenced_add", source)
    assert found.failure and found.failure.name == failure, str(found)


def test_the_order_that_breaks_the_stub_is_told_step_by_step(checked):
    told = str(checked("my_fenced_add", STUB))
    assert "is paused and its lease ends" in told
    assert told.count("writes 6") == 2
