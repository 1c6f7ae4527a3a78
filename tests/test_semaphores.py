"""The semaphore in all three ways: how many may be inside at once, and when those who wait do so for ever."""

import multiprocessing

import pytest
import workers_for_tests as workers
from cases import cases
from test_stuck import state

from helpers import analysis, lab
from helpers.analysis import find_stuck
from helpers.resources import Lock, Semaphore
from helpers.schedules import Walk, explore


def team(shared_objects, *words):
    return [(workers.take_and_give, (shared_objects, some)) for some in words]


def three_ways(shared_objects, *words):
    """How it ends at full speed, step by step, and in all orders of the model: verdicts, and the run at full speed."""
    how = {"team": team(shared_objects, *words), "processes": len(words)}
    run, found = lab.run(**how), explore(**how)
    verdicts = {outcome.verdict for outcome in found.outcomes}
    # Real processes take each order of the model, and end as it says.
    for outcome in found.outcomes:
        stepped = lab.run(**how, schedule=outcome.schedule)
        reported = stepped.verdict if stepped.verdict in ("deadlock", "orphaned_lock") else "ended"
        assert reported == outcome.verdict
        walk = Walk(**how, schedule=outcome.schedule)
        assert (walk.stuck.verdict if walk.stuck else "ended") == outcome.verdict
    return verdicts, run


def most_inside(events):
    """How many were inside at once, at the most: by the stamps of their steps."""
    moves = sorted(
        (e.end, 1) if e.op == "acquire" else (e.start, -1) for e in events if e.outcome == "done"
    )
    inside = most = 0
    for _, move in moves:
        inside += move
        most = max(most, inside)
    return most


# Of three processes with one acquire and one release each, all orders are 6! / 2! / 2! / 2! = 90. In 3! * 3!
# of them all three acquire first; in 3! one goes after the other.
@pytest.mark.parametrize(("permits", "orders"), [(1, 6), (2, 90 - 36), (3, 90)])
def test_as_many_are_inside_as_there_are_permits_and_no_more(permits, orders):
    shared_objects = [Semaphore(permits)]
    found = explore(workers.take_and_give, shared_objects, "+semaphore -semaphore", processes=3)
    assert ([o.verdict for o in found.outcomes], found.schedules) == (["ended"], orders)
    twice = workers.take_and_give, shared_objects, "+semaphore . -semaphore " * 2
    free = lab.run(*twice, processes=3)
    assert free.verdict == "correct" and most_inside(free.events) <= permits
    run = lab.run(*twice, processes=3, schedule="ABC"[:permits])  # as many as may come in first
    assert (run.verdict, most_inside(run.events)) == ("correct", permits)
    assert {event.arg for event in run.events if event.op == "acquire"} == {f"of {permits}"}


def test_it_takes_and_refuses_what_the_plain_one_does():
    plain, ours = multiprocessing.Semaphore(1), Semaphore(1)
    for args in ((), (False,), (True, 0.01)):
        assert ours.acquire(*args) == plain.acquire(*args)
    assert (ours.release(), ours.release()) == (plain.release(), plain.release())
    assert [[lock.acquire(False) for _ in range(3)] for lock in (ours, plain)] == [
        [True, True, False]
    ] * 2


@pytest.mark.parametrize("permits", [-1, 2**31, 1.5, "two", None])
def test_what_is_no_number_of_permits_is_refused_before_there_is_a_semaphore(permits):
    with pytest.raises((OSError, TypeError, ValueError, OverflowError)):
        multiprocessing.Semaphore(permits)
    with pytest.raises((TypeError, ValueError), match="permits="):
        Semaphore(permits)


def test_a_try_is_refused_where_no_permit_is_free():
    verdicts, run = three_ways([Semaphore(1, "s")], "+s ?s -s ?s")
    assert verdicts == {"ended"}
    assert run.returned == {"A": [False, True]}


# ---- for ever, or not


@cases(
    "permits words",
    (0, ["+s", "+s"]),  # there never was one
    (1, ["+s +s", "+s +s"]),  # one has it and wants another, which nobody can give
    (2, ["+s +s +s", "+s +s +s"]),
    (0, ["+s -t", "+t -s"]),  # each would give what the other one waits for
    (1, ["-s +s +s +s", "+s +s +s"]),  # one more, given by somebody who had taken none
)
def test_where_all_who_live_wait_and_no_permit_is_free_it_is_a_deadlock(permits, words):
    verdicts, run = three_ways([Semaphore(permits, "s"), Semaphore(0, "t")], *words)
    assert (verdicts, run.verdict) == ({"deadlock"}, "deadlock")


