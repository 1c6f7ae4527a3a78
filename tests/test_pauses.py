"""What processes asked for between their steps: each pause, and which locks they held meanwhile."""

import pathlib
import threading
import time

import pytest
import workers_for_tests as workers

from helpers import analysis, events, lab
from helpers.events import Pause
from helpers.resources import CounterFile, Lock, RLock
from helpers.resources.stand_ins import LingeringLock
from helpers.schedules import explore


def reported(run, process="A"):
    return [(p.index, p.seconds, p.held) for p in run.pauses if p.process == process]


# ---- on the tape


@pytest.fixture
def tapes(tmp_path):
    """A tape with room for two steps and two pauses, and the same one as another process maps it."""
    tape = events.Tape(tmp_path / "A.tape", slots=2)
    reader = events.Tape(tmp_path / "A.tape")
    yield tape, reader
    tape.close()
    reader.close()


def test_a_pause_is_on_the_tape_while_it_lasts_and_when_it_is_over(tapes):
    tape, reader = tapes
    with tape.pausing(0.1):
        (pause,) = reader.pauses("A")
        assert pause == Pause("A", 0, 0.1, (), pause.start, None)
    assert reader.pauses("A")[0].end >= pause.start
    assert (reader.counter, reader.events("A")) == (0, [])


def test_a_full_tape_counts_the_pauses_that_it_drops_and_keeps_the_steps(tapes):
    tape, reader = tapes
    for seconds in (1.0, 2.0, 3.0, 4.0):
        with tape.pausing(seconds):
            pass
    assert [pause.seconds for pause in reader.pauses("A")] == [1.0, 2.0]
    assert reader.dropped_pauses() == 2
    assert (reader.counter, reader.dropped(), reader.events("A")) == (0, {}, [])


def test_reset_forgets_the_pauses(tapes):
    tape, reader = tapes
    with tape.pausing(1.0):
        pass
    tape.reset()
    assert (reader.pauses("A"), reader.dropped_pauses()) == ([], 0)
    with tape.pausing(2.0), tape.pausing(3.0):
        assert [(p.seconds, p.end) for p in reader.pauses("A")] == [(2.0, None), (3.0, None)]
    assert reader.dropped_pauses() == 0


def test_a_note_that_a_kill_left_unwritten_is_no_pause(tapes, monkeypatch):
    def be_killed():
        raise SystemExit

    tape, reader = tapes
    with tape.pausing(1.0):
        pass
    tape.reset()
    monkeypatch.setattr(time, "perf_counter_ns", be_killed)
    with pytest.raises(SystemExit), tape.pausing(2.0):
        pass
    assert reader.pauses("A") == []


# ---- in runs


LOCKS_IN_TURN = [
    (0, 0.001, ()),
    (1, 0.002, ("left",)),
    (2, 0.003, ("left", "right")),
    (4, 0.004, ()),
]


@pytest.mark.parametrize("schedule", [None, ""])
@pytest.mark.parametrize("processes", [1, 2])
def test_a_run_knows_which_locks_were_held_in_each_pause(schedule, processes, start_method):
    how = {"processes": processes, "start_method": start_method, "schedule": schedule}
    run = lab.run(workers.pause_between_locks, Lock("left"), Lock("right"), **how)
    assert run.verdict == "correct"
    assert all(reported(run, letter) == LOCKS_IN_TURN for letter in run.processes)
    assert list(run.pauses) == sorted(run.pauses, key=lambda pause: pause.start)
    if schedule is None:
        assert all(1e9 * p.seconds <= p.end - p.start for p in run.pauses)
    else:
        assert all(p.end for p in run.pauses)


@pytest.mark.parametrize("schedule", [None, ""])
def test_a_pause_under_an_rlock_that_is_taken_twice_names_it_once(schedule):
    run = lab.run(workers.pause_in_depth, RLock("door"), processes=1, schedule=schedule)
    assert reported(run) == [(2, 0.001, ("door",)), (3, 0.001, ("door",)), (4, 0.001, ())]


