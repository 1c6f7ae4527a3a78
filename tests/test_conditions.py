"""A multiprocessing.Condition, or a Value, on an observed lock works as on a plain one; the model says that it cannot follow."""

import multiprocessing

import pytest
import workers_for_tests as workers

from helpers import analysis, lab
from helpers.lab import ScheduleError
from helpers.resources import CounterFile, Lock, RLock
from helpers.schedules import Walk, explore

KINDS = pytest.mark.parametrize("kind", [Lock, RLock])


def condition_on(lock, start_method="spawn"):
    return multiprocessing.get_context(start_method).Condition(lock)


@KINDS
def test_in_a_cell_a_condition_answers_as_on_a_plain_lock(kind):
    plain = getattr(multiprocessing.get_context("spawn"), kind.__name__)()
    answers = []
    for lock in (kind(), plain):
        condition = condition_on(lock)
        with pytest.raises(AssertionError, match="must acquire"):
            condition.wait()
        with condition:
            answers.append((condition.wait(timeout=0), condition.notify(), lock.acquire(False)))
    assert answers[0] == answers[1]


@KINDS
@pytest.mark.parametrize("schedule", [None, "", "BBBA"], ids=["free", "stepped", "B first"])
def test_processes_that_wait_for_their_turn_in_a_condition_get_it(kind, schedule, start_method):
    lock = kind()
    condition = condition_on(lock, start_method)
    args = (workers.hand_over, lock, condition, CounterFile(), 8)
    run = lab.run(*args, processes=2, start_method=start_method, schedule=schedule)
    assert (run.verdict, run.account.observed) == ("correct", 8)
    waits = [e for e in run.events if e.op == "release" and e.process == "A"]
    assert len(waits) >= 4
    assert analysis.holds(run.events)[-1].end is not None


@KINDS
def test_one_that_nobody_notifies_is_no_deadlock(kind):
    condition = condition_on(kind())
    free = lab.run(workers.wait_for_nobody, condition, processes=2, deadline=1)
    assert (free.verdict, free.stuck) == ("timed_out", None)
    stepped = lab.run(workers.wait_for_nobody, condition, processes=2, schedule="AABB")
    assert (stepped.verdict, stepped.stuck, stepped.schedule) == ("timed_out", None, "AABB")
    assert stepped.sentence == (
        "A and B could not go on; A waits to be notified; B waits to be notified"
    )


def test_a_schedule_gives_no_turn_to_one_that_waits_to_be_notified():
    condition = condition_on(Lock())
    with pytest.raises(ScheduleError, match="it waits to be notified"):
        lab.run(workers.wait_for_nobody, condition, processes=2, schedule="AAA")


def test_a_schedule_wakes_one_of_two_with_one_notify():
    condition = condition_on(Lock())
    team = [(workers.wait_for_nobody, (condition,))] * 2 + [(workers.notify_one, (condition,))]
    run = lab.run(team=team, processes=3, schedule="AABB")
    assert (run.verdict, run.stuck) == ("timed_out", None)
    assert len(run.returned) == 2
    assert "C" in run.returned


def test_under_a_schedule_a_wait_with_a_timeout_takes_no_time():
    run = lab.run(workers.wait_in_vain, condition_on(Lock()), processes=2, schedule="")
    assert (run.verdict, run.returned) == ("correct", {"A": False, "B": False})


def test_a_value_uses_the_lock_that_its_workers_get(start_method):
    lock = RLock()
    value = multiprocessing.get_context(start_method).Value("i", 0, lock=lock)
    run = lab.run(workers.add_to_value, lock, value, processes=2, start_method=start_method)
    assert (run.verdict, set(run.returned.values())) == ("correct", {True})
    assert analysis.overlaps(run.events) == 0


@pytest.mark.parametrize("model", [explore, Walk])
def test_the_model_says_that_it_cannot_follow_a_condition(model):
    lock = Lock()
    with pytest.raises(TypeError, match="^the model cannot follow a multiprocessing.Condition"):
        model(workers.hand_over, lock, condition_on(lock), CounterFile(), 2)


def test_the_model_says_so_too_of_one_that_the_worker_makes():
    def make_one(lock):
        workers.wait_for_nobody(condition_on(lock))

    (outcome,) = explore(make_one, Lock(), processes=1).outcomes
    (error,) = outcome.errors
    assert "the model cannot follow a multiprocessing.Condition" in str(error)
