"""Situations merged by what workers can still tell apart, beside all that they have seen; and two walkers beside each other."""

import contextlib
import linecache
import math
import sys

import pytest
from cases import few
from interrupts import interrupted, lines
from random_workers import source
from runs import LOCKED, RACE, team_of
from test_schedules import MODELS, brute_force, reported

from helpers import events
from helpers.events import pause
from helpers.resources import CounterFile, Lock, RLock
from helpers.schedules import explore, find, tree
from helpers.schedules.walkers import RerunWalker, current
from helpers.workers import contention, counter

# ---- equal to all that they have seen


def shown(found):
    """What must not depend on how situations are told apart."""
    outcomes = [
        (o.verdict, o.values, o.errors, o.count, o.is_right, len(o.schedule))
        for o in found.outcomes
    ]
    return found.ended, found.cut, found.doubt, sorted(outcomes, key=repr)


def loaded(text, name):
    linecache.cache[name] = len(text), None, text.splitlines(True), name
    space = {"__name__": "by_chance"}
    exec(compile(text, name, "exec"), space)  # noqa: S102
    return space["work"]


def random_team(seed):
    work = loaded(source(seed), f"<worker {seed}>")
    shared_objects = CounterFile("x"), CounterFile("y", 1), [Lock, RLock][seed % 2]("k"), Lock("l")
    return [(work, (*shared_objects, number)) for number in (0, seed % 3 % 2)]


@pytest.mark.parametrize("seed", few(range(500), 20))
def test_random_workers_end_alike_by_state_and_by_history(seed):
    team = random_team(seed)
    by_history = explore(team=team, history=True, limit=20_000)
    by_state = explore(team=team, limit=20_000)
    assert by_history.merged == "by history (as was asked for)"
    if by_history.ended == "complete":
        assert shown(by_state) == shown(by_history), source(seed)
    elif by_history.ended == "waits in a loop":
        assert by_state.ended == "waits in a loop", source(seed)


@pytest.mark.parametrize("seed", few(range(500), 8))
def test_random_workers_end_as_brute_force_says(seed):
    """All orders walked one by one in a world that shares no code with the models."""
    team = random_team(seed)
    found = explore(team=team, limit=20_000)
    if found.ended == "complete" and found.schedules <= 2_000:
        assert reported(found) == brute_force(team), source(seed)


@pytest.mark.parametrize("model", few(MODELS, len(MODELS)))
def test_both_walkers_find_the_same(model, monkeypatch):
    assert tree.walker_kind is not RerunWalker
    members = MODELS[model]()
    parked = explore(team=members, processes=len(members))
    monkeypatch.setattr(tree, "walker_kind", RerunWalker)
    again = explore(team=members, processes=len(members))
    assert (again.outcomes, again.states, again.doubt) == (parked.outcomes, parked.states, "")


@pytest.mark.parametrize("seed", few(range(100), 5))
def test_both_walkers_find_the_same_of_random_workers(seed, monkeypatch):
    parked = explore(team=random_team(seed), limit=5_000)
    monkeypatch.setattr(tree, "walker_kind", RerunWalker)
    again = explore(team=random_team(seed), limit=5_000)
    assert (again.outcomes, again.states) == (parked.outcomes, parked.states), source(seed)


def swallow(lock):
    while True:
        try:
            lock.acquire()
            lock.release()
        except BaseException:  # noqa: BLE001, S110
            pass


if hasattr(sys, "monitoring"):  # what breaks it off is from 3.12 on

    def test_a_worker_that_swallows_all_is_broken_off_without_greenlets(monkeypatch):
        monkeypatch.setattr(tree, "walker_kind", RerunWalker)
        assert explore(swallow, Lock(), processes=1).ended == "waits in a loop"


# ---- what can be read, and what cannot


def add(counter, lock, times):
    for _ in range(times):
        with lock:
            value = counter.read()
            pause(0.001)
            counter.write(value + 1)


