"""Real processes that take their steps in a given order, and the same order in the model."""

import os
import random

import pytest
import workers_for_tests as workers
from cases import cases, few
from runs import LOCKED, RACE, Stop, crossed, observed, team_of

from helpers import lab
from helpers.events import Fault
from helpers.resources import CounterFile, Lock, RLock
from helpers.schedules import Walk, explore
from helpers.workers.counter import (
    increment_locking_each_step,
    increment_with_bare_acquire,
    increment_with_lock,
    increment_without_lock,
)


def stepped(schedule, *experiment, processes=2, **more):
    return lab.run(*experiment, processes=processes, schedule=schedule, **more)


@pytest.mark.parametrize(
    ("schedule", "number"), [("ABBA", 1), ("BABA", 1), ("AABB", 2), ("BBAA", 2)]
)
def test_real_processes_take_their_steps_in_the_given_order(schedule, number, start_method):
    run = stepped(schedule, workers.tell_process_and_file, CounterFile(), start_method=start_method)
    reported = {pid: text for pid, text in run.returned.values()}
    assert len(reported) == 2
    assert set(reported) == set(run.pids.values())
    assert os.getpid() not in reported
    last = run.returned[schedule[-1]][1]  # read by the last process, with plain open
    assert last == f"{schedule[-1]}.0001 {number}"
    assert (run.schedule, run.account.observed) == (schedule, number)
    assert f"order {schedule}" in str(run)
    assert run.verdict == ("correct" if number == 2 else "lost_updates")


def shapes(events):
    """What of events does not depend on the clock."""
    return [(e.process, e.index, e.shared, e.op, e.arg, e.seen, e.outcome) for e in events]


EXPERIMENTS = {
    "without a lock": lambda: team_of(increment_without_lock, CounterFile(), 2, 0.1),
    "emptied and filled": lambda: team_of(
        increment_without_lock, CounterFile(start=8, write="truncate"), 1, 0.1, processes=3
    ),
    "an empty read raises": lambda: team_of(
        increment_without_lock, CounterFile(write="truncate", empty="raise"), 1, 0.1
    ),
    "with the lock": lambda: team_of(increment_with_lock, CounterFile(), Lock(), 1, 0.1, processes=3),
    "with an RLock": lambda: team_of(increment_with_lock, CounterFile(), RLock(), 2, 0.1),
    "a lock for each step": lambda: team_of(
        increment_locking_each_step, CounterFile(), Lock(), 1, 0.1
    ),
    "two locks in opposite orders": crossed,
}  # fmt: skip


def assert_same(run, walk, outcome):
    """A run of real processes did what a walk does, and ended as the outcome of the model says."""
    steps = sorted(run.events, key=lambda event: (event.end is None, event.start))
    assert shapes(steps) == shapes(walk.events)
    assert run.schedule == walk.schedule == outcome.schedule
    assert observed(run) == outcome.values
    assert walk.values == outcome.values
    errors = sorted(f"{c.error}: {c.message}" for c in run.crashes if c.error)
    assert errors == sorted(outcome.errors)
    assert (run.verdict, run.sentence) == walk.result or outcome.errors
    assert (run.verdict == "deadlock") is (outcome.verdict == "deadlock")


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_each_outcome_of_the_model_comes_true_on_real_processes(name):
    team = EXPERIMENTS[name]()
    how = {"team": team, "processes": len(team)}
    with lab.ProcessSet(len(team)) as processes:
        for outcome in explore(**how).outcomes:
            run = processes.run(None, team=team, schedule=outcome.schedule)
            assert_same(run, Walk(**how, schedule=outcome.schedule), outcome)


def random_plan(dice, length, depth=1):
    steps = []
    for _ in range(length):
        op = dice.choice(["read", "write", "write", "acquire", "release", "if odd"])
        which = dice.randrange(2)
        if op == "if odd" and depth:
            steps.append((op, 0, random_plan(dice, 2, depth - 1)))
        elif op == "write":
            steps.append((op, which, dice.choice([-7, 1, 2, 90])))
        elif op == "acquire":
            steps.append((op, which, *dice.choice([(), (False,), (True, 0.1)])))
        elif op != "if odd":
            steps.append((op, which))
    return steps


def random_team(seed):
    """Two or three processes with plans of their own, on two files and two locks: the same for a seed."""
    dice = random.Random(seed)
    start, empty = dice.choice([0, 9, -1]), dice.choice(["zero", "raise"])
    files = [CounterFile("a", start, "truncate", empty), CounterFile("b", start=5)]
    shared_objects = files, [Lock("l"), RLock("r")]
    count = dice.choice([2, 2, 3])
    return [(workers.follow, (random_plan(dice, 4), *shared_objects)) for _ in range(count)]