def test_a_process_without_locks_holds_none():
    run = lab.run(workers.pause_only, 0.001, processes=1)
    assert reported(run) == [(0, 0.001, ())]
    assert (run.events, run.verdict) == ((), "correct")


def test_a_pause_of_no_length_is_none():
    assert lab.run(workers.pause_only, 0, processes=1).pauses == ()


@pytest.mark.platform("posix")
def test_the_pauses_of_a_killed_process_can_be_read_and_the_last_one_has_no_end(start_method):
    run = lab.run(workers.pause_and_be_killed, Lock(), processes=1, start_method=start_method)
    assert run.crashes[0].held == ("lock",)
    assert reported(run) == [(0, 0.001, ()), (1, 60, ("lock",))]
    assert [pause.end is None for pause in run.pauses] == [False, True]


def test_a_run_says_how_many_pauses_found_no_room():
    run = lab.run(workers.pause_often, 5, processes=2, slots=3)
    assert len(run.pauses) == 6
    assert run.notes[-1] == "4 pauses did not fit on the tapes"


def test_the_next_trial_of_a_set_starts_without_pauses():
    with lab.ProcessSet(1) as team:
        wanted = [3, 1, 0]
        assert [len(team.run(workers.pause_often, count).pauses) for count in (3, 1, 0)] == wanted


def test_what_an_arranged_lock_waits_is_no_pause_of_the_worker():
    assert lab.run(workers.take, LingeringLock(seconds=0.001), processes=1).pauses == ()


# ---- time.sleep in a learner's file

SLEEPS = """
    import time
    from time import sleep

    def work(lock):
        time.sleep(0.001)
        with lock:
            sleep(0.002)
            list(map(time.sleep, [0.003]))
"""
TAKEN = [(0, 0.001, ()), (1, 0.002, ("lock",)), (1, 0.003, ("lock",))]


@pytest.mark.parametrize("schedule", [None, ""])
def test_each_sleep_of_a_learners_file_is_a_pause(learner, schedule, start_method):
    worker = learner(SLEEPS)
    run = lab.run(worker, Lock(), processes=1, schedule=schedule, start_method=start_method)
    assert reported(run) == TAKEN


def test_a_stepped_run_takes_no_time_to_sleep(learner):
    worker = learner("import time\n\ndef work(lock):\n    with lock:\n        time.sleep(1e9)\n")
    run = lab.run(worker, Lock(), processes=2, schedule="AABB", deadline=60)
    assert (run.verdict, reported(run)) == ("correct", [(1, 1e9, ("lock",))])


def test_a_sleep_of_other_code_is_none_of_the_learners(learner, tmp_path):
    (tmp_path / "sleeper.py").write_text("import time\n\ndef nap():\n    time.sleep(0.001)\n")
    code = f"""
        import sys
        sys.path.append({str(tmp_path)!r})
        from sleeper import nap

        def work():
            nap()
    """
    run = lab.run(learner(code), processes=1)
    assert (run.verdict, run.pauses) == ("correct", ())


@pytest.mark.parametrize("way", ["free", "stepped", "modelled"])
@pytest.mark.parametrize("wrong", ["-1", "float('nan')", "float('inf')", "'1'", "None", "[1]"])
def test_a_wrong_length_gets_the_error_of_the_real_sleep(learner, way, wrong):
    worker = learner(
        f"import time\n\ndef work(lock):\n    with lock:\n        time.sleep({wrong})\n"
    )
    with pytest.raises((TypeError, ValueError, OverflowError)) as real:
        time.sleep(eval(wrong))
    if way == "modelled":
        found = explore(worker, Lock(), processes=1, history=True)
        (error,), pauses = found.outcomes[0].errors, found.pauses["A"]
        assert pauses == {()}
    else:
        run = lab.run(worker, Lock(), processes=1, schedule="" if way == "stepped" else None)
        (crash,) = run.crashes
        error = f"{crash.error}: {crash.message}"
        assert run.pauses == ()
    assert error == f"{real.type.__name__}: {real.value}"


