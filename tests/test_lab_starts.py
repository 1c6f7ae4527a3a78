"""Starts that fail: a Run with the verdict "crashed" that says why, under every start method."""

import multiprocessing
import queue
import sys
import threading
import types

import pytest
import workers_for_tests as workers
from cases import cases
from claim import claim

from helpers import lab
from helpers.lab import WorkerFile, fates
from helpers.resources import CounterFile


def crashed(run, say, capfd):
    """That a run crashed before its workers began, that it says `say`, and nobody else says anything."""
    assert run.verdict == "crashed"
    assert say in run.sentence
    assert all(crash.at_start for crash in run.crashes)
    assert (run.events, run.returned, run.elapsed) == ((), {}, 0)
    assert capfd.readouterr() == ("", "")


@cases(
    "text say",
    (
        "import no_such_module",
        "A, B and C could not start: the child did not find a module (ModuleNotFoundError: No module named 'no_such_module')",
    ),
    (
        "def another(): ...",
        "A, B and C could not start: the worker's module has no function of that name (AttributeError: module 'my_file' has no attribute 'work')",
    ),
    ("def work(:", "A, B and C could not start: SyntaxError: "),
    ("1 / 0", "A, B and C could not start: ZeroDivisionError: division by zero"),
    ("import os; os._exit(3)", "A, B and C could not start: ended with exit code 3"),
)
def test_a_file_that_cannot_be_imported_is_told_by_its_children(
    start_method, learner, text, say, capfd
):
    run = lab.run(learner(text), processes=3, start_method=start_method)
    crashed(run, say, capfd)
    assert run.sentence.startswith(say)
    assert [crash.exit_code for crash in run.crashes] == [3 if "_exit" in text else 1] * 3


def test_a_file_that_is_gone_is_told(start_method, tmp_path, capfd):
    worker = WorkerFile(str(tmp_path / "gone.py"), "work")
    run = lab.run(worker, processes=2, start_method=start_method)
    crashed(run, "A and B could not start: the worker's file is gone (FileNotFoundError: ", capfd)


def test_a_module_that_only_the_parent_knows_is_told(start_method, monkeypatch, capfd):
    def work(): ...

    work.__module__, work.__qualname__ = "made_by_hand", "work"
    monkeypatch.setitem(sys.modules, "made_by_hand", types.SimpleNamespace(work=work))
    run = lab.run(work, processes=2, start_method=start_method)
    if start_method == "fork":
        assert run.verdict == "correct"  # the child is a copy, modules and all
    else:
        crashed(run, "the child did not find a module (ModuleNotFoundError: ", capfd)


@claim("06", "spawn and forkserver cannot send a lock of threads")
def test_a_lock_of_threads_is_copied_by_fork_and_refused_by_the_others(start_method, capfd):
    run = lab.run(workers.take, threading.Lock(), processes=2, start_method=start_method)
    if start_method == "fork":
        assert run.returned == {"A": True, "B": True}
    else:
        crashed(
            run,
            "A and B could not start: a lock for threads cannot be sent to another process; "
            "pass a multiprocessing.Lock (TypeError: cannot pickle '_thread.lock' object)",
            capfd,
        )


@claim("06", "a lock for fork cannot be passed on by spawn")
@pytest.mark.platform("posix")
def test_a_lock_of_the_fork_context_is_refused_by_the_others(start_method, capfd):
    lock = multiprocessing.get_context("fork").Lock()
    run = lab.run(workers.take, lock, processes=2, start_method=start_method)
    if start_method == "fork":
        assert sorted(run.returned.values()) == [False, True]
    else:
        crashed(run, "the lock was made in another context; make the lock and", capfd)
        assert "A SemLock created in a fork context is being shared" in run.sentence


def test_real_locks_values_and_queues_are_inherited(start_method):
    context = multiprocessing.get_context(start_method)
    number, letters = context.Value("i", 0), context.SimpleQueue()
    run = lab.run(
        workers.count_and_tell, [number, {"to": letters}], processes=3, start_method=start_method
    )
    assert (run.verdict, number.value) == ("correct", 3)
    assert [letters.get() for _ in range(3)] == ["told"] * 3
    assert run.parameters == {"processes": 3}
    letters.close()


def test_one_lock_in_two_arguments_is_one_lock(start_method):
    lock = multiprocessing.get_context(start_method).Lock()
    team = [(workers.try_both, (lock, lock)), (workers.try_both, (lock, lock))]
    run = lab.run(team=team, processes=2, start_method=start_method)
    assert sorted(run.returned.values()) == [(False, False), (True, False)]


def test_what_cannot_be_rebuilt_in_the_child_is_told_by_it(start_method, capfd):
    run = lab.run(workers.take, workers.Unwelcome(), processes=2, start_method=start_method)
    if start_method == "fork":
        assert "AttributeError: 'Unwelcome' object has no attribute 'acquire'" in run.sentence
    else:
        crashed(run, "A and B could not start: OSError: not in this process", capfd)


def test_an_argument_that_cannot_be_sent_at_all_is_told(start_method, capfd):
    run = lab.run(workers.call, lambda: "called", processes=2, start_method=start_method)
    if start_method == "fork":
        assert run.returned == {"A": "called", "B": "called"}
    else:
        crashed(run, "an argument cannot be sent to another process (", capfd)


@pytest.mark.parametrize(
    "message",
    [
        "Can't get attribute 'Tea' on <module '__main__' (built-in)>",  # until Python 3.13
        "module '__main__' has no attribute 'Tea'",
        "module '__mp_main__' has no attribute 'Tea'",
    ],
)
def test_an_argument_of_a_class_that_a_cell_defines_is_told_as_such(message):
    reported = fates.failed_start("AttributeError", message)
    assert reported.startswith("could not start: an argument cannot be sent to another process (")


def test_a_set_serves_on_after_a_failed_start(start_method, learner, capfd):
    with lab.ProcessSet(2, start_method) as pair:
        crashed(pair.run(learner("import no_such_module")), "could not start", capfd)
        crashed_or_copied = pair.run(workers.call, queue.SimpleQueue())
        assert crashed_or_copied.verdict == "crashed"
        assert pair.run(workers.add_one, CounterFile()).verdict in ("correct", "lost_updates")


def test_a_failed_start_judges_no_file(start_method, capfd):
    run = lab.run(
        workers.add_one, CounterFile(), threading.Lock(), processes=2, start_method=start_method
    )
    assert run.verdict == "crashed"
    assert run.account.total == 0


@pytest.mark.parametrize("method", [m for m in lab.start_methods() if m != "fork"])
def test_a_script_without_a_main_guard_still_gets_pythons_own_words(method, monkeypatch):
    monkeypatch.setattr(multiprocessing.current_process(), "_inheriting", True, raising=False)
    with pytest.raises(RuntimeError, match="before the"):
        lab.run(workers.add_one, CounterFile(), processes=2, start_method=method)


def test_a_start_that_the_system_refuses_is_no_result(monkeypatch):
    def refuse(self):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(multiprocessing.process.BaseProcess, "start", refuse)
    with pytest.raises(OSError, match="no more processes.*`ulimit -u`.* run fewer"):
        lab.run(workers.add_one, CounterFile(), processes=2)
