"""Real processes and what the lab makes of them: every verdict, forced; sets; workers in files."""

import os
import pickle
import threading
import time

import pytest
import workers_for_tests as workers
from cases import cases
from claim import claim
from runs import Stop, observed

from helpers import lab
from helpers.lab import limits, processes
from helpers.resources import CounterFile, Lock, RLock
from helpers.workers.counter import increment_with_lock


def ops(run, process):
    return [(event.op, event.outcome) for event in run.events if event.process == process]


# --- correct, lost_updates, corrupted ------------------------------------------------------------


def test_a_run_with_a_lock_is_correct_and_says_what_it_was(start_method):
    counter, lock = CounterFile(), Lock()
    run = lab.run(increment_with_lock, counter, lock, 5, 0, processes=2, start_method=start_method)
    assert (run.verdict, run.account.observed) == ("correct", 10)
    assert run.sentence == "10 updates by 2 processes, the file says 10: no update lost"
    assert run.worker == "increment_with_lock"
    assert run.parameters == {"processes": 2, "times": 5, "think": 0}
    assert run.processes == ("A", "B")
    assert run.machine.start_method == start_method
    assert len(run.events) == 40  # acquire, read, write, release for each update
    assert run.started < run.events[0].start
    assert [event.start for event in run.events] == sorted(event.start for event in run.events)


def test_a_run_is_a_record_free_of_processes_and_files():
    run = lab.run(workers.add_holding, CounterFile(), Lock(), 1, processes=2)
    assert pickle.loads(pickle.dumps(run)) == run
    with pytest.raises(AttributeError):
        run.verdict = "correct"


def test_a_run_without_a_counter_has_no_account():
    run = lab.run(workers.do_nothing, processes=2)
    assert (run.verdict, run.sentence) == ("correct", "2 processes ended well")
    with pytest.raises(LookupError, match="no counter"):
        _ = run.account


@claim("02", "two reads before two writes: one update lost, the rival named")
def test_two_reads_before_two_writes_lose_an_update(start_method, tmp_path):
    team = workers.team_of(CounterFile(), tmp_path, "A read, B read, A write, B write")
    run = lab.run(None, team=team, processes=2, start_method=start_method)
    assert run.verdict == "lost_updates"
    assert run.sentence == "2 updates by 2 processes, the file says 1: 1 update lost"
    (lost,) = run.account.lost
    assert (lost.process, run.account.rivals[lost.key].process) == ("A", "B")


@claim("02", "an empty read resets the count")
def test_a_read_between_empty_and_fill_resets_the_count(start_method, tmp_path):
    order = "A read, A empty, B read, A fill, B empty, B fill"
    team = workers.team_of(CounterFile(start=41, write="truncate"), tmp_path, order)
    run = lab.run(None, team=team, processes=2, start_method=start_method)
    assert run.verdict == "corrupted"
    assert run.sentence.endswith(
        "the file says 1: it was read empty once, and the count began again at 0"
    )


@claim("02", "a shorter number over a longer one: nobody wrote it")
def test_a_shorter_number_over_a_longer_one_is_a_number_that_nobody_wrote(tmp_path):
    order = "B read, A read, A empty, A fill, A read, A empty, B empty, A fill, B fill"
    team = workers.team_of(CounterFile(start=8, write="truncate"), tmp_path, order)
    run = lab.run(None, team=team, processes=2)
    assert run.verdict == "corrupted"
    assert run.sentence.endswith("the file says 90: it held a number that nobody wrote")


def test_an_empty_read_that_raises_is_a_crash(tmp_path):
    counter = CounterFile(write="truncate", empty="raise")
    team = workers.team_of(counter, tmp_path, "A read, A empty, B read")
    run = lab.run(None, team=team, processes=2)
    assert run.sentence == "B ended with ValueError: invalid literal for int() with base 10: ''"


def test_each_counter_has_its_account():
    team = [(workers.add_one, (CounterFile("left"),)), (workers.add_one, (CounterFile("right"),))]
    run = lab.run(None, team=team, processes=2)
    assert observed(run) == {"left": 1, "right": 1}


# --- crashed -------------------------------------------------------------------------------------


@cases(
    "worker args code sentence",
    (workers.raise_in_with, (Lock(),), 1, "A ended with KeyError: 'tea'"),
    (
        workers.raise_with_bare_acquire,
        (Lock("door"),),
        1,
        "A ended with KeyError: 'tea' and held lock door when it died",
    ),
    (workers.leave_by_sys_exit, (3,), 3, "A ended with SystemExit: 3"),
    (workers.leave_by_sys_exit, (-1,), -1, "A ended with SystemExit: -1"),
    (workers.leave_by_sys_exit, ("oh",), 1, "A ended with SystemExit: oh"),
    (workers.leave_by_os_exit, (4,), 4, "A ended with exit code 4"),
    (
        workers.leave_by_os_exit,
        (0, RLock("door")),
        0,
        "A ended with exit code 0 and held lock door when it died",
    ),
)
def test_each_way_to_die_is_named(worker, args, code, sentence):
    run = lab.run(worker, *args, processes=1)
    assert (run.verdict, run.sentence) == ("crashed", sentence)
    assert [crash.exit_code for crash in run.crashes] == [code]