def add_with_finally(counter, lock, times):
    for _ in range(times):
        lock.acquire()
        try:
            value = counter.read()
            counter.write(value + 1)
        finally:
            lock.release()


def take(lock):
    return lock.acquire()


def add_through_a_helper(counter, lock, times):
    for _ in range(times):
        take(lock)
        value = counter.read()
        counter.write(value + 1)
        lock.release()


def add_to_a_list(counter, lock, times):
    seen = []
    while len(seen) < times:
        value = counter.read()
        seen.append(value)


READ = [add, add_with_finally, add_through_a_helper, add_to_a_list]


@pytest.mark.parametrize("worker", READ)
def test_plain_workers_are_read(worker):
    by_state = explore(worker, CounterFile(), Lock(), 3)
    assert by_state.merged == "by state"
    by_history = explore(worker, CounterFile(), Lock(), 3, history=True)
    assert shown(by_state) == shown(by_history)


def half_used(counter):
    counter.write(counter.read() + 1)


def loop_over_a_list(counter):
    for number in [1, 2]:
        counter.write(number)


def loop_whose_place_is_lost(counter):
    for _ in range(2):
        for _ in range(2):
            counter.read()


def loop_of_unknown_length(counter):
    for _ in range(counter.read() + 2):
        counter.read()


def loop_whose_end_is_forgotten(counter):
    times = counter.read() + 2
    for _ in range(times):
        times = 0
        counter.read()


def handle(counter):
    try:
        raise KeyError
    except KeyError:
        counter.read()


def generate(counter):
    def reads():
        yield counter.read()

    next(reads())


def let_others_call(counter):
    list(map(CounterFile.read, [counter]))


_KNOWN = []


def keep_in_a_global(counter):
    _KNOWN.append(counter.read())
    _KNOWN.clear()


def keep_in_a_default(counter, known=[]):  # noqa: B006
    known.append(counter.read())
    known.clear()


def keep_at_the_function(counter):
    keep_at_the_function.known = counter.read()


def keep_outside(counter):
    known = 0

    def look():
        nonlocal known
        known = counter.read()

    look()


def keep_under_two_names(counter):
    one = other = []
    value = counter.read()
    one.append(value)
    counter.write(value)
    return one, other


class Kept:
    def __init__(self):
        self.known = 0


def keep_in_an_object(counter):
    kept = Kept()
    kept.known = counter.read()
    counter.write(kept.known)


def loop_over_one_of_two(counter):
    found = counter.read()
    for _ in range(1) if found else range(3):
        value = counter.read()
        if value == 0:
            counter.write(1)


def keep_in_a_method_of_a_list(counter):
    left = [1, 2].pop
    try:
        while True:
            left()
            value = counter.read()
            counter.write(value + 1)
    except IndexError:
        pass


def keep_in_a_class(counter):
    class Seen:
        values = []  # noqa: RUF012

    value = counter.read()
    Seen.values.append(value)
    counter.write(len(Seen.values))


def keep_in_a_set(counter):
    seen = {0, 1}
    seen.discard(counter.read())
    counter.write(seen.pop())


def use_own_locks_by_turns(counter):
    one, other = Lock("one"), Lock("other")
    value = counter.read()
    other.acquire()
    one.acquire()
    counter.write(value + 1)
    other.release()
    one.release()


HISTORY = [
    (loop_over_one_of_two, "no range"),
    (keep_in_a_method_of_a_list, "no plain value"),
    (keep_in_a_class, "which object"),
    (keep_in_a_set, "no plain value|half-used"),
    (use_own_locks_by_turns, "not used yet"),
    (half_used, "half-used"),
    (loop_over_a_list, "no range"),
    (loop_whose_place_is_lost, "no range"),
    (loop_of_unknown_length, "no range"),
    (loop_whose_end_is_forgotten, "no range"),
    (handle, "half-used"),
    (generate, "generator"),
    (let_others_call, "half-used, or|something else"),
    (keep_in_a_global, "outside of the call"),
    (keep_in_a_default, "outside of the call"),
    (keep_at_the_function, "outlives the call"),
    (keep_outside, "belongs to the function around it"),
    (keep_under_two_names, "two names"),
    (keep_in_an_object, "outlives the call|class of its own"),
]


