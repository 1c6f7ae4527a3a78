"""What lesson 09 claims of the Lock and the RLock, of their owners, and of re-entering and splitting."""

import multiprocessing
import runpy
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from cases import cases
from claim import claim
from lesson_cells import cell_source, module_of
from runs import opposite_transfers

from helpers import analysis, lab, topics
from helpers.resources import CounterFile, Lock, RLock
from helpers.schedules import explore
from helpers.workers import reentrant

KINDS = {
    f"{module.__name__}.{kind}": getattr(module, kind)
    for module in (multiprocessing, threading)
    for kind in ("Lock", "RLock")
}


def names_after(folder, *cells, before=""):
    """The names that stand after these cells of the lesson have run."""
    path = folder / "cells.py"
    path.write_text(before + "\n".join(cell_source("09", cell) for cell in cells))
    return runpy.run_path(str(path))


def depths_of(run):
    return [(process, depth) for process, _, depth in analysis.depths(run.events)]


@claim(
    "09", "who asks again for a `Lock` that it holds waits for itself; found without a time limit"
)
def test_who_asks_again_for_its_lock_waits_for_itself_and_no_time_limit_is_needed():
    run = lab.run(reentrant.walk_recursively, Lock(), 3, 0.001, processes=1, deadline=60)
    assert run.verdict == "deadlock"
    assert run.circle == ("A", "lock")


@claim("09", "a plain child freezes with a `Lock`, and ends with exit code 0 with an `RLock`")
def test_a_plain_child_ends_well_with_an_rlock_and_stays_with_a_lock(tmp_path, monkeypatch):
    go_down = module_of("09", "plain-worker", monkeypatch, tmp_path).go_down
    context = multiprocessing.get_context("spawn")
    locks = context.Lock(), context.RLock()
    freezing, ending = (context.Process(target=go_down, args=(lock, 3)) for lock in locks)
    freezing.start()
    ending.start()
    ending.join(30)
    freezing.join(1)
    assert freezing.is_alive()
    assert ending.exitcode == 0
    freezing.terminate()
    freezing.join(30)


@claim("09", "an `RLock` prints owner and depth; only the last release makes it free")
def test_an_rlock_prints_its_owner_and_its_depth_and_only_the_last_release_frees_it():
    lock, reported = multiprocessing.RLock(), []
    for step in (lock.acquire, lock.acquire, lock.release, lock.release):
        step()
        reported.append(f"{lock!r}")
    once, twice = "<RLock(MainProcess, 1)>", "<RLock(MainProcess, 2)>"
    assert reported == [once, twice, once, "<RLock(None, 0)>"]


@claim("09", "B gets the lock after `A0`, not before")
def test_the_other_one_gets_an_rlock_when_the_depth_is_0_again():
    run = topics.run_reentrant(depth=5, releases=5)
    mine = [("A", depth) for depth in (1, 2, 3, 4, 5, 4, 3, 2, 1, 0)]
    assert depths_of(run) == [*mine, ("B", 1), ("B", 0)]
    assert run.verdict == "correct"


@claim("09", "one release too few: B waits for ever; one too many: `AssertionError`")
@pytest.mark.parametrize("depth", [3, 5])
@pytest.mark.parametrize("more", [-2, -1, 0, 1])
def test_only_as_many_releases_as_acquires_are_right(depth, more):
    run = topics.run_reentrant(depth=depth, releases=depth + more)
    wanted = "orphaned_lock" if more < 0 else "crashed" if more else "correct"
    assert run.verdict == wanted
    assert [(crash.process, crash.error) for crash in run.crashes] == [
        ("A", "AssertionError")
    ] * more
    assert (("B", 1) in depths_of(run)) is (more >= 0)


@claim("09", "`Lock`, depth 2: A never comes to its first release")
@pytest.mark.parametrize("releases", range(4))
def test_who_acquires_a_lock_twice_never_comes_to_its_first_release(releases):
    run = topics.run_reentrant(is_rlock=False, depth=2, releases=releases)
    assert run.verdict == "deadlock"
    assert run.circle == ("A", "lock")


@claim("09", "`with`: one release for each acquire")
def test_with_gives_one_release_for_each_acquire():
    run = lab.run(reentrant.walk_recursively, RLock(), 3, 0.001, processes=1)
    assert [depth for _, depth in depths_of(run)] == [1, 2, 3, 2, 1, 0]


@claim("09", "another process may release a `Lock`, not an `RLock`")
def test_another_process_may_release_a_lock_but_no_rlock():
    stranger = {"depth": 1, "releases": 1, "releaser": "another process"}
    plain = topics.run_reentrant(is_rlock=False, **stranger)
    assert plain.verdict == "correct"
    steps = [(e.process, e.op) for e in sorted(plain.events, key=lambda event: event.end)]
    assert steps == [("A", "acquire"), ("B", "release"), ("B", "acquire"), ("B", "release")]
    owned = topics.run_reentrant(is_rlock=True, **stranger)
    assert [(crash.process, crash.error) for crash in owned.crashes] == [("B", "AssertionError")]


