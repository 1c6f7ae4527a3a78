"""The explorer against unmerged brute force, known counts, and workers that cannot be explored."""

import gc
import itertools
import math
import multiprocessing
import random
import signal
import threading
from collections import Counter

import greenlet
import pytest
import workers_for_tests as workers
from cases import few
from claim import claim
from interrupts import interrupted
from runs import LOCKED, RACE, Stop, crossed, team_of

from helpers import events, lab
from helpers.events import InjectedFault
from helpers.resources import CounterFile, Lock, RLock
from helpers.schedules import Walk, explore, switches
from helpers.topics import philosopher_team
from helpers.workers.counter import (
    increment_locking_each_step,
    increment_with_bare_acquire,
    increment_with_lock,
    increment_without_lock,
)
from helpers.workers.reentrant import ask_in_second_thread

# ---- brute force: every order walked by itself from the start, with a world of dicts


class World:
    """Files and locks as dicts; hears the workers' steps. It shares no code with the models."""

    lock_tape = None
    name = "-"

    def __init__(self, members, fault=None):
        self.files = {t.name: str(t.start) for _, args in members for t in args if is_file(t)}
        self.owner, self.depth, self.own, self.count = {}, Counter(), {}, Counter()
        self.done, self.errors = [], {}
        self.fault = fault
        self.members = members
        self.main = greenlet.getcurrent()
        self.running = [greenlet.greenlet(self._body(i)) for i in range(len(members))]
        self.wanted = {}

    def _body(self, me):
        worker, args = self.members[me]

        def body():
            try:
                worker(*args)
            except greenlet.GreenletExit:
                raise
            except BaseException as error:  # noqa: BLE001
                self.errors[me] = f"{type(error).__name__}: {error}"

        return body

    def start(self):
        for me, running in enumerate(self.running):
            self.wanted[me] = running.switch()

    def step(self, shared, op, arg=None):
        return self.main.switch((shared, op, arg))

    def pause(self, seconds):
        pass

    def able(self):
        return [me for me in self.wanted if not self.running[me].dead and not self._waits(me)]

    def _lock(self, me, shared):
        is_passed = any(shared is t for _, args in self.members for t in args)
        return shared if is_passed else (me, shared)

    def _is_fault(self, me, op):
        return self.fault == (me, self.count[me]) and op != "release"

    def _waits(self, me):
        shared, op, arg = self.wanted[me]
        if op != "acquire" or arg != (True, None) or self._is_fault(me, op):
            return False
        owner = self.owner.get(self._lock(me, shared))
        return owner is not None and not (isinstance(shared, RLock) and owner == me)

    def move(self, me):
        self.done.append(me)
        shared, op, arg = self.wanted[me]
        if self._is_fault(me, op):
            self.count[me] += 1
            self.wanted[me] = self.running[me].throw(InjectedFault())
            return
        self.count[me] += 1
        try:
            result = getattr(self, f"_{op}")(me, shared, arg)
        except Exception as error:  # noqa: BLE001
            self.wanted[me] = self.running[me].throw(error)
        else:
            self.wanted[me] = self.running[me].switch(result)

    def _read(self, me, shared, arg):
        text = self.files[shared.name]
        return 0 if not text and shared.empty_mode == "zero" else int(text)

    def _write(self, me, shared, number):
        self.files[shared.name] = str(number)

    def _empty(self, me, shared, number):
        self.files[shared.name] = ""

    def _fill(self, me, shared, number):
        text = str(number)
        self.files[shared.name] = text + self.files[shared.name][len(text) :]

    def _acquire(self, me, shared, arg):
        lock = self._lock(me, shared)
        if self.owner.get(lock) is None or (isinstance(shared, RLock) and self.owner[lock] == me):
            self.owner[lock] = me
            self.depth[lock] += 1
            return True
        return False

    def _release(self, me, shared, arg):
        lock = self._lock(me, shared)
        if isinstance(shared, RLock) and self.owner.get(lock) != me:
            raise AssertionError("attempt to release recursive lock not owned by thread")
        if self.owner.get(lock) is None:
            raise ValueError("semaphore or lock released too many times")
        self.depth[lock] -= 1
        if not self.depth[lock]:
            self.owner[lock] = None

    def ending(self):
        stuck = any(not running.dead for running in self.running)
        values = {name: int(text) if text.isdecimal() else 0 for name, text in self.files.items()}
        return stuck, tuple(sorted(values.items())), tuple(sorted(self.errors.values()))


