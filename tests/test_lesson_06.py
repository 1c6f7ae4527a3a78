"""What lesson 06 says of sharing a lock, in numbers and in Python's words."""

import multiprocessing
import pickle
import threading

import pytest
from claim import claim

from helpers import lab
from helpers.resources import CounterFile, Lock
from helpers.topics import Program, diagnose, run_sharing
from helpers.workers.sharing import given_locks


@claim("06", "two locks for one file: both read before one writes")
def test_two_locks_for_one_file_let_both_read_before_one_writes(start_method):
    args = (CounterFile(), Lock("left"), Lock("right"), 1, 0)
    team = [(given_locks.count_up_left, args), (given_locks.count_up_right, args)]
    run = lab.run(team=team, processes=2, schedule="AABB", start_method=start_method)
    assert (run.account.observed, run.account.lost_count) == (1, 1)
    assert diagnose(run).sentence == "2 locks guard this file, one for each process"


@claim("06", "two locks, however many processes")
@pytest.mark.parametrize("processes", [2, 8])
def test_two_locks_stay_two_however_many_processes(processes):
    run = run_sharing(program=Program.TWO_LOCKS, processes=processes)
    assert str(diagnose(run)).startswith("2 locks guard this file")


@claim("06", "with fewer than five updates each the forgotten path does not show")
def test_a_path_that_is_not_taken_does_not_show_its_fault():
    run = run_sharing(program=Program.FORGOTTEN_PATH, times=4)
    assert diagnose(run).sentence == "1 lock guards this file: all processes take it"


@claim("06", "a lock cannot travel in a message")
def test_a_lock_cannot_be_pickled_into_a_message():
    with pytest.raises(RuntimeError, match="Lock objects should only be shared between processes"):
        pickle.dumps(multiprocessing.get_context("spawn").Lock())


@claim("06", "a `multiprocessing.Lock` is good for threads, too")
def test_a_processs_lock_excludes_threads_too():
    lock, answers = multiprocessing.Lock(), []
    with lock:
        asking = threading.Thread(target=lambda: answers.append(lock.acquire(block=False)))
        asking.start()
        asking.join()
    assert answers == [False]
