"""Holders that leave in every way, the locks that the system frees, and locks taken several times."""

from types import SimpleNamespace

import pytest
import workers_for_tests as workers
from claim import claim

from helpers import analysis, lab, topics
from helpers.resources import DatabaseLock, FileLock, Lock, RLock
from helpers.schedules import explore
from helpers.topics import (
    CrashSettings,
    Exit,
    LockKind,
    Recovery,
    Releaser,
    crash_holder,
    lock_fate,
    run_reentrant,
)

FREES = [
    Exit.EXCEPTION,
    Exit.SYS_EXIT,
    Exit.KEYBOARD_INTERRUPT,
]
KEEPS = [
    Exit.EXCEPTION_AFTER_ACQUIRE,
    Exit.OS_EXIT,
    Exit.SIGTERM,
    Exit.SIGKILL,
    Exit.ABORT,
]
ORPHANED = [LockKind.LOCK, LockKind.RLOCK]
FREED = [LockKind.FILE_LOCK, LockKind.DATABASE_LOCK]


def by_words(member):
    return member.value


@claim("08", "an exception inside `with`, `sys.exit()` and Ctrl+C free the lock")
@pytest.mark.parametrize("kind", LockKind, ids=by_words)
@pytest.mark.parametrize("exit", FREES, ids=by_words)
def test_what_runs_python_code_on_the_way_out_frees_every_lock(exit, kind):
    recovery = crash_holder(exit, kind, deadline=60)
    assert recovery.is_free
    assert recovery.run.verdict == "crashed"
    assert recovery.run.crashes[0].held == ()


@claim(
    "08",
    "an exception after a bare acquire, `os._exit`, `terminate`, `kill`, `abort` leave a `Lock` or `RLock` held for ever",
)
@pytest.mark.parametrize("kind", ORPHANED, ids=by_words)
@pytest.mark.parametrize("exit", KEEPS, ids=by_words)
def test_what_does_not_leaves_a_multiprocessing_lock_held_for_ever(exit, kind):
    recovery = crash_holder(exit, kind, deadline=60)
    assert not recovery.is_free
    assert (recovery.run.verdict, recovery.run.stuck.orphans[0].takers) == ("orphaned_lock", ("A",))
    assert "held for ever" in str(recovery)


@claim("08", "the system frees a file lock and a transaction whatever happens")
@pytest.mark.parametrize("kind", FREED, ids=by_words)
@pytest.mark.parametrize("exit", KEEPS, ids=by_words)
def test_a_file_lock_and_a_transaction_are_freed_by_the_system_whatever_happens(exit, kind):
    recovery = crash_holder(exit, kind, deadline=60)
    assert recovery.is_free
    assert recovery.run.verdict == "crashed"


@claim("08", "the start method makes no difference to it")
def test_the_fate_of_a_lock_is_the_same_under_every_start_method(start_method):
    for exit, is_free in ((Exit.EXCEPTION, True), (Exit.SIGKILL, False)):
        assert crash_holder(exit, start_method=start_method, deadline=60).is_free is is_free


@claim("08", "the exit codes of eight ways to leave")
@pytest.mark.platform("posix")
@pytest.mark.parametrize(
    ("exit", "code"),
    [
        (Exit.EXCEPTION, 1), (Exit.SYS_EXIT, 3), (Exit.KEYBOARD_INTERRUPT, 1), (Exit.OS_EXIT, 4),
        (Exit.SIGTERM, -15), (Exit.SIGKILL, -9), (Exit.ABORT, -6),
    ],
)  # fmt: skip
def test_exit_codes_tell_how_the_holder_left(exit, code):
    assert crash_holder(exit, deadline=60).run.crashes[0].exit_code == code


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (
            {"exit": "by the window"},
            "exit='by the window': choose one of 'an exception inside with'",
        ),
        ({"kind": "padlock"}, "kind='padlock': choose one of 'Lock', "),
        ({"think_ms": -1}, "think_ms=-1: choose 0 to 1000 ms"),
    ],
)
def test_unknown_ways_out_and_locks_are_refused(settings, words):
    with pytest.raises(ValueError) as refused:
        CrashSettings(**settings)
    assert words in str(refused.value)


# ---- locks on files and databases


@pytest.mark.parametrize("kind", [FileLock, DatabaseLock])
def test_a_lock_on_a_file_excludes_like_any_other(kind, start_method):
    team = [(workers.add_holding, (workers.CounterFile(), kind(), 5))] * 3
    run = lab.run(team=team, processes=3, start_method=start_method, deadline=60)
    assert (run.verdict, run.account.observed) == ("correct", 15)


@pytest.mark.parametrize("kind", [FileLock, DatabaseLock])
def test_a_lock_on_a_file_gives_up_when_told_and_refuses_a_release_too_many(kind, tmp_path):
    lock, other = kind(), kind()
    for made in (lock, other):
        made._real.path = str(tmp_path / "lock")
    assert lock.acquire()
    assert not other.acquire(block=False)
    assert not other.acquire(timeout=0.01)
    lock.release()
    assert other.acquire(timeout=0.01)
    other.release()
    with pytest.raises(ValueError, match="this process does not hold it"):
        other.release()


