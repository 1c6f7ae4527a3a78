"""A lock is a description until a run binds it or somebody uses it: one real lock comes of it, for all processes that have it."""

import multiprocessing
import os
import re
import threading
from multiprocessing import synchronize

import pytest
import workers_for_tests as workers
from scripts import run_script
from test_resources import ODD, outcome

from helpers import lab
from helpers.lab.machine import starting
from helpers.resources import (
    CounterFile,
    DatabaseLock,
    FileLock,
    Lock,
    RLock,
    Semaphore,
    ThreadLock,
)
from helpers.resources.locks import judge_asked
from helpers.schedules import explore
from helpers.workers.counter import increment_with_lock

KINDS = pytest.mark.parametrize("kind", [Lock, RLock, Semaphore])
REAL = synchronize.SemLock.__init__


@pytest.fixture
def made(monkeypatch):
    """The semaphores made in this process, so far."""
    found = []

    def make(self, *args, **more):
        found.append(type(self).__name__)
        REAL(self, *args, **more)

    monkeypatch.setattr(synchronize.SemLock, "__init__", make)
    return found


def hold_in_child(lock, start_method, given=None):
    """Let a plain child process hold `given`, or the lock: whether this process could take the lock meanwhile."""
    context = multiprocessing.get_context(start_method)
    ours, theirs = context.Pipe()
    args = (lock if given is None else given, theirs)
    child = context.Process(target=workers.hold_until_told, args=args)
    with starting(start_method):
        child.start()
    theirs.close()
    assert ours.recv() == "held"
    taken = lock.acquire(False)
    ours.send("let go")
    child.join()
    assert child.exitcode == 0 and (taken or lock.acquire(False))
    return taken


def test_no_kind_of_lock_makes_a_semaphore_before_it_is_used(made):
    locks = [kind() for kind in (Lock, RLock, Semaphore, ThreadLock, FileLock, DatabaseLock)]
    assert not any(hasattr(lock, "start") for lock in locks)
    assert (made, {str(lock).partition(": ")[2] for lock in locks}) == ([], {"not used yet>"})
    for lock in locks[:3]:
        with lock, pytest.raises(AttributeError):
            lock.no_such_thing()
    assert len(made) == 3


@KINDS
def test_neither_does_the_model_and_a_run_makes_its_own(kind, made):
    lock = kind()
    args = increment_with_lock, CounterFile(), lock, 1, 0
    assert explore(*args).is_proof and explore(workers.acquire_with, lock, True, 0.5).is_proof
    assert made == []
    assert lab.run(*args, processes=2).verdict == "correct"
    assert (len(made), str(lock)) == (1, f"<{lock.name}: not used yet>")


@KINDS
def test_a_plain_process_gets_the_lock_that_its_parent_uses_later(kind, start_method):
    assert not hold_in_child(kind(), start_method)


@pytest.mark.parametrize("kind", [Lock, RLock])
@pytest.mark.parametrize("built", ["Condition", "Value"])
def test_so_it_does_where_something_is_built_on_the_lock(kind, built, start_method):
    lock, context = kind(), multiprocessing.get_context(start_method)
    on = context.Condition(lock) if built == "Condition" else context.Value("i", 0, lock=lock)
    assert not hold_in_child(lock, start_method, on)


@pytest.mark.platform("posix")
def test_a_fork_by_hand_shares_it_too():
    lock, (reads, writes) = Lock(), os.pipe()
    with starting("fork"):
        pid = os.fork()
    if pid == 0:
        try:
            os.write(writes, b"taken" if lock.acquire() else b"")
        finally:
            os._exit(0)
    os.close(writes)
    assert os.read(reads, 9) == b"taken"
    os.waitpid(pid, 0)
    assert not lock.acquire(False)
    os.close(reads)


@pytest.mark.platform("posix")
def test_where_it_could_not_be_made_before_a_fork_the_child_says_so(tmp_path):
    source = """
        import os
        from multiprocessing.synchronize import SemLock
        def refuse(*args, **more): raise OSError(28, "No space left on device")
        lock, real, SemLock.__init__ = Lock("door"), SemLock.__init__, refuse
        if os.fork() == 0:
            SemLock.__init__ = real
            try:
                lock.acquire()
            except RuntimeError as error:
                print(error, flush=True)
            os._exit(0)
        os.wait()
        SemLock.__init__ = real
        print(lock.acquire())
    """
    said = "'door' was not made before a fork: here it would be another"
    assert run_script(tmp_path, source).splitlines() == [said, "True"]


def test_two_threads_that_use_it_first_at_once_get_one_lock(monkeypatch):
    both, answers = threading.Barrier(2, timeout=30), []

    def make(self, *args, **more):
        both.wait()
        REAL(self, *args, **more)

    monkeypatch.setattr(synchronize.SemLock, "__init__", make)
    lock = Lock()
    threads = [threading.Thread(target=lambda: answers.append(lock.acquire(False))) for _ in "AB"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False, True]


def test_a_process_that_may_have_no_children_leaves_nothing_when_it_is_killed(start_method):
    context = multiprocessing.get_context(start_method)
    ours, theirs = context.Pipe()
    child = context.Process(target=workers.hold_own_lock, args=(theirs,), daemon=True)
    with starting(start_method):
        child.start()
    theirs.close()
    assert re.fullmatch(r"<lock: <Lock\(owner=.*\)>>", ours.recv())
    child.kill()
    child.join()


def test_where_no_lock_can_be_made_unusual_arguments_are_read_as_by_a_plain_one(monkeypatch):
    asked = [(*args, None)[:2] for args in ODD if isinstance(args[0], int)]  # 3.11 takes no other
    plain = [outcome(lambda a=args: multiprocessing.Lock().acquire(*a)) for args in asked]

    def refuse(context):
        raise ImportError

    monkeypatch.setattr("multiprocessing.context.BaseContext.Lock", refuse)
    refused = [answer for answer in plain if isinstance(answer, type)]
    for is_held in (False, True):
        found = [outcome(lambda a=args, h=is_held: judge_asked(*a, is_held=h)) for args in asked]
        assert [answer for answer in found if answer] == refused
    assert RLock().model((0,), 0, "acquire", ("yes", "soon")) == ((0, 0), True)