@pytest.mark.parametrize(("worker", "why"), HISTORY)
def test_what_cannot_be_read_safely_is_known_by_its_history(worker, why):
    by_state, by_history = (explore(worker, CounterFile(), history=h) for h in (False, True))
    assert by_state.merged.startswith("by history (")
    assert any(words in by_state.merged for words in why.split("|")), by_state.merged
    assert (by_state.ended, shown(by_state)) == ("complete", shown(by_history))


COURSE = [
    (counter.increment_without_lock, lambda: (CounterFile(), 2, 0)),
    (counter.increment_with_lock, lambda: (CounterFile(), Lock(), 2, 0)),
    (counter.increment_locking_each_step, lambda: (CounterFile(), Lock(), 2, 0)),
    (contention.dine_naively, lambda: (Lock("left"), Lock("right"), 2, 0)),
]


@pytest.mark.parametrize(("worker", "args"), COURSE)
def test_the_course_s_own_workers_are_read(worker, args):
    assert explore(worker, *args()).merged == "by state"


# ---- how far it gets


def orders(processes, steps):
    """Orders of processes with so many steps each, any of which may come next."""
    return math.factorial(processes * steps) // math.factorial(steps) ** processes


@pytest.mark.parametrize("size", few([(2, 8), (4, 3), (6, 2)]))
def test_more_processes_and_rounds_are_counted_exactly(size):
    processes, times = size
    found = explore(counter.increment_without_lock, CounterFile(), times, 0, processes=processes)
    assert (found.ended, found.schedules) == ("complete", orders(processes, 2 * times))
    assert found.states < 50_000


# ---- circles


def wait_for(flag):
    while flag.read() < 1:
        pass


def put(flag):
    flag.write(1)


def give_way(mine, others):
    """Two polite ones: each steps back as long as the other one wants to go, and wants again."""
    while True:
        mine.write(1)
        if others.read() == 0:
            break
        mine.write(0)


def give_way_and_go(mine, others):
    while True:
        mine.write(1)
        value = others.read()
        if value == 0:
            break
        mine.write(0)
    mine.write(0)


def wait_for_ever(flag):
    while flag.read() < 2:
        pass


def flags():
    flag = CounterFile("flag")
    return [(wait_for, (flag,)), (put, (flag,))]


def test_a_wait_is_a_circle_that_may_last_for_ever_and_ends():
    found = explore(team=flags())
    assert found.ended == "waits in a loop"
    assert "A waits in a loop: while nobody else moves, it repeats read flag" in found.reason
    assert [(o.verdict, o["flag"], o.count) for o in found.outcomes] == [("ended", 1, 1)]
    assert not found.is_proof


def test_what_nothing_can_end_any_more_is_a_livelock():
    found = explore(wait_for_ever, CounterFile("flag"))
    assert [(o.verdict, o.is_right) for o in found.outcomes] == [("livelock", False)]
    assert "livelock" in found.reason


def test_two_who_give_way_to_each_other_may_go_round_for_ever():
    left, right = CounterFile("left"), CounterFile("right")
    found = explore(team=[(give_way, (left, right)), (give_way, (right, left))])
    assert [o.verdict for o in found.outcomes] == ["livelock"]  # whoever goes leaves its flag up
    left, right = CounterFile("left"), CounterFile("right")
    found = explore(team=[(give_way_and_go, (left, right)), (give_way_and_go, (right, left))])
    assert [(o.verdict, o.values) for o in found.outcomes] == [("ended", {"left": 0, "right": 0})]
    assert "waits in a loop" in found.reason


def wait_by_history(flag, other, lock):
    for _ in [1]:
        while True:
            with lock:
                pass
            if flag.read():
                break


def let_go(flag, other, lock):
    other.write(1)
    while lock.acquire(False):
        lock.release()
    flag.write(1)