def is_file(shared):
    return isinstance(shared, CounterFile)


def brute_force(members, fault=None):
    """Counter of endings over all orders, each walked alone; and the shortest (steps, switches) of each."""
    counts, shortest = Counter(), {}
    waiting = [()]
    while waiting:
        order = list(waiting.pop())
        world = World(members, fault)
        before, events.observer = events.observer, world
        try:
            world.start()
            for me in order:
                world.move(me)
            while able := world.able():
                waiting += [(*world.done, other) for other in able[1:]]
                world.move(able[0])
            ending = world.ending()
            cost = len(world.done), switches("".join(map(str, world.done)))
        finally:
            world.step = lambda *step: (_ for _ in ()).throw(greenlet.GreenletExit())
            for running in world.running:
                running.throw()
            events.observer = before
        counts[ending] += 1
        shortest[ending] = min(shortest.get(ending, cost), cost)
    return counts, shortest


def reported(exploration):
    """An exploration in the form of brute force."""
    counts, shortest = Counter(), {}
    for outcome in exploration.outcomes:
        stuck = outcome.verdict != "ended"
        ending = stuck, tuple(sorted(outcome.values.items())), outcome.errors
        counts[ending] += outcome.count
        cost = len(outcome.schedule), switches(outcome.schedule)
        shortest[ending] = min(shortest.get(ending, cost), cost)
    return counts, shortest


def sort_out(odd, even, outer, left, right, rounds):
    """Two files, three locks, a branch and a loop."""
    for _ in range(rounds):
        with outer:
            value = odd.read()
        if value % 2:
            with left:
                odd.write(value + 1)
        else:
            right.acquire()
            odd.write(value + 3)
            even.write(even.read() + 1)
            right.release()


def walk_down(lock, depth):
    with lock:
        if depth:
            walk_down(lock, depth - 1)


def try_to_add(counter, lock):
    if lock.acquire(block=False):
        counter.write(counter.read() + 1)
        lock.release()


def add_under_own_lock(counter):
    lock = Lock("own")
    with lock:
        counter.write(counter.read() + 1)


def release_what_others_hold(counter, lock):
    lock.release()
    counter.write(counter.read() + 1)


def add_or_fail(counter):
    value = counter.read()
    if value > 1:
        raise KeyError("too many")
    counter.write(value + 1)


def ring():
    a, b, c = Lock("a"), RLock("b"), Lock("c")
    return [(workers.take_both, pair) for pair in ((a, b), (b, c), (c, a))]


def sorters():
    shared_objects = CounterFile("odd"), CounterFile("even"), Lock("o"), Lock("l"), Lock("r")
    return [(sort_out, (*shared_objects, 1)), (sort_out, (*shared_objects, 2))]


def kept_and_released():
    lock = Lock()
    return [
        (increment_with_lock, (CounterFile(), lock, 1, 0)),
        (release_what_others_hold, (CounterFile("other"), lock)),
    ]


TRIPLE = increment_without_lock, CounterFile(), 3, 0
MODELS = {
    "two files, three locks, a branch and a loop": lambda: team_of(
        sort_out, CounterFile("odd"), CounterFile("even"), Lock("o"), Lock("l"), Lock("r"), 1
    ),
    "three without a lock": lambda: team_of(
        increment_without_lock, CounterFile(), 1, 0, processes=3
    ),
    "two by two": lambda: team_of(increment_without_lock, CounterFile(), 2, 0),
    "emptied and filled, from 9": lambda: team_of(
        increment_without_lock, CounterFile(start=9, write="truncate"), 1, 0, processes=2
    ),
    "three emptied and filled, from 8": lambda: team_of(
        increment_without_lock, CounterFile(start=8, write="truncate"), 1, 0, processes=3
    ),
    "an empty read raises": lambda: team_of(
        increment_without_lock, CounterFile(write="truncate", empty="raise"), 2, 0
    ),
    "a lock for each step": lambda: team_of(
        increment_locking_each_step, CounterFile(), Lock(), 1, 0
    ),
    "a circle of three locks": ring,
    "recursion": lambda: team_of(walk_down, RLock(), 2),
    "recursion with a lock": lambda: team_of(walk_down, Lock(), 1),
    "a try": lambda: team_of(try_to_add, CounterFile(), Lock(), processes=3),
    "a lock of its own": lambda: team_of(add_under_own_lock, CounterFile()),
    "a release by a stranger": kept_and_released,
    "some fail": lambda: team_of(add_or_fail, CounterFile(), processes=3),
    "the first of these, one of them twice": sorters,
}  # fmt: skip


