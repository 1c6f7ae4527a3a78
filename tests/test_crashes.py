"""Holders that leave in every way, the locks that the system frees, and locks taken several times."""

from types import SimpleNamespace

import pytest
import workers_for_tests as workers
from cases import cases
from claim import claim
from runs import crossed

from helpers import lab
from helpers.resources import DatabaseLock, FileLock, Lock
from helpers.schedules import explore
from helpers.topics import (
    Exit,
    LockKind,
    lock_fate,
    run_crash,
    run_reentrant,
)

FREES = Exit.EXCEPTION, Exit.SYS_EXIT, Exit.KEYBOARD_INTERRUPT
KEEPS = [exit for exit in Exit if exit not in FREES]
ORPHANED = [LockKind.LOCK, LockKind.RLOCK]
FREED = [LockKind.FILE_LOCK, LockKind.DATABASE_LOCK]


def by_words(member):
    return member.value


@claim("08", "an exception inside `with`, `sys.exit()` and Ctrl+C free the lock")
@pytest.mark.parametrize("kind", LockKind, ids=by_words)
@pytest.mark.parametrize("exit", FREES, ids=by_words)
def test_what_runs_python_code_on_the_way_out_frees_every_lock(exit, kind):
    run = run_crash(exit=exit, kind=kind, deadline=60)
    assert (lock_fate(run), run.verdict) == ("free", "crashed")
    assert run.crashes[0].held == ()


@claim(
    "08",
    "an exception after a bare acquire, `os._exit`, `terminate`, `kill`, `abort` leave a `Lock` or `RLock` held for ever",
)
@pytest.mark.parametrize("kind", ORPHANED, ids=by_words)
@pytest.mark.parametrize("exit", KEEPS, ids=by_words)
def test_what_does_not_leaves_a_multiprocessing_lock_held_for_ever(exit, kind):
    run = run_crash(exit=exit, kind=kind, deadline=60)
    assert lock_fate(run) == "held for ever"
    assert (run.verdict, run.stuck.orphans[0].takers) == ("orphaned_lock", ("A",))


@claim("08", "the system frees a file lock and a transaction whatever happens")
@pytest.mark.parametrize("kind", FREED, ids=by_words)
@pytest.mark.parametrize("exit", KEEPS, ids=by_words)
def test_a_file_lock_and_a_transaction_are_freed_by_the_system_whatever_happens(exit, kind):
    run = run_crash(exit=exit, kind=kind, deadline=60)
    assert (lock_fate(run), run.verdict) == ("free", "crashed")


@claim("08", "the start method makes no difference to it")
def test_the_fate_of_a_lock_is_the_same_under_every_start_method(start_method):
    for exit, fate in ((Exit.EXCEPTION, "free"), (Exit.SIGKILL, "held for ever")):
        assert lock_fate(run_crash(exit=exit, start_method=start_method, deadline=60)) == fate


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
    assert run_crash(exit=exit, deadline=60).crashes[0].exit_code == code


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
        made.real.path = str(tmp_path / "lock")
    assert lock.acquire()
    assert not other.acquire(block=False)
    assert not other.acquire(timeout=0.01)
    lock.release()
    assert other.acquire(timeout=0.01)
    other.release()
    with pytest.raises(ValueError, match="this process does not hold it"):
        other.release()


def test_two_file_locks_in_opposite_orders_are_a_deadlock_too():
    team = crossed(workers.take_both_often, 1000, 0.001, kind=FileLock)
    run = lab.run(team=team, processes=2, deadline=60)
    assert (run.verdict, run.circle) == ("deadlock", ("A", "b", "B", "a"))


def test_two_file_locks_of_one_name_are_two_locks():
    run = lab.run(workers.take_both, FileLock(), FileLock(), processes=1, deadline=60)
    assert run.verdict == "correct"


def test_the_model_of_a_file_lock_is_that_of_a_lock():
    every = explore(workers.add_holding, workers.CounterFile(), FileLock(), 1)
    assert (every.schedules, every.failures, every.is_proof) == (2, 0, True)


# ---- taken several times


@cases(
    "releases verdict words",
    (1, "correct", "2 processes ended well"),
    (2, "crashed", "semaphore or lock released too many times"),
)
def test_a_plain_lock_is_released_as_often_as_it_was_taken(releases, verdict, words):
    """For all else that a release may be, see the claims of lesson 09."""
    run = run_reentrant(is_rlock=False, depth=1, releases=releases, deadline=60)
    assert run.verdict == verdict
    assert words in run.sentence


@pytest.mark.parametrize("lock", [FileLock(), DatabaseLock()], ids=["flock", "transaction"])
def test_a_lock_of_the_system_is_free_when_its_holders_worker_has_returned(
    lock, start_method, tmp_path
):
    args = lock, str(tmp_path / "taken")
    team = [(workers.keep_and_say, args), (workers.wait_when_held, args)]
    run = lab.run(team=team, processes=2, start_method=start_method)
    assert (run.verdict, run.returned["B"]) == ("correct", "got it")


def test_a_process_goes_on_as_long_as_its_threads(start_method, tmp_path):
    args = Lock(), str(tmp_path / "taken")
    team = [(workers.release_in_a_thread, args), (workers.wait_when_held, args)]
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
