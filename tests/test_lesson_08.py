"""What lesson 08 claims: holders that are ended, refused acquires, other hangs, and what is left of a killed program."""

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys

import pytest
from claim import claim
from lesson_cells import cell_source, module_of
from runs import observed
from scripts import python

from helpers import lab
from helpers.resources import FileLock
from helpers.schedules import explore
from helpers.topics import run_crash, transfer_team
from helpers.workers import bank

LIMIT = 30  # seconds for what must come


def written(cell, folder):
    """The path of a program in `folder` with the code of that cell of the lesson."""
    path = folder / "program.py"
    path.write_text(cell_source("08", cell))
    return path


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Imports the module that a cell of the lesson writes, by the cell's name."""
    return lambda cell: module_of("08", cell, monkeypatch, tmp_path)


def started(context, worker, *args):
    """A child that runs `worker` and has told, through the pipe that is added to `args`, that it is there."""
    here, there = context.Pipe()
    child = context.Process(target=worker, args=(*args, there))
    child.start()
    assert here.poll(LIMIT)
    here.recv()
    return child


# ---- in the lab


@claim(
    "08", "an orphaned lock is no deadlock: no circle, no time limit needed, B at its `with` line"
)
def test_a_killed_holder_is_no_deadlock_and_the_other_one_stands_at_its_with_line():
    run = run_crash(deadline=60)
    assert (run.verdict, run.circle) == ("orphaned_lock", ())
    if os.name == "posix":
        assert run.places["B"].text == "with lock:"


@claim("08", "a free lock, and 10 are missing: 190")
def test_with_frees_both_locks_and_leaves_the_money_half_moved():
    run = lab.run(
        team=transfer_team(bank.transfer_in_global_order), processes=2, fault=("A", 4), deadline=60
    )
    assert observed(run) == {"account 1": 100, "account 2": 90}
    assert [(crash.process, crash.held) for crash in run.crashes] == [("A", ())]
    assert "all accounts together hold 190" in str(run)


@claim("08", "an unchecked answer: 210, A releases what B holds, the error comes in B")
def test_who_does_not_look_at_the_answer_goes_on_without_the_lock_and_frees_that_of_another():
    team = transfer_team(bank.transfer_without_checking)
    run = lab.run(team=team, processes=2, schedule="ABABAAABB")
    reported = [f"{step.process} {step.op} {step.shared} {step.outcome}" for step in run.events]
    assert reported[:2] == ["A acquire 1 done", "B acquire 2 done"]
    assert reported[2:4] == ["A acquire 2 refused", "B acquire 1 refused"]
    assert "A release 2 done" in reported
    assert reported[-2:] == ["B release 1 raised", "B release 2 raised"]
    reads = [step.process for step in run.events if (step.op, step.shared) == ("read", "account 2")]
    assert reads == ["A", "B"]
    assert "semaphore or lock released too many times" in run.sentence
    assert sum(observed(run).values()) == 210


@claim("08", "only 4 of 6,882 orders are right")
def test_four_orders_in_6882_are_right_where_nobody_looks_at_the_answer():
    every = explore(team=transfer_team(bank.transfer_without_checking))
    assert (every.schedules - every.failures, every.schedules, every.is_proof) == (4, 6882, True)


@claim("08", "with a deadlock at least the money was safe")
def test_in_a_deadlock_the_money_is_safe():
    run = lab.run(team=transfer_team(), processes=2, schedule="AB")
    assert run.verdict == "deadlock"
    assert list(observed(run).values()) == [100, 100]


@claim("08", "with a look at the answer the same steps end with 200")
def test_who_looks_at_the_answer_gives_way_and_all_ends_well():
    run = lab.run(
        team=transfer_team(bank.transfer_with_timeout), processes=2, schedule="ABABB", deadline=60
    )
    assert run.verdict == "correct"
    assert [step.process for step in run.events if step.outcome == "refused"] == ["A", "B"]


@claim("08", "a caught exception leaves a file lock held")
def test_a_file_lock_stays_held_where_the_exception_is_caught_and_the_process_lives(tmp_path):
    held, wanted = FileLock(), FileLock()
    for lock in (held, wanted):
        lock.real.path = str(tmp_path / "lock")
    with pytest.raises(RuntimeError):
        held.acquire()
        raise RuntimeError
    assert not wanted.acquire(block=False)
    held.release()


# ---- in plain Python


@claim(
    "08", "a terminated child keeps its lock, the parent can release it, the files say 90 and 100"
)
def test_a_terminated_holder_keeps_its_lock_and_leaves_the_files_half_written(module, tmp_path):
    context = multiprocessing.get_context("spawn")
    source, target, lock = tmp_path / "1", tmp_path / "2", context.Lock()
    source.write_text("100")
    target.write_text("100")
    child = started(context, module("plain-worker").move_ten, source, target, lock)
    child.terminate()
    child.join(LIMIT)
    if os.name == "posix":
        assert child.exitcode == -15
    assert repr(lock) == "<Lock(owner=SomeOtherProcess)>"
    assert not lock.acquire(timeout=0.1)
    lock.release()
    assert lock.acquire(timeout=0.1)
    assert (source.read_text(), target.read_text()) == ("90", "100")