@claim("03", "the explorer counts exactly")
@pytest.mark.parametrize("model", few(MODELS, len(MODELS) - 1))
def test_merging_changes_no_outcome_no_count_and_no_shortest_schedule(model):
    members = MODELS[model]()
    exploration = explore(team=members, processes=len(members))
    assert exploration.is_proof
    assert reported(exploration) == brute_force(members)


@pytest.mark.parametrize("step", range(8))
def test_an_exception_in_place_of_any_step(step):
    members = team_of(increment_with_lock, CounterFile(), Lock(), 2, 0)
    exploration = explore(team=members, fault=("A", step))
    assert reported(exploration) == brute_force(members, (0, step))
    is_release = step in (3, 7)
    assert all(bool(outcome.errors) is not is_release for outcome in exploration.outcomes)


# ---- known counts


def test_four_unlocked_increments_have_2520_schedules():
    exploration = explore(*RACE, processes=4)
    assert exploration.schedules == 2520 == math.factorial(8) // 2**4
    assert [o.count for o in exploration.outcomes if o["counter"] == 4] == [24]  # one by one
    assert exploration.failures == 2520 - 24


@pytest.mark.parametrize(("processes", "times"), [(2, 1), (2, 3), (3, 2), (2, 5), (5, 1)])
def test_without_a_lock_any_order_of_the_letters_is_a_schedule(processes, times):
    exploration = explore(increment_without_lock, CounterFile(), times, 0, processes=processes)
    steps = 2 * times
    orders = math.factorial(processes * steps) // math.factorial(steps) ** processes
    assert exploration.schedules == orders


@claim("04", "with the lock 2 orders are left, 252 with five updates, all right")
@pytest.mark.parametrize(("processes", "times", "rounds"), [(2, 1, 2), (2, 5, 252), (3, 2, 90)])
def test_with_the_lock_whole_rounds_follow_each_other(processes, times, rounds):
    exploration = explore(increment_with_lock, CounterFile(), Lock(), times, 0, processes=processes)
    assert (exploration.schedules, exploration.failures) == (rounds, 0)
    assert [outcome["counter"] for outcome in exploration.outcomes] == [processes * times]
    assert exploration.is_proof


def test_two_that_add_five_each_can_end_with_two_and_with_nothing_less():
    exploration = explore(increment_without_lock, CounterFile(), 5, 0)
    assert exploration.schedules == 184_756 == math.comb(20, 10)
    assert [outcome["counter"] for outcome in exploration.outcomes] == list(range(2, 11))


def count_by_positions(seats):
    """How many orders end, and how many get stuck: philosophers as bare numbers of steps done.

    One with n steps done holds its left fork for n from 1 to 3, its right fork for n = 2.
    """
    ways, ends, stuck = Counter({(0,) * seats: 1}), 0, 0
    for _ in range(4 * seats + 1):
        following = Counter()
        for places, count in ways.items():
            moved = False
            for seat, place in enumerate(places):
                right = places[(seat + 1) % seats]  # holds its left fork, which is my right one
                left = places[seat - 1]  # holds its right fork, which is my left one
                if place == 4 or (place == 0 and left == 2) or (place == 1 and right in (1, 2, 3)):
                    continue
                moved = True
                following[*places[:seat], place + 1, *places[seat + 1 :]] += count
            if not moved and places == (4,) * seats:
                ends += count
            elif not moved:
                stuck += count
        ways = following
    return ends, stuck


def deadlocks_of(exploration):
    """In how many situations each of its deadlocks is met."""
    return [o.situations for o in exploration.outcomes if o.verdict == "deadlock"]


def test_five_philosophers_against_a_count_over_program_positions():
    exploration = explore(team=philosopher_team(), processes=5)
    found = {outcome.verdict: outcome.count for outcome in exploration.outcomes}
    assert (found["ended"], found["deadlock"]) == count_by_positions(5)
    assert exploration.schedules == 66_468_720
    assert found["deadlock"] == 120
    assert deadlocks_of(exploration) == [1]  # each has taken its left fork
    assert exploration.failing.schedule == "ABCDE"
    assert exploration.failing.circle[:4] == ("A", "fork 2", "B", "fork 3")


