"""What lesson 06 says of the ways by which a lock goes to another process: its queue, its scripts."""

import multiprocessing
import re
import sys
from concurrent.futures import ProcessPoolExecutor

import pytest
from claim import claim
from lesson_cells import cell_source
from workers_for_tests import take

from helpers.lab.programs import PROGRAMS, run_program, run_python

INHERIT = "Lock objects should only be shared between processes through inheritance"


@claim("06", "a pool and an executor refuse a lock among their tasks, and take a Manager's")
def test_a_lock_goes_to_no_pool_and_no_executor_in_a_task_but_a_managers_does(start_method):
    context = multiprocessing.get_context(start_method)
    with (
        context.Manager() as manager,
        context.Pool(1) as pool,
        ProcessPoolExecutor(1, context) as executor,
    ):
        lock = manager.Lock()
        for send in (
            lambda lock: pool.map_async(take, [lock]).get(30),
            lambda lock: executor.submit(take, lock).result(30),
        ):
            with pytest.raises(RuntimeError, match=INHERIT):
                send(context.Lock())
            send(lock)
            assert not lock.acquire(False)  # who was sent it has taken it, and has kept it
            lock.release()


@claim("06", "a lock in a queue never arrives, and a helper thread prints the error")
def test_a_lock_in_a_queue_never_arrives(start_method, capsys):
    names = {"spawn": multiprocessing.get_context(start_method)}
    exec(cell_source("06", "queue"), names)  # noqa: S102 - it is the lesson's own
    messages = names["messages"]
    messages.close()
    messages.join_thread()
    said, errors = capsys.readouterr()
    assert said == "after one second, nothing has arrived\n"
    assert errors.endswith(f"RuntimeError: {INHERIT}\n")


@claim("06", "a Manager's lock goes through a queue")
def test_a_managers_lock_arrives_from_a_queue(start_method):
    context = multiprocessing.get_context(start_method)
    messages = context.Queue()
    with context.Manager() as manager:
        lock = manager.Lock()
        messages.put(lock)
        messages.get(timeout=30).acquire()
        assert not lock.acquire(False)
    messages.close()
    messages.join_thread()


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
    said = run_python(str(PROGRAMS / "forgotten_reference.py"))
    assert said.stdout == "exit code of the child: 1\n"
    assert said.stderr.splitlines()[-1].startswith("FileNotFoundError: ")


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
