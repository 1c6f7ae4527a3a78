"""Why an order fails: the step that decides, the accesses that collide, what no lock guards; and how a check folds its hints.

All answers: test_exercises.py.
"""

import re

import pytest
from cases import cases

from helpers import analysis
from helpers.exercises import checking
from helpers.exercises.findings import Failure
from helpers.pictures import interleaving_table
from helpers.resources import CounterFile, Lock, Semaphore
from helpers.schedules import Walk, explore
from helpers.workers.counter import increment_with_lock, increment_without_lock


def read_then_lock(counter, lock):
    number = counter.read()
    with lock:
        counter.write(number + 1)


def two_sections(counter, lock):
    with lock:
        number = counter.read()
    with lock:
        counter.write(number + 1)


def own_lock(counter):
    with Lock():
        counter.write(counter.read() + 1)


def a_permit_of_two(counter, permits):
    with permits:
        counter.write(counter.read() + 1)


def goes_on(counter, lock):
    got = lock.acquire(block=False)
    counter.write(counter.read() + 1)
    if got:
        lock.release()


def gives_up(counter, lock):
    if lock.acquire(block=False):
        counter.write(counter.read() + 1)
        lock.release()


def bare(counter, lock):
    lock.acquire()
    counter.write(counter.read() + 1)
    lock.release()


def cross(first, second):
    with first, second:
        pass


def pay(left, right, lock):
    with lock:
        left.write(left.read() + 1)
    with lock:
        right.write(right.read() + 1)


def audit(left, right, lock):
    with lock:
        assert left.read() == right.read()


def remembers(left, right, lock):
    number = 0
    for _ in range(2):
        with lock:
            number = (number or left.read()) + 1
            left.write(number)
            right.write(right.read() + 1)


def is_right(walk, holds):
    return not walk.stuck and not walk.errors and holds(walk.values)


def ends(team, beginning, holds, **how):
    """Whether each order with that beginning ends right: a set, of all of them, one by one."""
    walk = Walk(team=team, processes=len(team), schedule=beginning, **how)
    if walk.is_over:
        return {is_right(walk, holds)}
    return set().union(*(ends(team, beginning + letter, holds, **how) for letter in walk.able))


def one(values):
    return values["counter"] == 2


LOCK, LEFT, RIGHT = Lock(), CounterFile("left"), CounterFile("right")
A, B = Lock("a"), Lock("b")
TWICE = {
    "no lock": (increment_without_lock, CounterFile(), 1, 0),
    "a read outside": (read_then_lock, CounterFile(), LOCK),
    "two sections": (two_sections, CounterFile(), LOCK),
    "locks of their own": (own_lock, CounterFile()),
    "two permits": (a_permit_of_two, CounterFile(), Semaphore(2)),
    "goes on": (goes_on, CounterFile(), LOCK),
    "gives up": (gives_up, CounterFile(), LOCK),
}
TEAMS = {name: ([(worker, tuple(args))] * 2, one, None) for name, (worker, *args) in TWICE.items()}
TEAMS["two rounds"] = (
    [(increment_without_lock, (CounterFile(), 2, 0))] * 2,
    lambda values: values["counter"] == 4,
    None,
)
TEAMS["an old number"] = (
    [(remembers, (LEFT, RIGHT, LOCK))] * 2,
    lambda values: values["left"] == 4,
    None,
)
TEAMS["opposite orders"] = [(cross, (A, B)), (cross, (B, A))], lambda values: True, None
TEAMS["an exception"] = [(bare, (CounterFile(), LOCK))] * 2, lambda values: True, ("A", 1)
TEAMS["an auditor"] = (
    [(pay, (LEFT, RIGHT, LOCK)), (audit, (LEFT, RIGHT, LOCK))],
    lambda v: True,
    None,
)


def explained(name):
    """The team, what is right, the fault, the exploration, and the Explanation of its shortest failing order."""
    team, holds, fault = TEAMS[name]

    def ends_well(outcome):
        died = [error for error in outcome.errors if "injected" not in error]
        return outcome.verdict == "ended" and not died and (bool(fault) or holds(outcome.values))

    found = explore(team=team, processes=2, fault=fault, holds=ends_well)
    walk = Walk(team=team, processes=2, fault=fault, schedule=found.failing.schedule)
    turning = found.turning_point(found.failing)
    return found, walk, analysis.explain(walk.events, turning, found.failing.lines), ends_well


@pytest.mark.parametrize("name", TEAMS)
def test_before_the_step_a_right_end_can_be_reached_and_after_it_none(name):
    team, holds, fault = TEAMS[name]
    found, _, why, _ = explained(name)
    order, step = found.failing.schedule, why.turn.step

    def good(values):
        return holds(values)

    if fault:  # A dies of it: it counts whether B gets to its end
        return
    assert True in ends(team, order[: step - 1], good)
    assert ends(team, order[:step], good) == {False}