def test_deadlocked_situations_are_counted():
    assert deadlocks_of(explore(team=crossed())) == [1]
    assert deadlocks_of(explore(*LOCKED)) == []


def test_equal_locks_in_other_hands_are_no_symmetry():
    """Two take left then right, one right then left: its orders are not those of three alike."""
    first, second = crossed()
    mixed = [first, second, first]
    assert reported(explore(team=mixed, processes=3)) == brute_force(mixed)


# ---- what is right, and what a property is


def test_right_is_what_one_after_the_other_can_end_with():
    exploration = explore(*RACE)
    assert {(o["counter"], o.is_right) for o in exploration.outcomes} == {(1, False), (2, True)}
    assert exploration.failing.schedule in ("ABBA", "BAAB")


def test_a_death_is_never_right_but_for_the_fault_that_was_asked_for():
    always = explore(release_what_others_hold, CounterFile(), Lock())
    assert always.failures == always.schedules > 0
    alone = explore(add_or_fail, CounterFile(start=2), processes=1)
    assert alone.finding == "1 of 1 order goes wrong, such as A"
    wanted = explore(*LOCKED, fault=("A", 1))
    assert wanted.failures == 0


def test_a_worker_without_a_step_proves_nothing():
    def give_a_generator(counter):
        yield counter.read()

    exploration = explore(give_a_generator, CounterFile())
    assert "no process takes a step" in str(exploration)
    assert not exploration.is_proof


def test_one_order_is_one_order():
    exploration = explore(*RACE, processes=1)
    assert str(exploration) == "1 order, and it is right · 3 situations, merged by state"


def test_a_property_says_what_is_right():
    exploration = explore(
        increment_without_lock, CounterFile(), 1, 0, holds=lambda o: o["counter"] == 1
    )
    assert {(o["counter"], o.is_right) for o in exploration.outcomes} == {(1, True), (2, False)}


def test_every_shortest_schedule_leads_where_it_says():
    for outcome in explore(*TRIPLE).outcomes:
        walk = Walk(*TRIPLE, schedule=outcome.schedule)
        assert walk.is_over
        assert walk.values == outcome.values


# ---- limits, progress, cancel


def test_a_limit_on_situations_is_named():
    exploration = explore(increment_without_lock, CounterFile(), 5, 0, limit=100)
    assert (exploration.ended, exploration.states) == ("limit reached", 100)
    assert "more than the limit of 100 situations" in exploration.sentence
    assert "proves nothing" in exploration.sentence
    assert not exploration.is_proof


def count_up_for_ever(counter):
    while True:
        counter.write(counter.read() + 1)


def test_a_worker_whose_steps_never_end_reaches_the_limit():
    exploration = explore(count_up_for_ever, CounterFile(), limit=2_000)
    assert exploration.ended == "limit reached"
    assert exploration.schedules == 0


def test_progress_is_told_and_stop_ends_it():
    stop = Stop(after=4)
    exploration = explore(*TRIPLE, processes=3, progress=stop.progress, stop=stop)
    assert exploration.ended == "stopped"
    ((*early, last),) = zip(*stop.reported, strict=True)
    assert early == sorted(early) and len(early) == 3
    assert last <= exploration.states < 2 * last


def retry(counter, lock):
    while not lock.acquire(timeout=0.1):
        pass
    counter.write(counter.read() + 1)
    lock.release()


@pytest.mark.parametrize("tries", [0, 1, 3])
def test_refused_tries_are_followed_up_to_a_number_and_the_result_says_so(tries):
    exploration = explore(retry, CounterFile(), Lock(), tries=tries)
    # One waits through 3 steps of the other: before each of them, and after the last, it may try.
    assert exploration.schedules == 2 * sum(math.comb(k + 2, 2) for k in range(tries + 1))
    assert exploration.cut > 0
    assert not exploration.is_proof
    assert f"given up after more than {tries} refused tries" in str(exploration)


def test_no_function_is_refused():
    with pytest.raises(TypeError, match="give a function"):
        explore("increment", CounterFile())


