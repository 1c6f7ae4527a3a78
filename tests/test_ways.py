"""The ways by which a lock goes to another process, the scripts of lesson 06, and the table of it all."""

import html
import re
import sys

import pytest
from claim import claim
from pages import cells

from helpers import lab, topics
from helpers.lab.programs import PROGRAMS, run_program
from helpers.topics import Ways, try_ways

BY_START = ["Process(args=...)", "Pool(initargs=...)", "ProcessPoolExecutor(initargs=...)"]
BY_MESSAGE = ["Pool.map", "ProcessPoolExecutor.map", "Pipe"]
PLAIN, THREADS, MANAGED = "multiprocessing.Lock", "threading.Lock", "Manager().Lock"
INHERIT = "RuntimeError: Lock objects should only be shared between processes through inheritance"


@pytest.fixture(scope="module", params=lab.start_methods())
def ways(request):
    return try_ways(request.param)


def reported(ways, names, kind):
    return [ways.reported[name][kind] for name in names]


@claim("06", "the table of ways: with the start, by message, by a Manager")
def test_a_lock_goes_with_the_start_of_a_process_and_in_no_message(ways):
    assert reported(ways, BY_START, PLAIN) == ["shared"] * 3
    assert reported(ways, BY_MESSAGE, PLAIN) == [INHERIT] * 3


def test_a_lock_of_threads_is_copied_by_fork_and_goes_nowhere_else(ways):
    refused = "TypeError: cannot pickle '_thread.lock' object"
    at_start = "a copy" if ways.start_method == "fork" else refused
    assert reported(ways, BY_START, THREADS) == [at_start] * 3
    assert reported(ways, BY_MESSAGE, THREADS) == [refused] * 3


def test_a_managers_lock_goes_every_way(ways):
    assert {found[MANAGED] for found in ways.reported.values()} == {"shared"}


@claim("06", "a lock in a queue never arrives")
def test_a_lock_in_a_queue_never_arrives(ways):
    assert (
        reported(ways, ["Queue"], PLAIN) == reported(ways, ["Queue"], THREADS) == ["never arrives"]
    )


def test_the_table_tells_every_way_and_every_lock(ways):
    head, *rows = cells(topics.ways_table(ways))
    assert head[1:] == [PLAIN, THREADS, MANAGED]
    assert [row[0] for row in rows] == list(ways.reported)
    for row in rows:
        for shown, kind in zip(row[1:], head[1:], strict=True):
            assert shown[0] == ("✓" if ways.reported[row[0]][kind] == "shared" else "✗")
            assert ways.reported[row[0]][kind] in shown
    assert f"under {ways.start_method}" in topics.ways_table(ways)


def test_errors_are_shown_as_text():
    table = topics.ways_table(Ways("fork", {"a<b": {"x&y": "E: <z>"}}))
    assert all(html.escape(words) in table for words in ("a<b", "x&y", "E: <z>"))
    assert str(Ways("fork", {"Pipe": {"a": "shared", "b": "a copy"}})) == (
        "fork. Pipe: a shared, b a copy"
    )


# ---- scripts


@claim("06", "pool and executor with an initializer count to 30 and 60")
def test_pool_and_executor_count_right_with_an_initializer():
    assert run_program("lock_by_initializer.py").splitlines() == [
        "Pool: 30 updates, the file says 30",
        "ProcessPoolExecutor: 30 more, the file says 60",
    ]


@claim("06", "a lock that nobody keeps is gone before the child opens it")
@pytest.mark.platform("posix")
def test_a_lock_that_nobody_keeps_is_gone_before_the_child_opens_it():
    first, last = run_program("forgotten_reference.py").splitlines()
    assert first == "exit code of the child: 1"
    assert last.startswith("FileNotFoundError: ")


@claim("06", "a preloaded module's lock is one lock")
@pytest.mark.platform("posix")
def test_a_preloaded_modules_lock_is_one_lock():
    said = run_program("preloaded_lock.py", "preload").splitlines()
    assert said == ["A holds the lock", "one lock: B did not get it"]


# From these on, the fork server imports the main script, and what it imports at its top (CPython GH-135295).
IMPORTS_MAIN = (3, 13, 8) <= sys.version_info < (3, 14) or sys.version_info >= (3, 14, 1)


@claim(
    "06",
    "from Python 3.13.8 and 3.14.1 on the fork server imports the main script, and what that imports at its top",
)
@pytest.mark.platform("posix")
def test_the_fork_server_imports_the_main_script_from_some_pythons_on():
    said = run_program("preloaded_lock.py").splitlines()
    one, two = "one lock: B did not get it", "two locks: B got it too"
    assert said == ["A holds the lock", one if IMPORTS_MAIN else two]


def test_what_a_learner_reads_fits_on_a_screen():
    shown = "preloaded_lock", "forgotten_reference", "lock_by_initializer"
    for name in shown:
        lines = (PROGRAMS / f"{name}.py").read_text(encoding="utf-8").splitlines()
        assert len(lines) <= 31
        assert not [line for line in lines if re.search(r"\bhelpers\b", line)]