def test_two_file_locks_in_opposite_orders_are_a_deadlock_too():
    a, b = FileLock("a"), FileLock("b")
    team = [
        (workers.take_both_often, (a, b, 1000, 0.001)),
        (workers.take_both_often, (b, a, 1000, 0.001)),
    ]
    run = lab.run(team=team, processes=2, deadline=60)
    assert (run.verdict, run.circle) == ("deadlock", ("A", "b", "B", "a"))


def test_two_file_locks_of_one_name_are_two_locks():
    run = lab.run(workers.take_both, FileLock(), FileLock(), processes=1, deadline=60)
    assert run.verdict == "correct"


def test_the_model_of_a_file_lock_is_that_of_a_lock():
    every = explore(workers.add_holding, workers.CounterFile(), FileLock(), 1)
    assert (every.schedules, every.failures, every.is_proof) == (2, 0, True)


# ---- taken several times


@pytest.mark.parametrize(
    ("is_rlock", "releaser", "depth", "releases", "verdict", "words"),
    [
        (True, Releaser.OWNER, 3, 3, "correct", "2 processes ended well"),
        (True, Releaser.OWNER, 3, 2, "orphaned_lock", "which A kept when it ended"),
        (True, Releaser.OWNER, 1, 2, "crashed", "recursive lock not owned by thread"),
        (True, Releaser.SECOND_THREAD, 1, 1, "orphaned_lock", "not owned by thread"),
        (True, Releaser.STRANGER, 1, 1, "crashed", "B ended with AssertionError"),
        (False, Releaser.OWNER, 1, 1, "correct", "2 processes ended well"),
        (False, Releaser.OWNER, 2, 2, "deadlock", "A waits for the lock, which it holds"),
        (False, Releaser.OWNER, 1, 2, "crashed", "released too many times"),
        (False, Releaser.SECOND_THREAD, 1, 1, "correct", "2 processes ended well"),
        (False, Releaser.STRANGER, 1, 1, "correct", "2 processes ended well"),
    ],
)
def test_who_may_release_what_and_how_often(is_rlock, releaser, depth, releases, verdict, words):
    run = run_reentrant(
        is_rlock=is_rlock, releaser=releaser, depth=depth, releases=releases, deadline=60
    )
    assert run.verdict == verdict
    assert words in run.sentence


def test_the_depth_goes_up_with_each_acquire_and_down_with_each_release():
    run = run_reentrant(depth=3, releases=3, deadline=60)
    assert [(process, depth) for process, _, depth in analysis.depths(run.events)] == [
        ("A", 1), ("A", 2), ("A", 3), ("A", 2), ("A", 1), ("A", 0), ("B", 1), ("B", 0),
    ]  # fmt: skip


def test_the_second_thread_of_an_owner_does_not_get_the_lock():
    from helpers.workers.reentrant import ask_in_second_thread

    for lock in (Lock(), RLock()):
        assert lab.run(ask_in_second_thread, lock, processes=1).returned == {"A": [False]}


@pytest.mark.parametrize(("name", "value"), [("depth", 0), ("depth", 11), ("releases", 13)])
def test_depth_and_releases_have_their_range(name, value):
    with pytest.raises(ValueError, match=f"{name}={value}: choose "):
        topics.ReentrantSettings(**{name: value})


@pytest.mark.parametrize("lock", [FileLock(), DatabaseLock()], ids=["flock", "transaction"])
def test_a_lock_of_the_system_is_free_when_its_holders_worker_has_returned(
    lock, start_method, tmp_path
):
    team = [
        (worker, (lock, str(tmp_path / "taken"))) for worker in (workers.keep, workers.take_after)
    ]
    run = lab.run(team=team, processes=2, start_method=start_method)
    assert (run.verdict, run.returned["B"]) == ("correct", "got it")


def test_a_process_goes_on_as_long_as_its_threads(start_method, tmp_path):
    args = Lock(), str(tmp_path / "taken")
    team = [(workers.release_in_a_thread, args), (workers.take_after, args)]
    run = lab.run(team=team, processes=2, start_method=start_method)
    assert (run.verdict, run.returned["B"]) == ("correct", "got it")


def test_a_file_lock_that_no_run_has_given_a_file_says_so():
    for lock in (FileLock(), DatabaseLock()):
        with pytest.raises(RuntimeError, match="no file yet: pass it to the worker"):
            lock.acquire()


@pytest.mark.parametrize(("stuck", "fate"), [(None, "not known"), (object(), "held for ever")])
def test_a_lock_is_held_for_ever_only_where_the_records_prove_it(stuck, fate):
    run = SimpleNamespace(events=(), stuck=stuck, sentence="still running after 5 s: B")
    assert lock_fate(run) == fate
    said = str(Recovery(Exit.SIGKILL, LockKind.LOCK, run))
    assert said.startswith(f"Lock, kill() inside with: {fate} (")