def test_a_loop_known_by_history_makes_no_livelock_of_what_has_a_way_out():
    things = CounterFile("flag"), CounterFile("other"), Lock()
    found = explore(team=[(wait_by_history, things), (let_go, things)])
    assert found.ended == "waits in a loop"
    assert "livelock" not in {outcome.verdict for outcome in found.outcomes}


def test_a_method_of_a_lock_can_be_the_worker():
    found = explore(Lock.acquire, Lock())
    assert [(o.verdict, o.errors, o.count) for o in found.outcomes] == [("orphaned_lock", (), 2)]


# ---- a failing order without counting


def test_a_shortest_failing_order_is_found():
    found = find(*RACE)
    assert str(found) == "ABBA fails: 1; no shorter order does"


def test_none_found_says_in_how_many():
    assert str(find(*LOCKED)) == "none found in 9 situations"


def test_where_there_are_too_many_chance_finds_one():
    asked = counter.increment_without_lock, CounterFile(), 4, 0
    found = find(*asked, processes=4, limit=500, walks=200, holds=lambda o: o["counter"] > 4)
    assert found.failing["counter"] <= 4
    assert "found by chance: a shorter one may, too" in str(found)
    again = find(*asked, processes=4, limit=500, walks=200, holds=lambda o: o["counter"] > 4)
    assert again.failing == found.failing
    none = find(*asked, processes=4, limit=500, walks=50, holds=lambda o: True)
    assert str(none) == "none found in 500 situations and 50 walks by chance"


def begin_and_wait(flag, counter):
    counter.write(5)
    while flag.read() < 1:
        pass
    value = counter.read()
    counter.write(value + 1)


def reset_and_put(flag, counter):
    flag.write(1)
    counter.write(0)


def test_whoever_has_to_wait_in_between_has_not_run_one_after_the_other():
    things = CounterFile("flag"), CounterFile()
    found = find(team=[(begin_and_wait, things), (reset_and_put, things)], limit=3, walks=50)
    assert {o["counter"] for o in found.tried.walked if o.is_right} == {6}


# ---- the step after which nothing can save it


def can_still_end_well(team, schedule, is_right):
    """By walking on from there in every way."""
    from helpers.schedules import Walk

    waiting = [schedule]
    while waiting:
        walk = Walk(team=team, processes=len(team), schedule=waiting.pop())
        if walk.is_over and is_right(walk.values):
            return True
        waiting += [walk.schedule + letter for letter in walk.able]
    return False


@pytest.mark.parametrize("processes", [2, 3])
def test_the_turning_point_is_where_no_order_leads_to_a_right_end_any_more(processes):
    team = team_of(counter.increment_without_lock, CounterFile(), 1, 0, processes=processes)
    found = explore(team=team, processes=processes)
    for outcome in found.outcomes:
        turn = found.turning_point(outcome)
        assert (turn is None) == outcome.is_right
        for steps in range(len(outcome.schedule) + 1):
            saved = can_still_end_well(
                team, outcome.schedule[:steps], lambda values: values["counter"] == processes
            )
            assert saved == (turn is None or steps < turn)


def test_a_schedule_knows_its_lines():
    found = explore(*RACE).failing
    first = counter.increment_without_lock.__code__.co_firstlineno
    assert [line - first for line in found.lines] == [2, 2, 4, 4]


# ---- interrupts


@pytest.mark.parametrize("kind", few([RerunWalker, tree.walker_kind], 2))
def test_an_interrupt_at_any_line_comes_out_and_nothing_is_left(kind, monkeypatch):
    """With either walker: the next steps in a cell are real again."""
    monkeypatch.setattr(tree, "walker_kind", kind)
    members = MODELS["a lock for each step"]()

    def count():
        return explore(team=members)

    whole = lines(count, "schedules")
    for moment in range(1, whole, 1 + whole // 30):
        with contextlib.suppress(KeyboardInterrupt):
            assert interrupted(count, moment, "schedules") is None
        assert type(events.observer) is events.Unobserved
        assert current() is None