def test_every_process_that_died_is_named():
    run = lab.run(workers.leave_by_sys_exit, 3, processes=3)
    codes = {crash.process: crash.exit_code for crash in run.crashes}
    assert codes == {"A": 3, "B": 3, "C": 3}


@pytest.mark.parametrize("worker", [workers.leave_by_sys_exit, workers.leave_by_os_exit])
def test_leaving_with_exit_code_0_and_no_lock_is_no_crash(worker):
    run = lab.run(worker, 0, processes=2)
    assert (run.verdict, run.crashes) == ("correct", ())


def test_the_traceback_of_a_crash_is_kept():
    (crash,) = lab.run(workers.raise_in_with, Lock(), processes=1).crashes
    assert 'raise KeyError("tea")' in crash.trace


@pytest.mark.platform("posix")
def test_the_tape_of_a_killed_process_tells_what_it_did_and_held(start_method):
    run = lab.run(workers.be_killed, Lock("door"), processes=1, start_method=start_method)
    assert (run.verdict, run.crashes[0].exit_code) == ("crashed", -9)
    assert run.sentence == "A was killed by SIGKILL and held lock door when it died"
    assert ops(run, "A") == [("acquire", "done")]


@pytest.mark.platform("posix")
def test_the_step_in_which_a_process_was_killed_is_open_on_its_tape(start_method):
    counter = workers.DeadlyCounter()
    run = lab.run(workers.add_one, counter, processes=1, start_method=start_method)
    assert run.sentence == "A was killed by SIGKILL"
    assert ops(run, "A") == [("read", "done"), ("write", "open")]
    assert (run.account.total, run.account.observed) == (0, 0)


@pytest.mark.platform("posix")
def test_a_crash_counts_before_what_the_file_says(tmp_path):
    counter = CounterFile()
    team = workers.team_of(counter, tmp_path, "A read, B read, A write, B write")
    run = lab.run(None, team=[*team, (workers.be_killed, ())], processes=3)
    assert (run.verdict, run.account.lost_count) == ("crashed", 1)


# --- timed_out and stopped -----------------------------------------------------------------------


class Clock:
    """The lab's clock: as time goes, until it is made late; then every deadline is over."""

    late = False

    def perf_counter(self):
        return time.perf_counter() + (1000 if self.late else 0)

    perf_counter_ns = staticmethod(time.perf_counter_ns)


@pytest.fixture
def waiting_set(monkeypatch):
    """Two processes whose deadline is over once `letter` waits for a lock."""

    def make(letter):
        def is_due():
            children = {each.name: each for each in made.children}
            if len(children) < 2:
                return False
            last = children[letter].tape.events(letter)[-1:]
            return [(event.op, event.outcome) for event in last] == [("acquire", "open")]

        def look(sources, seconds):
            clock.late = clock.late or is_due()
            return wait(sources, seconds)

        made, clock, wait = lab.ProcessSet(2), Clock(), processes.wait
        monkeypatch.setattr(processes, "time", clock)
        monkeypatch.setattr(processes, "wait", look)
        return made

    return make


def test_who_waits_for_which_lock_at_the_deadline_is_named(waiting_set, tmp_path):
    args = (Lock("door"), str(tmp_path / "held"))
    with waiting_set("B") as team_set:
        run = team_set.run(
            None, team=[(workers.hold_for_ever, args), (workers.wait_when_held, args)], deadline=9
        )
    assert run.verdict == "timed_out"
    assert run.sentence == "still running after 9 s: A and B; B waits for lock door, which A held"
    assert run.crashes == ()


def test_processes_that_never_get_ready_are_timed_out(monkeypatch):
    monkeypatch.setattr(limits, "for_start", lambda count: 0.0)
    run = lab.run(workers.do_nothing, processes=3)
    assert (run.verdict, run.elapsed) == ("timed_out", 0)
    assert run.sentence == "A, B and C did not get ready in 0 s"


def test_stop_ends_a_run_from_another_thread(start_method, tmp_path):
    begun = tmp_path / "begun"
    stop = threading.Event()

    def stop_when_begun():
        workers.wait_for(begun)
        stop.set()

    thread = threading.Thread(target=stop_when_begun)
    thread.start()
    how = {"start_method": start_method, "stop": stop, "deadline": 60}
    run = lab.run(workers.never_end, str(begun), processes=2, **how)
    thread.join()
    assert run.verdict == "stopped"
    assert run.sentence == f"stopped after {run.elapsed:.1f} s"


def test_a_stop_that_is_already_set_lets_nobody_go():
    run = lab.run(workers.add_one, CounterFile(), processes=2, stop=Stop())
    assert (run.verdict, run.events, run.account.total) == ("stopped", (), 0)


