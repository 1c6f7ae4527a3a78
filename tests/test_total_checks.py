"""The check of lesson 11: cures that hold between separate programs pass, all others fail by name."""

import pytest
from answers import edited

RIGHT = """
import os
from pathlib import Path

from filelock import FileLock


def read_total(folder):
    file = Path(folder, "total.txt")
    return int(file.read_text()) if file.exists() else 0


def add_part(folder, part, merge):
    with FileLock(Path(folder, "total.lock")):
        total = merge(read_total(folder), part)
        Path(folder, "total.txt").write_text(str(total))
"""
SQL = """
import sqlite3
from contextlib import closing
from pathlib import Path


def connect(folder):
    connection = sqlite3.connect(Path(folder, "total.db"), timeout=30, isolation_level=None)
    connection.execute("CREATE TABLE IF NOT EXISTS total (number INTEGER)")
    return connection


def number(connection):
    rows = connection.execute("SELECT sum(number) FROM total").fetchall()
    return rows[0][0] or 0


def read_total(folder):
    with closing(connect(folder)) as connection:
        return number(connection)


def add_part(folder, part, merge):
    with closing(connect(folder)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        before = number(connection)
        after = merge(before, part)
        connection.execute("INSERT INTO total VALUES (?)", (after - before,))
        connection.execute("COMMIT")
"""
NO_LOCK = edited(RIGHT, ('with FileLock(Path(folder, "total.lock")):', "if True:"))
O_EXCL = """
    mark = Path(folder, "busy")
    while True:
        try:
            os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            time.sleep(0.001)
    try:
        total = merge(read_total(folder), part)
        Path(folder, "total.txt").write_text(str(total))
    finally:
        mark.unlink()
"""
BODY = RIGHT[RIGHT.index("    with FileLock") :]
OUTSIDE = """\
    before = read_total(folder)
    with FileLock(Path(folder, "total.lock")):
        Path(folder, "total.txt").write_text(str(merge(before, part)))
"""
EARLY = """\
    with FileLock(Path(folder, "total.lock")):
        total = merge(read_total(folder), part)
    Path(folder, "total.txt").write_text(str(total))
"""
BARE = """\
    lock = FileLock(Path(folder, "total.lock"))
    lock.acquire()
    KEPT.append(lock)
    total = merge(read_total(folder), part)
    Path(folder, "total.txt").write_text(str(total))
    lock.release()
"""
TWICE = "        merge(read_total(folder), part)\n        total = merge("
HIDDEN = """\
    with FileLock(Path(folder, "total.lock")):
        try:
            total = merge(read_total(folder), part)
        except RuntimeError:
            return
        Path(folder, "total.txt").write_text(str(total))
"""
COUNTED = """\
    with FileLock(Path(folder, "total.lock")):
        before = read_total(folder)
        try:
            total = merge(before, part)
        except RuntimeError:
            Path(folder, "total.txt").write_text(str(before + 10 * part))
            raise
        Path(folder, "total.txt").write_text(str(total))
"""
FIRST = """\
    with FileLock(Path(folder, "total.lock")):
        before = read_total(folder)
        Path(folder, "total.txt").write_text(str(before + 10 * part))
        merge(before, part)
"""
UNMERGED = """\
    with FileLock(Path(folder, "total.lock")):
        before = read_total(folder)
        merge(before, part)
        Path(folder, "total.txt").write_text(str(before + part))
"""
CACHED = """\
    with FileLock(Path(folder, "total.lock")):
        KEPT.append(merge(KEPT[-1] if KEPT else read_total(folder), part))
        Path(folder, "total.txt").write_text(str(KEPT[-1]))
"""
AGAIN = """\
    while True:
        before = read_total(folder)
        total = merge(before, part)
        with FileLock(Path(folder, "total.lock")):
            if read_total(folder) == before:
                Path(folder, "total.txt").write_text(str(total))
                return
"""
UNLOCKED_SUM = edited(
    SQL,
    ('connection.execute("BEGIN IMMEDIATE")', "pass"),
    ('        connection.execute("COMMIT")\n', ""),
)
WORDY = "from helpers.events import pause\n" + edited(
    RIGHT,
    (
        "        total = merge(",
        "        print('adds', part, end=' ')\n        pause(0.001)\n        total = merge(",
    ),
)
WRONG = [
    ("wrong_merge", edited(RIGHT, (BODY, UNMERGED))),
    ("lost_parts", "KEPT = []\n" + edited(RIGHT, (BODY, CACHED))),
    ("lost_parts", edited(RIGHT, ('Path(folder, "total.lock")', '"total.lock"'))),
    ("lost_parts", edited(RIGHT, ('Path(folder, "total.lock")', '__file__ + ".lock"'))),
    ("merged_again", edited(RIGHT, (BODY, AGAIN))),
    ("same_total", UNLOCKED_SUM),
    ("lost_parts", NO_LOCK),
    ("lost_parts", edited(RIGHT, (BODY, OUTSIDE))),
    ("lost_parts", edited(RIGHT, (BODY, EARLY))),
    ("lost_parts", edited(RIGHT, ('"total.lock"', 'f"{os.getpid()}.lock"'))),
    ("own_lock", "import multiprocessing\nlock = multiprocessing.Lock()\n" + edited(RIGHT, ('FileLock(Path(folder, "total.lock"))', "lock"))),
    ("own_lock", "from threading import Lock\nlock = Lock()\n" + edited(RIGHT, ('FileLock(Path(folder, "total.lock"))', "lock"))),
    ("others_wait", "import time\n" + edited(RIGHT, (BODY, O_EXCL))),
    ("exception_keeps_lock", "KEPT = []\n" + edited(RIGHT, (BODY, BARE))),
    ("hides_the_fault", edited(RIGHT, (BODY, HIDDEN))),
    ("wrong_after_fault", edited(RIGHT, (BODY, COUNTED))),
    ("wrong_after_kill", edited(RIGHT, (BODY, FIRST))),
    ("wrong_merge", edited(RIGHT, ("        total = merge(", TWICE))),
    ("wrong_merge", edited(RIGHT, ("merge(read_total(folder), part)", "merge(0, part)"))),
    ("wrong_total", edited(RIGHT, ("return int(", "return 1 + int(")).replace("merge(read_total(folder)", "merge(read_total(folder) - Path(folder, 'total.txt').exists()")),
    ("crashed", edited(RIGHT, ('"total.lock")', '"total.lock"), timeout=0.001'))),
    ("crashed", edited(SQL, ("timeout=30", "timeout=0"))),
    ("crashed", "raise RuntimeError('no paper')\n" + RIGHT),
    ("never_ends", edited(RIGHT, ("    with FileLock", "    while True:\n        pass\n    with FileLock"))),
    ("missing_function", edited(RIGHT, ("read_total", "total_of"))),
]  # fmt: skip


@pytest.mark.parametrize("source", [RIGHT, SQL, WORDY], ids=["file lock", "SQLite", "with words"])
def test_a_right_answer_passes(checked, source):
    found = checked("my_total", source)
    assert found.passed, str(found)


@pytest.mark.parametrize(
    ("name", "source"), WRONG, ids=[f"{i}-{n}" for i, (n, _) in enumerate(WRONG)]
)
def test_a_wrong_answer_fails_by_its_name(checked, name, source):
    found = checked("my_total", source)
    assert found.failure and found.failure.name == name, str(found)