@cases(
    "permits words",
    (1, ["+s +s -s -s", ". . -s"]),  # a circle of one, and B stands outside
    (2, ["+s +l -l -s", "+l . . . +s -s -l", "+s . . -s"]),
    (0, ["+s", "+s", ". . -s . -s"]),
)
def test_a_circle_is_no_deadlock_while_somebody_outside_it_may_give_a_permit_back(permits, words):
    verdicts, run = three_ways([Semaphore(permits, "s"), Lock("l")], *words)
    assert (verdicts, run.verdict) == ({"ended"}, "correct")


def test_a_circle_through_a_lock_and_a_permit_is_named_where_all_wait():
    shared_objects = [Semaphore(1, "s"), Lock("l")]
    run = lab.run(team=team(shared_objects, "+s . +l", "+l . +s"), processes=2, schedule="AB")
    assert run.circle == ("A", "l", "B", "s")
    assert run.sentence == (
        "deadlock: A waits for lock l, which B holds; B waits for lock s, which A holds"
    )


def test_a_deadlock_without_a_circle_names_who_waits_for_what():
    run = lab.run(team=team([Semaphore(0, "s"), Semaphore(0)], "+s", "+semaphore"), processes=2)
    assert run.circle == ()
    assert run.sentence == (
        "deadlock: A waits for lock s and B waits for the semaphore, and nobody is left who could give a permit back"
    )


def test_a_permit_that_a_dead_one_took_along_is_told_so():
    shared_objects, words = [Semaphore(1, "s")], ("+s !", "+s -s")
    assert three_ways(shared_objects, *words)[0] == {"ended", "orphaned_lock"}
    run = lab.run(team=team(shared_objects, *words), processes=2, schedule="A")
    assert run.verdict == "orphaned_lock"
    assert run.stuck.orphans == (analysis.Orphan("B", "s", ("A",)),)


# ---- looks written by hand: A and B wait in a circle, where B has the only permit

A, B = state("a", "s")._replace(taken={"s": (1, 0)}), state("s", "a")._replace(taken={"s": (1, 1)})


@cases(
    "others verdict",
    ({}, "deadlock"),
    ({"C": state("", "s")}, "deadlock"),
    ({"C": state(counter=7)}, None),  # C computes
    ({"C": state("", "a")._replace(taken={"s": (1, -1)})}, None),  # C has given one: it is free
    ({"C": state("", "a")._replace(taken={"s": (1, 1)})}, "deadlock"),
)
def test_marks_tell_whether_a_permit_is_free(others, verdict):
    states = {"A": A, "B": B, **others}
    found = find_stuck(states, states)
    assert (found and found.verdict) == verdict


def test_who_moves_between_two_looks_may_give_a_permit_back():
    before = {"A": A, "B": B, "C": state("", "s", counter=5)}
    now = {**before, "C": state("", "s", counter=7)}
    assert find_stuck(before, now) is None and find_stuck(now, now).verdict == "deadlock"


# ---- from one trial to the next


def test_a_permit_that_was_kept_is_no_crash_and_is_there_again_in_the_next_trial():
    shared_objects = [Semaphore(2, "s")]
    with lab.ProcessSet(2) as both:
        first = both.run(None, team=team(shared_objects, "+s", "+s"))
        for words in (("-s -s", "?s ?s"), ("?s ?s ?s", ".")):
            run = both.run(None, team=team(shared_objects, *words))
            assert run.verdict == "correct" and not run.crashes
    assert run.returned["A"] == [True, True, False]
    assert run.pids == first.pids  # the same processes served all three


def test_who_leaves_well_with_a_permit_has_not_crashed():
    assert not lab.run(team=team([Semaphore(1, "s")], "+s x"), processes=1).crashes
    assert lab.run(team=team([Lock("s")], "+s x"), processes=1).crashes[0].held == ("s",)


def test_pauses_tell_that_a_permit_was_held():
    shared_objects = [Semaphore(2, "s")]
    run = lab.run(workers.take_and_give, shared_objects, ". +s . -s .", processes=1)
    assert [pause.held for pause in run.pauses] == [(), ("s",), ()]
    found = explore(workers.take_and_give, shared_objects, "+s . -s .", processes=1, history=True)
    assert found.pauses["A"] == {((0.05, ("s",)), (0.05, ()))}