# ---- workers that cannot be explored truthfully

calls = itertools.count(1)


def do_more_each_time(counter):
    for _ in range(next(calls)):
        counter.read()


def write_a_new_number_each_time(counter):
    counter.write(next(calls))


@pytest.mark.parametrize("worker", [do_more_each_time, write_a_new_number_each_time])
def test_a_worker_that_does_not_do_the_same_each_time_is_found_out(worker):
    exploration = explore(worker, CounterFile(), limit=2_000)
    assert "does not take the same steps each time" in exploration.doubt
    assert exploration.doubt in str(exploration)
    assert not exploration.is_proof


def test_a_steady_worker_is_in_no_doubt():
    assert explore(increment_with_lock, CounterFile(), Lock(), 2, 0).doubt == ""


def leave(counter):
    counter.read()
    raise SystemExit(3)


def test_sys_exit_ends_the_process_of_the_model_only():
    exploration = explore(leave, CounterFile())
    assert [outcome.errors for outcome in exploration.outcomes] == [("SystemExit: 3",) * 2]


def make_a_file(path):
    CounterFile("own", path=path).write(1)


def test_a_file_that_the_worker_makes_itself_is_refused_and_not_touched(tmp_path):
    exploration = explore(make_a_file, str(tmp_path / "own.txt"))
    assert "pass the file to it as an argument" in exploration.outcomes[0].errors[0]
    assert list(tmp_path.iterdir()) == []


def keep_a_list(counter, seen):
    seen.append(counter.read())
    counter.write(len(seen))


def test_processes_do_not_share_a_list_that_is_an_argument():
    exploration = explore(keep_a_list, CounterFile(), [])
    assert exploration.doubt == ""
    assert [outcome["counter"] for outcome in exploration.outcomes] == [1]


FILES = {
    "while True: pass": ("timed out", "does the worker loop for ever, or wait"),
    "while True:\n        try: counter.read()\n        except BaseException: pass": (
        "waits in a loop", "A waits in a loop: while nobody else moves, it repeats read counter",
    ),
    "import os; os._exit(7)": ("failed", "exit code 7"),
    "import os; os._exit(0)": ("failed", "the worker ended its process"),
    "import os, signal; os.kill(os.getpid(), signal.SIGTERM)": ("failed", "SIGTERM"),
    "import multiprocessing as m; counter.read(); m.Process(target=print).start()": (
        "complete", "daemonic processes",
    ),
    "raise ValueError('no')": ("complete", "ValueError: no"),
    "import time; time.sleep(50); counter.write(counter.read() + 1)": ("complete", "of 6 orders go wrong"),
}  # fmt: skip


@pytest.mark.parametrize("body", FILES)
def test_a_learners_file_is_explored_in_a_child_that_can_be_ended(body, learner):
    worker = learner(f"def work(counter):\n    {body}\n")
    patience = 1.0 if body == "while True: pass" else 60.0
    exploration = explore(worker, CounterFile(), limit=2_000, deadline=patience)
    ended, words = FILES[body]
    assert exploration.ended == ended
    assert words in f"{exploration} {[outcome.errors for outcome in exploration.outcomes]}"


def test_a_file_with_more_orders_than_time_is_not_said_to_hang(learner):
    counts = learner("def work(counter):\n    while True: counter.write(counter.read() + 1)\n")
    exploration = explore(counts, CounterFile(), limit=10_000_000, deadline=1.0)
    assert (exploration.ended, exploration.reason) == ("limit reached", "no end after 1 s")


def test_a_stopped_exploration_of_a_file_says_so(learner):
    endless = learner("def work(counter):\n    while True: pass\n")
    assert explore(endless, CounterFile(), stop=Stop()).ended == "stopped"


def test_a_file_may_be_explored_for_as_long_as_a_run_may_take(learner):
    assert explore(learner(ADD), CounterFile(), deadline=600.0).schedules == 6


ADD = "def work(counter):\n    counter.write(counter.read() + 1)\n"


def test_several_explorations_of_a_file_share_one_child(learner):
    worker, counter, children = learner(ADD), CounterFile(), []
    with lab.ProcessSet(1) as child:
        for processes, orders in ((2, 6), (3, 90)):
            exploration = explore(worker, counter, processes=processes, within=child)
            assert exploration.schedules == orders
            children += [process.pid for process in multiprocessing.active_children()]
    assert len(children) == 2 and len(set(children)) == 1