@claim("09", "a second thread may release a `Lock`, not an `RLock`")
def test_a_second_thread_may_release_a_lock_but_no_rlock():
    second = {"depth": 1, "releases": 1, "releaser": "a second thread of the owner"}
    assert topics.run_reentrant(is_rlock=False, **second).verdict == "correct"
    owned = topics.run_reentrant(is_rlock=True, **second)
    assert [(crash.error, crash.held) for crash in owned.crashes] == [("AssertionError", ("lock",))]
    assert owned.verdict == "orphaned_lock"


@claim("09", "two threads of one process shut each other out with an `RLock`")
def test_two_threads_of_a_process_shut_each_other_out_with_an_rlock():
    for lock in (RLock(), Lock()):
        run = lab.run(reentrant.ask_in_second_thread, lock, processes=1)
        assert run.returned == {"A": [False]}


def error_of(call, *args, **keywords):
    """The name of the error that a call raises, "" where it raises none."""
    try:
        call(*args, **keywords)
    except Exception as error:  # noqa: BLE001 - which one, is the question
        return type(error).__name__
    return ""


@claim("09", "the table of four locks")
@cases(
    "name again by_second_thread once_more",
    ("multiprocessing.Lock", False, "", "ValueError"),
    ("multiprocessing.RLock", True, "AssertionError", "AssertionError"),
    ("threading.Lock", False, "", "RuntimeError"),
    ("threading.RLock", True, "RuntimeError", "RuntimeError"),
)
def test_four_locks_answer_as_in_the_table(name, again, by_second_thread, once_more):
    lock = KINDS[name]()
    lock.acquire()
    assert lock.acquire(False) is again
    lock = KINDS[name]()
    lock.acquire()
    with ThreadPoolExecutor(1) as pool:
        assert error_of(pool.submit(lock.release).result) == by_second_thread
    lock = KINDS[name]()
    lock.acquire()
    lock.release()
    assert error_of(lock.release) == once_more


@claim("09", "`block=` for processes, `blocking=` for threads")
@pytest.mark.parametrize("name", KINDS)
def test_not_to_wait_is_block_for_processes_and_blocking_for_threads(name):
    of_processes = name.startswith("multiprocessing")
    errors = (
        error_of(KINDS[name]().acquire, block=False),
        error_of(KINDS[name]().acquire, blocking=False),
    )
    assert errors == (("", "TypeError") if of_processes else ("TypeError", ""))


@claim("09", "`locked()` of multiprocessing's locks from Python 3.14 on")
@pytest.mark.parametrize("name", ["multiprocessing.Lock", "multiprocessing.RLock"])
def test_locks_of_processes_can_be_asked_from_python_3_14_on(name):
    assert hasattr(KINDS[name](), "locked") is (sys.version_info >= (3, 14))


@claim("09", "two `RLock`s in opposite orders: 2 of 6 orders end in a deadlock")
def test_two_rlocks_in_opposite_orders_deadlock_in_two_of_six_orders():
    team = opposite_transfers(RLock("1"), RLock("2"))
    every = explore(team=team)
    assert (every.failures, every.schedules, every.failing.verdict) == (2, 6, "deadlock")
    run = lab.run(team=team, processes=2, schedule=every.failing.schedule)
    assert (run.verdict, run.circle) == ("deadlock", ("A", "2", "B", "1"))


@claim("09", "re-enter or split: both right in every order, 20 in the file")
@cases(
    "worker lock failures",
    (reentrant.call_public_from_public, Lock(), 2),
    (reentrant.call_public_from_public, RLock(), 0),
    (reentrant.call_private_from_public, Lock(), 0),
)
def test_re_entering_and_splitting_are_right_in_every_order(worker, lock, failures):
    every = explore(worker, CounterFile(), lock, 1)
    assert (every.failures, every.schedules, every.is_proof) == (failures, 2, True)
    run = lab.run(worker, CounterFile(), lock, 5, processes=2)
    assert run.verdict == ("deadlock" if failures else "correct")
    assert run.account.observed == (0 if failures else 20)


@claim("09", "in the middle of an update the owner of an `RLock` sees 90")
def test_with_an_rlock_a_public_function_sees_data_that_are_half_changed(tmp_path, capsys):
    names_after(tmp_path, "half", "half-run", before="import multiprocessing\n")
    assert capsys.readouterr().out == "in the middle: 90\nafterwards: 100\n"


def functions_of(cell, folder):
    """Both functions of the exercise, as that cell writes them."""
    names = names_after(folder, cell)
    return names["count_down_reentrant"], names["count_down_split"]


@claim("09", "the solution is one critical section in both ways")
def test_the_solution_is_one_critical_section_in_both_ways(tmp_path):
    for function, lock in zip(functions_of("solution", tmp_path), (RLock(), Lock()), strict=True):
        every = explore(function, CounterFile(), lock, 3)
        assert (every.schedules, every.failures, every.is_proof) == (2, 0, True)
        assert every.outcomes[0]["counter"] == 6


@claim("09", "the stub lets others in, or freezes")
def test_the_stub_lets_others_in_between_its_layers_or_freezes(tmp_path):
    between, freezing = functions_of("stub", tmp_path)
    every = explore(between, CounterFile(), RLock(), 3)
    assert every.schedules > 2
    every = explore(freezing, CounterFile(), Lock(), 3)
    assert {outcome.verdict for outcome in every.outcomes} == {"deadlock"}