@claim("08", "SIGTERM can be handled, SIGKILL cannot")
@pytest.mark.platform("posix")
@pytest.mark.parametrize(("end", "code", "is_free"), [("terminate", 1, True), ("kill", -9, False)])
def test_who_handles_sigterm_frees_its_lock_and_nobody_handles_sigkill(module, end, code, is_free):
    context = multiprocessing.get_context("spawn")
    lock = context.Lock()
    child = started(context, module("polite-worker").hold_politely, lock)
    getattr(child, end)()
    child.join(LIMIT)
    assert (child.exitcode, lock.acquire(block=False)) == (code, is_free)


def interrupted_parent(folder, seconds, send, **keywords):
    """What a program of the lesson's prints after `send(program)`, when its child, a Process with `keywords`, is at work."""
    path = written("parent-program", folder)
    text = path.read_text().replace("time.sleep(1)", f"time.sleep({seconds})")
    path.write_text(text.replace("target=work", f"target=work, **{keywords}"))
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    program = subprocess.Popen([sys.executable, path], start_new_session=True, **pipes)
    with program, program.stdout:
        try:
            assert program.stdout.readline() == "at work\n"
            send(program)
            return program.stdout.read()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(program.pid, signal.SIGKILL)  # what a failed test leaves


@claim("08", "a signal to the parent alone leaves its child at work")
@pytest.mark.platform("posix")
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGKILL"])
def test_a_signal_to_the_parent_alone_leaves_its_child_at_work(tmp_path, name):
    number = getattr(signal, name)
    assert interrupted_parent(tmp_path, 1, lambda program: program.send_signal(number)) == "done\n"


@claim("08", "a daemon outlives a parent that is killed, but not one that ends by itself")
@pytest.mark.platform("posix")
@pytest.mark.parametrize(("name", "said"), [("SIGKILL", "done\n"), ("SIGINT", "")])
def test_a_daemon_ends_with_its_parent_only_if_that_runs_its_own_end(tmp_path, name, said):
    number = getattr(signal, name)
    end = interrupted_parent(tmp_path, 1, lambda program: program.send_signal(number), daemon=True)
    assert end == said


@claim("08", "Ctrl+C and the button reach the parent and its children")
@pytest.mark.platform("posix")
@pytest.mark.timeout(LIMIT * 2)
def test_an_interrupt_of_the_whole_group_reaches_the_child_too(tmp_path):
    def send(program):
        os.killpg(program.pid, signal.SIGINT)

    assert interrupted_parent(tmp_path, 600, send) == ""


@claim("08", "a child with a million characters in a queue ends only when they are read")
def test_a_child_does_not_end_before_its_full_queue_is_read(module):
    context = multiprocessing.get_context("spawn")
    queue, fill = context.Queue(), module("queue-worker").fill
    small = context.Process(target=fill, args=(queue, 1_000))
    small.start()
    small.join(LIMIT)
    assert small.exitcode == 0
    assert len(queue.get(timeout=LIMIT)) == 1_000
    big = context.Process(target=fill, args=(queue, 1_000_000))
    big.start()
    big.join(1)
    assert big.is_alive()
    assert len(queue.get(timeout=LIMIT)) == 1_000_000
    big.join(LIMIT)
    assert big.exitcode == 0
    queue.close()
    queue.join_thread()


@claim("08", "a pipe holds 64 KiB on Linux")
@pytest.mark.platform("linux")
def test_a_pipe_holds_64_kib():
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    assert os.write(writing, bytes(1 << 20)) == 64 * 1024
    os.close(reading)
    os.close(writing)


@claim("08", "only a forked child finds the lock of a thread held for ever")
def test_only_a_forked_child_has_a_lock_that_a_thread_of_the_parent_held(tmp_path, start_method):
    said = python(written("fork-program", tmp_path), start_method)
    assert said.stdout.strip() == str(start_method != "fork")


@claim("08", "`faulthandler` names line 6 in `wait_in_vain`")
def test_faulthandler_names_the_line_at_which_a_program_hangs(tmp_path):
    path = written("hang-program", tmp_path)
    done = python(path)
    first = next(line for line in done.stderr.splitlines() if "File" in line)
    assert first.strip() == f'File "{path}", line 6 in wait_in_vain'
    assert path.read_text().splitlines()[4:6] == ["    lock.acquire()"] * 2
    assert done.returncode == 1


WATCHED = """
import faulthandler, time

def hold(lock, told):
    lock.acquire()
    told.send("has it")
    faulthandler.dump_traceback_later(0.01, exit=True)
    time.sleep(60)
"""


@claim("08", "`exit=True` leaves a shared lock held")
def test_a_program_that_faulthandler_ends_keeps_its_lock(tmp_path, monkeypatch):
    (tmp_path / "my_watched.py").write_text(WATCHED)
    monkeypatch.syspath_prepend(tmp_path)
    from my_watched import hold

    context = multiprocessing.get_context("spawn")
    lock = context.Lock()
    child = started(context, hold, lock)
    child.join(LIMIT)
    assert child.exitcode == 1
    assert not lock.acquire(block=False)


@claim("08", "three leaked semaphore objects")
@pytest.mark.platform("posix")
def test_a_program_that_is_gone_at_once_leaves_its_three_locks_to_the_tracker(tmp_path):
    done = python(written("leak-program", tmp_path))
    assert "There appear to be 3 leaked semaphore objects to clean up at shutdown" in done.stderr