def test_what_a_file_prints_in_every_order_is_not_shown(learner, monkeypatch, capfd):
    monkeypatch.setenv("COURSE_START_METHOD", "spawn")  # a child that writes where this test looks
    prints = "    print(counter.read())\n    print('no', file=sys.stderr)\n"
    worker = learner(f"import sys\ndef work(counter):\n{prints}")
    assert explore(worker, CounterFile()).schedules == 2
    assert capfd.readouterr() == ("", "")


def test_a_file_and_a_module_give_the_same(learner):
    here = explore(workers.add_one, CounterFile(), processes=3)
    there = explore(learner(ADD), CounterFile(), processes=3)
    assert [o._replace(lines=()) for o in there.outcomes] == [
        o._replace(lines=()) for o in here.outcomes
    ]
    assert there.is_proof


# ---- loops that wait, and what is told of orders that are not all known


def wait_for_flag(flag):
    while not flag.read():
        pass


def set_flag(flag):
    flag.write(1)


def read_often(flag):
    for _ in range(60):
        flag.read()


def flag_team(*workers):
    flag = CounterFile("flag")
    return [(worker, (flag,)) for worker in workers]


def test_a_loop_that_waits_is_told_as_one_and_all_ways_out_of_it_are_found():
    every = explore(team=flag_team(wait_for_flag, set_flag))
    assert every.ended == "waits in a loop"
    assert "A waits in a loop: while nobody else moves, it repeats read flag" in str(every)
    assert every.states < 20
    assert [(o["flag"], o.is_right) for o in every.outcomes] == [(1, None)]
    assert (every.failures, every.failing, every.is_proof) == (0, None, False)


def test_a_loop_that_ends_by_itself_is_none():
    every = explore(team=flag_team(read_often, set_flag))
    assert (every.ended, every.schedules, every.failures) == ("complete", 61, 0)


def test_a_walk_lets_others_go_before_a_loop_that_waits():
    walk = Walk(team=flag_team(wait_for_flag, set_flag))
    walk.finish()
    assert (walk.is_over, walk.schedule, walk.loops) == (True, "AAABA", {})
    walk = Walk(team=flag_team(wait_for_flag, wait_for_flag))
    walk.finish()
    assert (walk.is_over, set(walk.loops)) == (False, {"A", "B"})


@pytest.mark.exhaustive
@pytest.mark.timeout(240)
def test_a_walk_without_an_end_is_left():
    with pytest.raises(ValueError, match="no end after 10,000 steps"):
        Walk(count_up_for_ever, CounterFile(), processes=1).finish()


def test_what_is_not_complete_calls_nothing_right_or_wrong():
    some = explore(*TRIPLE, limit=104)
    assert (some.ended, some.schedules > 0) == ("limit reached", True)
    assert {outcome.is_right for outcome in some.outcomes} == {None}
    assert (some.failures, some.failing) == (0, None)


def test_what_a_property_has_seen_fail_counts_without_the_rest():
    some = explore(*TRIPLE, limit=104, holds=lambda o: False)
    assert some.failures == some.schedules > 0
    assert "of them wrong, found until then" in some.sentence


def test_the_sentence_names_the_rule_where_it_decided():
    by_rule = explore(*RACE)
    assert "right is what running one after the other can give" in by_rule.sentence
    given = explore(*RACE, holds=lambda o: o["counter"] == 2)
    assert given.sentence == given.finding
    assert given.finding == by_rule.finding


# ---- interrupts of the one who explores


def interrupted_at(moment, swallows=False):
    """A worker whose `moment`th call, over all orders, is interrupted between its read and its write."""
    calls = []

    def add(counter):
        number = counter.read()
        calls.append(1)
        if len(calls) == moment:
            try:
                signal.raise_signal(signal.SIGINT)
            except KeyboardInterrupt:
                if not swallows:
                    raise
        counter.write(number + 1)

    return add


@pytest.mark.parametrize("swallows", [False, True])
def test_an_interrupt_comes_out_of_an_exploration_at_any_moment(swallows):
    before = signal.getsignal(signal.SIGINT)
    for moment in range(1, 7):  # three ways for a worker, each walked twice
        with pytest.raises(KeyboardInterrupt):
            explore(interrupted_at(moment, swallows), CounterFile(), processes=3)
    assert signal.getsignal(signal.SIGINT) is before
    assert type(events.observer) is events.Unobserved
    assert parked() == []