@pytest.mark.platform("posix")
def test_a_child_that_was_interrupted_stops_the_run(start_method, tmp_path):
    path = str(tmp_path / "begun")
    run = lab.run(workers.be_interrupted, path, processes=1, start_method=start_method)
    assert run.verdict == "stopped"


# --- what is recorded ----------------------------------------------------------------------------


def test_what_workers_give_back_is_returned():
    team = [(workers.tell_sum, (1, 2)), (workers.tell_sum, ("a", "b"))]
    assert lab.run(None, team=team, processes=2).returned == {"A": 3, "B": "ab"}


def test_steps_without_room_on_the_tape_are_counted_and_said():
    run = lab.run(workers.add_holding, CounterFile(), Lock(), 10, processes=2, slots=8)
    account = run.account
    assert (run.verdict, account.total, account.observed) == ("correct", 20, 20)
    assert len(account.updates) == 4
    # 40 steps each, 8 of them recorded: 64 are not.
    note = "64 steps did not fit on the tapes: their updates are counted, but not named"
    assert note in run.notes


def test_a_lock_released_by_another_process_is_free(tmp_path, start_method):
    args = (Lock(), str(tmp_path / "kept"))
    team = [(workers.keep_and_say, args), (workers.release_when_kept, args)]
    run = lab.run(None, team=team, processes=2, start_method=start_method)
    assert (run.verdict, ops(run, "B")) == ("correct", [("release", "done")])


def test_an_rlock_is_not_released_by_another_process(tmp_path):
    args = (RLock(), str(tmp_path / "kept"))
    team = [(workers.keep_and_say, args), (workers.release_when_kept, args)]
    run = lab.run(None, team=team, processes=2)
    assert [(crash.process, crash.error) for crash in run.crashes] == [("B", "AssertionError")]


# --- sets ----------------------------------------------------------------------------------------


def test_a_set_serves_all_trials_with_the_same_processes_and_locks(start_method):
    with lab.ProcessSet(2, start_method) as team_set:
        first = team_set.run(workers.tell_process)
        assert team_set.run(workers.tell_process).returned == first.returned
        counter, lock = CounterFile(), Lock()
        runs = [team_set.run(workers.add_holding, counter, lock, 3) for _ in range(3)]
    assert len(set(first.returned.values())) == 2
    assert [run.account.observed for run in runs] == [6, 6, 6]  # a fresh file for each
    events = [event for run in runs for event in run.events]
    assert len({event.identity for event in events if event.shared == "lock"}) == 1


def test_a_set_runs_different_workers_on_the_same_things():
    counter = CounterFile()
    with lab.ProcessSet(1) as team_set:
        one, many = (
            team_set.run(worker, counter) for worker in (workers.add_one, workers.add_three)
        )
    assert (one.account.observed, many.account.observed) == (1, 3)


def test_a_set_serves_on_after_lost_updates(tmp_path):
    counter = CounterFile()
    with lab.ProcessSet(2) as team_set:
        pids = []
        for trial in ("1", "2"):
            (tmp_path / trial).mkdir()
            team = workers.team_of(counter, tmp_path / trial, "A read, B read, A write, B write")
            assert team_set.run(None, team=team).verdict == "lost_updates"
            pids.append([each.process.pid for each in team_set.children])
    assert pids[0] == pids[1]


def test_after_a_crash_a_set_is_made_anew(start_method):
    with lab.ProcessSet(2, start_method) as team_set:
        before = team_set.run(workers.tell_process).returned
        assert team_set.run(workers.leave_by_os_exit, 4).verdict == "crashed"
        after = team_set.run(workers.tell_process)
    assert after.verdict == "correct"
    assert not set(before.values()) & set(after.returned.values())


def test_after_a_worker_that_kept_a_lock_a_set_is_made_anew():
    counter, lock = CounterFile(), Lock()
    with lab.ProcessSet(1) as team_set:
        assert team_set.run(workers.add_and_keep, counter, lock).verdict == "correct"
        assert team_set.run(workers.add_and_keep, counter, lock).verdict == "correct"


@pytest.mark.platform("posix")
def test_a_process_killed_between_two_trials_is_found_and_replaced():
    with lab.ProcessSet(2) as team_set:
        pids = team_set.run(workers.tell_process).returned
        os.kill(pids["A"], 9)
        assert team_set.run(workers.tell_process).sentence == "A was killed by SIGKILL"
        assert team_set.run(workers.tell_process).verdict == "correct"


# --- workers in a learner's file -----------------------------------------------------------------


def test_a_worker_file_is_read_anew_for_each_trial(learner):
    with lab.ProcessSet(1) as team_set:
        for number in (1, 2):
            worker = learner(f"def work(): return {number}")
            assert team_set.run(worker).returned == {"A": number}


def test_locks_that_a_childs_module_makes_are_gone_with_the_child(start_method, learner):
    lock = "lock = multiprocessing.get_context('spawn').Lock()"
    worker = learner(f"import multiprocessing\n{lock}\ndef work(): pass\n")
    run = lab.run(worker, start_method=start_method)
    assert run.verdict == "correct"  # and no semaphore is left: see conftest