def test_only_a_process_that_loads_a_learners_file_has_another_sleep(learner):
    sleep = time.sleep
    lab.run(learner(SLEEPS), Lock(), processes=1, start_method="spawn")
    explore(learner(SLEEPS), Lock(), processes=1, history=True)
    assert time.sleep is sleep


def test_a_pause_of_a_second_thread_is_noted_too(learner):
    code = """
        import threading, time

        def work():
            threads = [threading.Thread(target=rest) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

        def rest():
            for _ in range(50):
                time.sleep(1e-9)
    """
    assert len(lab.run(learner(code), processes=1).pauses) == 200


# ---- in every order of the model


def test_the_model_asks_for_the_same_pauses_as_a_run(learner):
    here = explore(workers.pause_between_locks, Lock("left"), Lock("right"), history=True)
    expected = tuple((seconds, held) for _, seconds, held in LOCKS_IN_TURN)
    assert here.pauses == {"A": {expected}, "B": {expected}}
    there = explore(learner(SLEEPS), Lock(), processes=1, history=True)
    assert there.pauses == {"A": {tuple((seconds, held) for _, seconds, held in TAKEN)}}


def test_a_pause_on_one_branch_only_is_among_them():
    found = explore(workers.pause_under_lock_where_it_is_late, CounterFile(), Lock(), history=True)
    early, late = ((0.001, ()),), ((0.001, ()), (0.002, ("lock",)))
    assert found.pauses == {"A": {early, late}, "B": {early, late}}


def test_each_member_of_a_team_has_pauses_of_its_own():
    team = [(workers.pause_only, (0.001,)), (workers.pause_in_depth, (RLock("door"),))]
    found = explore(team=team, history=True)
    assert found.pauses["A"] == {((0.001, ()),)}
    assert found.pauses["B"] == {((0.001, ("door",)), (0.001, ("door",)), (0.001, ()))}


def test_a_lock_that_the_worker_makes_itself_counts_in_the_model_and_in_a_run():
    (found,) = explore(workers.pause_under_own_lock, Lock(), processes=1, history=True).pauses["A"]
    run = lab.run(workers.pause_under_own_lock, Lock(), processes=1)
    assert [found] == [tuple((seconds, held) for _, seconds, held in reported(run))]
    assert found == ((0.001, ("own",)),)


def test_a_fault_cuts_off_the_pauses_that_come_after_it():
    lock = Lock()
    found = explore(workers.pause_and_take, lock, processes=1, fault=("A", 0), history=True)
    assert found.pauses == {"A": {((0.001, ()),)}}


def test_exploring_in_one_thread_leaves_the_pauses_of_others_alone():
    def rest_elsewhere():
        thread = threading.Thread(target=events.pause, args=(1e-6,))
        thread.start()
        thread.join()

    assert explore(rest_elsewhere, processes=1, history=True).pauses == {"A": {()}}


# ---- a hold that lasts long on a busy machine, with no slow work in it


ANSWERS = pathlib.Path(__file__).parent / "answers"
THINK, WORK, TIMES = 0.001, 0.01, 2
# An exercise with slow work, its function, its files, and how often one process does that work.
SLOW = [
    ("my_narrow_lock", "serve", (CounterFile("tickets"), CounterFile("cash")), 3 * TIMES),
    ("my_repaired_seller", "sell", (CounterFile("seats", start=9), CounterFile("sold")), TIMES),
]


@pytest.mark.parametrize(("exercise", "function", "files", "count"), SLOW)
def test_no_slow_work_lies_in_a_hold_that_lasts_longer_than_it(exercise, function, files, count):
    worker = lab.WorkerFile(str(ANSWERS / exercise / "right_solution.py"), function)
    lock = LingeringLock(seconds=2 * WORK)
    run = lab.run(worker, *files, lock, TIMES, THINK, WORK, processes=2)
    assert run.verdict == "correct"
    assert max(hold.end - hold.start for hold in analysis.holds(run.events)) > 1e9 * WORK
    assert [held for _, seconds, held in reported(run) if seconds == WORK] == [()] * count