def test_an_interrupt_at_any_line_comes_out():
    experiment, chance = (increment_without_lock, CounterFile(), 2, 0), random.Random(13)
    for moment in sorted(chance.sample(range(1, 3000), 200)):
        with pytest.raises(KeyboardInterrupt):
            interrupted(lambda: explore(*experiment, processes=3), moment, "schedules")
    assert type(events.observer) is events.Unobserved
    assert parked() == []


def test_a_worker_that_raises_keyboard_interrupt_itself_only_dies():
    def give_up(counter):
        counter.read()
        raise KeyboardInterrupt

    every = explore(give_up, CounterFile())
    assert [outcome.errors for outcome in every.outcomes] == [("KeyboardInterrupt",) * 2]


# ---- greenlets, threads, the observer


def parked():
    gc.collect()
    return [g for g in gc.get_objects() if isinstance(g, greenlet.greenlet) and g.parent and g]


def test_no_greenlet_stays_behind():
    explore(team=ring(), processes=3)
    explore(increment_with_lock, CounterFile(), Lock(), 2, 0, limit=7)
    Walk(increment_with_bare_acquire, CounterFile(), Lock(), 2, 0, schedule="AA")
    assert parked() == []


def test_a_worker_that_swallows_every_exception_does_not_hold_up_the_end():
    """In a process of its own: such a greenlet cannot be ended, only left alone."""
    run = lab.run(workers.explore_one_that_swallows_all, CounterFile(), Lock(), processes=1)
    assert run.returned == {"A": "waits in a loop"}


def test_an_error_of_the_explorer_leaves_no_observer(monkeypatch):
    monkeypatch.setattr(CounterFile, "model_start", lambda self: [])  # not hashable
    with pytest.raises(TypeError):
        explore(*RACE)
    assert type(events.observer) is events.Unobserved
    assert parked() == []


def test_other_threads_go_on_with_their_own_steps(tmp_path):
    """While one thread explores, another one uses a real counter and explores, too."""
    counter, found = CounterFile(path=str(tmp_path / "real.txt")), []
    counter.prepare()

    def progress(situations):
        if situations == 256:
            thread = threading.Thread(target=meanwhile)
            thread.start()
            thread.join()

    def meanwhile():
        counter.write(counter.read() + 1)
        found.append(explore(*RACE).schedules)

    exploration = explore(*TRIPLE, history=True, progress=progress)
    assert (exploration.schedules, found, counter.read()) == (924, [6], 1)


def test_steps_of_a_second_thread_are_no_part_of_any_order_and_that_is_said():
    every = explore(ask_in_second_thread, Lock())
    assert not every.is_proof
    assert "a second thread takes steps" in str(every)


ASKS = {
    "the process id": "import os\ndef ask(): return os.getpid() % 2",
    "the process id ": "import multiprocessing\ndef ask(): return multiprocessing.current_process().name.endswith('d')",
    "the clock": "import time\ndef ask(): return int(time.monotonic()) // 100 % 2",
    "the clock ": "from time import time_ns\ndef ask(): return time_ns() // 10**11 % 2",
    "chance": "import random\ndef ask(): return random.random() < 0.5",
    "chance ": "import secrets\ndef ask(): return secrets.randbelow(1000) < 500",
    "chance  ": "import random\ndef ask(): return random.shuffle(l := list(range(20))) or l[0] % 2",
    "the number of an object (id, hash)": "things = [[1], [0]]\ndef ask(): return sorted(things, key=id)[0][0]",
}


@pytest.mark.parametrize("what", ASKS)
def test_steps_that_depend_on_the_world_are_named(learner, what):
    worker = learner(f"{ASKS[what]}\ndef work(counter):\n    counter.write(1 if ask() else 2)\n")
    found = explore(worker, CounterFile())
    assert f"takes other steps when {what.strip()} is different" in found.doubt


@pytest.mark.parametrize("what", ASKS)
def test_who_only_looks_at_the_world_is_steady(learner, what):
    worker = learner(f"{ASKS[what]}\ndef work(counter):\n    print(ask())\n    counter.write(1)\n")
    found = explore(worker, CounterFile())
    assert found.is_proof, found