@pytest.mark.parametrize("seed", few(range(30), 10))
def test_random_workers_do_in_the_model_what_they_do_for_real(seed):
    team = random_team(seed)
    how = {"team": team, "processes": len(team)}
    outcomes = explore(**how, limit=3000).outcomes
    for outcome in outcomes[:: max(len(outcomes) // 3, 1)]:
        run = lab.run(**how, schedule=outcome.schedule)
        assert_same(run, Walk(**how, schedule=outcome.schedule), outcome)


@pytest.mark.parametrize("method", lab.start_methods())
def test_the_rest_runs_in_alphabetical_order(method):
    run = stepped("B", *RACE, processes=3, start_method=method)
    assert run.schedule == "BAABCC"
    assert stepped("", *LOCKED, processes=3, start_method=method).schedule == "AAAABBBBCCCC"


def test_the_rest_passes_over_who_waits_and_comes_back_when_the_lock_is_free():
    run = stepped("BB", *LOCKED)
    assert run.schedule == "BBBBAAAA"
    assert run.verdict == "correct"
    walk = Walk(*LOCKED, schedule="BB")
    walk.finish()
    assert walk.schedule == run.schedule


def test_spaces_and_small_letters_are_no_mistake():
    assert stepped(" ab\nBA ", *RACE).schedule == "ABBA"


@cases(
    "schedule experiment words",
    (
        "AABA",
        LOCKED,
        "schedule 'AABA': step 3 asks B to move, but it waits for the lock, which A holds",
    ),
    ("AAAB", RACE, "schedule 'AAAB': step 3 asks A to move, but it has ended"),
)
def test_a_turn_that_cannot_be_taken_is_refused_with_step_and_reason(schedule, experiment, words):
    with pytest.raises(lab.ScheduleError) as real:
        stepped(schedule, *experiment)
    with pytest.raises(lab.ScheduleError) as modelled:
        Walk(*experiment, schedule=schedule)
    assert str(real.value) == str(modelled.value) == words


@cases(
    "schedule error words",
    ("ABC", ValueError, "'C' at step 3 is no process of this run; they are A, B"),
    ("AB1", ValueError, "'1' at step 3"),
    (["A"], TypeError, 'as in "ABBA"'),
    (7, TypeError, "schedule=7"),
)
def test_what_is_no_schedule_is_refused_before_anything_starts(schedule, error, words):
    for run in (stepped, lambda text, *experiment: Walk(*experiment, schedule=text)):
        with pytest.raises(error, match=words):
            run(schedule, *RACE)


def test_two_locks_in_opposite_orders_end_in_a_deadlock_with_its_circle(start_method):
    run = lab.run(team=crossed(), processes=2, schedule="AB", start_method=start_method)
    assert run.verdict == "deadlock"
    assert run.sentence == (
        "deadlock: A waits for lock b, which B holds; B waits for lock a, which A holds"
    )


def test_a_process_that_takes_its_own_lock_again_is_a_deadlock():
    run = stepped("A", workers.acquire_twice, Lock())
    assert (run.verdict, run.schedule) == ("deadlock", "A")
    wanted = ("A", "lock"), "deadlock: A waits for the lock, which it holds"
    assert (run.circle, run.sentence) == wanted


@pytest.mark.platform("posix")
def test_one_that_is_killed_in_mid_schedule_is_a_crash(tmp_path, start_method):
    args = CounterFile(), str(tmp_path / "pid")
    team = [(workers.tell_and_wait_to_be_killed, args), (workers.kill_the_other, args)]
    run = lab.run(team=team, processes=2, schedule="ABBAA", start_method=start_method)
    assert run.verdict == "crashed"
    assert "A was killed by SIGKILL" in run.sentence
    assert run.schedule == "ABB"  # the turns of a dead process are left out
    assert run.account.observed == 7


@pytest.mark.platform("posix")
def test_a_death_with_the_lock_held_leaves_the_others_waiting_for_ever(tmp_path):
    lock = Lock()
    team = [(workers.be_killed, (lock,)), (workers.raise_in_with, (lock,))]
    run = lab.run(team=team, processes=2, schedule="A")
    assert run.verdict == "orphaned_lock"
    assert run.sentence == (
        "B waits for ever for the lock, which A took along: "
        "A was killed by SIGKILL and held the lock when it died"
    )


def test_one_that_never_comes_to_its_next_step_is_timed_out(tmp_path):
    run = stepped("A", workers.think_for_ever, CounterFile(), str(tmp_path / "x"), deadline=0.5)
    assert run.verdict == "timed_out"


def test_stop_ends_a_stepped_run():
    assert stepped("AB", *RACE, stop=Stop()).verdict == "stopped"


# ---- a fault in place of a step


@pytest.mark.parametrize("schedule", [None, ""])
@pytest.mark.parametrize("step", [0, 1, 2])
def test_an_exception_in_place_of_a_step_of_real_processes(schedule, step):
    run = stepped(schedule, *LOCKED, fault=("A", step))
    assert run.verdict == "crashed"
    assert run.sentence == "A ended with InjectedFault: an injected fault"
    assert [e.outcome for e in run.events if e.process == "A"][step] == "raised"
    assert run.account.observed == 1  # B got the lock all the same


@pytest.mark.parametrize(
    ("schedule", "processes", "verdict"), [(None, 1, "crashed"), ("AA", 2, "orphaned_lock")]
)
def test_a_bare_acquire_keeps_the_lock_after_a_fault(schedule, processes, verdict):
    experiment = increment_with_bare_acquire, CounterFile(), Lock(), 1, 0
    run = stepped(schedule, *experiment, fault=("A", 1), processes=processes)
    assert run.verdict == verdict
    assert run.crashes[0].held == ("lock",)


def test_a_release_is_never_replaced():
    for schedule, fault in (("", ("A", 3)), (None, Fault("A", 3))):
        run = stepped(schedule, *LOCKED, fault=fault)
        assert (run.verdict, run.account.observed) == ("correct", 2)


@pytest.mark.parametrize(
    ("fault", "error"),
    [(("C", 0), ValueError), (("A", -1), ValueError), ("A0 ", TypeError), (("A", 0.5), TypeError)],
)
def test_what_is_no_fault_is_refused(fault, error):
    with pytest.raises(error, match="fault"):
        lab.run(*RACE, processes=2, fault=fault)


# ---- the walk by hand


def test_a_walk_goes_forward_and_back_and_another_way():
    walk = Walk(*RACE)
    for letter in "ABB":
        walk.move(letter)
    assert (walk.schedule, walk.able, walk.values) == ("ABB", ("A",), {"counter": 1})
    walk.undo()
    walk.undo()
    assert (walk.schedule, walk.able, walk.values) == ("A", ("A", "B"), {"counter": 0})
    walk.move("A")
    walk.finish()
    assert (walk.schedule, walk.result[0]) == ("AABB", "correct")
    walk.go("")
    assert walk.schedule == ""
    walk.undo()
    assert walk.schedule == ""


def test_a_refused_schedule_leaves_the_walk_as_it_was():
    walk = Walk(*LOCKED, schedule="AA")
    with pytest.raises(lab.ScheduleError, match="step 2 asks B to move"):
        walk.go("AB")
    with pytest.raises(lab.ScheduleError, match="schedule 'AAB': step 3"):
        walk.move("B")
    assert walk.schedule == "AA"


def test_a_walk_knows_lines_next_steps_holders_and_reasons():
    walk = Walk(*LOCKED, schedule="AA")
    assert (walk.line("A"), walk.line("B")) == (6, 3)  # write, and with lock:
    assert walk.next_step("A") == ("write", "counter", 1)
    assert walk.next_step("B") == ("acquire", "lock", (True, None))
    assert walk.holders == {"lock": "A"}
    assert (walk.why_not("A"), walk.why_not("B")) == ("", "it waits for the lock, which A holds")
    walk.finish()
    assert (walk.line("A"), walk.next_step("A"), walk.why_not("A")) == (None, None, "it has ended")
    assert walk.holders == {"lock": None}


def test_a_walk_names_lost_update_and_rival():
    account = Walk(*RACE, schedule="ABBA").accounts["counter"]
    assert [update.key for update in account.lost] == ["B.0001"]
    assert account.rivals["B.0001"].key == "A.0001"


def test_a_walk_with_a_fault_tells_who_died_of_what():
    walk = Walk(
        increment_with_bare_acquire, CounterFile(), Lock(), 1, 0, fault=("A", 1), schedule="AA"
    )
    assert walk.errors == {"A": "InjectedFault: an injected fault"}
    assert walk.why_not("A") == "it ended with InjectedFault: an injected fault"
    assert walk.is_over
    assert walk.result[0] == "orphaned_lock"