@pytest.mark.parametrize("name", TEAMS)
def test_the_two_accesses_touch_one_thing_and_belong_to_two_processes(name):
    _, walk, why, _ = explained(name)
    one, other = why.pair
    assert {one.event, other.event} <= set(walk.events)
    assert one.event.process != other.event.process
    assert one.event.identity == other.event.identity
    if analysis.is_of_file(one.event):
        assert "write" in (one.event.op, other.event.op)


@cases(
    "name collision fault",
    ("no lock", "A reads 'counter' 0 (step 1, line N), and then: A writes 'counter' 1 (step 4, line N). In between: B writes 'counter' 1 (step 3, line N)",
     "No lock guards 'counter' all the time. None is held at step 1, step 3 and step 4: A reads"),
    ("a read outside", "In between: B writes 'counter' 1", "None is held at step 1: A reads 'counter' 0 (step 1, line N)"),
    ("two sections", "In between: B writes 'counter' 1", "It is given back in between: A reads 'counter' 0"),
    ("an old number", "A writes 'left' 1 (step 3, line N), and then: A writes 'left' 2", "It is given back in between: A writes 'left' 1"),
    ("locks of their own", "In between: B writes 'counter' 1", "Each has another one: A acquires the lock (step 1, line N)"),
    ("two permits", "In between: B writes 'counter' 1", "None is held at step 2, step 5 and step 7: A acquires the semaphore"),
    ("goes on", "In between: B writes 'counter' 1", "None is held at step 5: B does not get the lock"),
    ("gives up", "B does not get the lock", "What the processes do before and after that does not fit: A acquires the lock"),
    ("opposite orders", "A acquires lock a (step 1, line N), and then: B waits for lock a (step 4)", "Each holds what the next one waits for"),
    ("an exception", "A acquires the lock (step 1, line N), and then: B waits for the lock", "Its holder ended and kept it"),
    ("an auditor", "In between: B reads 'left' 1", "It is given back in between: A writes 'left' 1"),
)  # fmt: skip
def test_it_says_what_comes_between_and_which_lock_is_missing(name, collision, fault):
    _, _, why, _ = explained(name)
    assert collision in re.sub(r"line \d+", "line N", why.collision)
    assert fault in re.sub(r"line \d+", "line N", why.fault)


@pytest.mark.parametrize("name", TEAMS)
def test_the_lines_at_fault_are_lines_of_the_worker(name):
    _, _, why, _ = explained(name)
    workers = {worker.__code__ for worker, _ in TEAMS[name][0]}
    lines = {line for code in workers for _, _, line in code.co_lines() if line}
    assert why.lines
    assert lines.issuperset(why.lines)
    assert all(f"{number}" in why.fault for number in why.lines)


def test_what_fails_from_the_start_or_by_a_step_that_is_not_known_has_no_explanation():
    walk = Walk(increment_without_lock, CounterFile(), 1, 0, schedule="ABBA")
    assert analysis.explain(walk.events, 0) is None
    assert analysis.explain(walk.events, None) is None


def test_an_exploration_tells_it_in_words():
    found = explore(increment_without_lock, CounterFile(), 1, 0)
    assert found.explanation.startswith(
        "After this step nothing can save it: B reads 'counter' 0 (step 2). A reads"
    )
    assert explore(increment_with_lock, CounterFile(), Lock(), 1, 0).explanation == ""


def test_an_exploration_of_a_learners_file_runs_nothing_of_it_here(learner):
    worker = learner("def work(counter):\n    counter.write(counter.read() + 1)\n")
    found = explore(worker, CounterFile())
    assert found.failing
    assert found.explanation == ""


def test_the_table_marks_the_step_in_words():
    walk = Walk(increment_without_lock, CounterFile(), 1, 0, schedule="ABBA")
    rows = interleaving_table(walk.events, walk.processes, turning=2).split("<tr>")
    assert ["no way back" in row for row in rows] == [False, False, False, True, False, False]
    assert "no way back" not in interleaving_table(walk.events, walk.processes)


# ---- how a check shows them


def page_of(*hints):
    part = checking.Part("", Failure("no_lock", "<the reason>"), (), 1, hints=hints)
    return checking.Check("my_x.py", (part,))


def test_each_hint_lies_inside_the_one_before_it():
    page = page_of("first <b>", "second", "third")._repr_html_()
    body = page.partition("(no lock)")[2]
    wanted = "".join(
        f"<details><summary>Hint {n} of 3</summary><div>{text}</div>"
        for n, text in enumerate(("first &lt;b&gt;", "second", "third"), 1)
    )
    assert re.sub(r' style="[^"]*"', "", body).startswith(f"{wanted}</details></details></details>")


def test_the_reason_is_folded_on_a_page_and_plain_in_a_text():
    found = page_of("first", "second", "third")
    assert "reason" not in found._repr_html_()
    assert str(found) == "my_x.py: not yet (no lock). <the reason>"
