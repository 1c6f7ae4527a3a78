"""Who is stuck for ever: the function that decides, on looks written by hand, and the watch on real tapes."""

import sys
import time

import pytest
import workers_for_tests as workers
from cases import ALL, cases, few
from claim import claim
from runs import crossed
from stories import lock_steps

from helpers import analysis, child, lab
from helpers.analysis import Orphan, find_stuck, stuck_after
from helpers.events.tape import NO_STATE
from helpers.lab import processes, watch
from helpers.resources import FileLock, Lock, RLock


def state(holds=(), wants=None, counter=1, strays=(), touched=None):
    """Where a process stands that holds and wants locks; those it wants again are in capitals."""
    identity = wants and wants.lower()
    is_again = bool(wants) and wants != identity
    wish = {"wanted": identity, "name": wants or "", "is_again": is_again}
    marks = {"held": frozenset(holds), "strays": frozenset(strays), "touched": touched or identity}
    return NO_STATE._replace(counter=counter, **wish, **marks)


CROSSED = {"A": state("a", "b"), "B": state("b", "a")}


def circle(states, before=None, **more):
    found = find_stuck(states if before is None else before, states, **more)
    return found.circle if found else ()


# --- a circle of waits ---------------------------------------------------------------------------


@cases(
    "states wanted",
    (CROSSED, ("A", "b", "B", "a")),
    (
        {"A": state("a", "b"), "B": state("b", "c"), "C": state("c", "a")},
        ("A", "b", "B", "c", "C", "a"),
    ),
    ({"A": state("a", "A")}, ("A", "A")),  # waits for itself
    # A waits for the circle of B and C, and is no part of it.
    ({"A": state("", "b"), "B": state("b", "c"), "C": state("c", "b")}, ("B", "c", "C", "b")),
    ({**CROSSED, "C": state("c", None, 7)}, ("A", "b", "B", "a")),  # C may go on as it likes
    ({"A": state("a"), "B": state("", "a"), "C": state("", "a")}, ()),
    ({"A": state("a", "b"), "B": state("b")}, ()),
    ({"A": state("a", "a")}, ()),  # it has just got it, and has not said so yet
    ({"A": state("", "a")}, ()),
    ({}, ()),
)
def test_a_circle_of_waits_is_found_where_there_is_one(states, wanted):
    assert circle(states) == wanted


@pytest.mark.parametrize("who", ["A", "B"])
def test_one_look_proves_nothing_and_nor_do_two_between_which_one_of_them_moved(who):
    assert circle(CROSSED, before={}) == ()
    assert circle(CROSSED, {**CROSSED, who: CROSSED[who]._replace(counter=3)}) == ()


def test_a_lock_that_a_stranger_released_takes_no_part():
    assert circle({**CROSSED, "C": state(strays="a")}) == ()
    assert circle({**CROSSED, "C": state(strays="c")}) == ("A", "b", "B", "a")


def test_locks_beyond_the_room_on_the_tape_cannot_be_told_apart_and_take_no_part():
    states = {"A": state(["others"], "b"), "B": state(["b"], "others")}
    assert circle(states) == ()


def test_who_is_over_waits_for_nobody():
    assert circle(CROSSED, over=["A"]) == ()


# --- a lock whose holder is gone -----------------------------------------------------------------


def orphans(states, over, **more):
    found = find_stuck(states, states, over, **more)
    return found.orphans if found else ()


ORPHANED = {"A": state("a"), "B": state("", "a")}


def test_a_lock_of_one_who_is_over_is_orphaned_where_all_others_wait():
    assert orphans(ORPHANED, ["A"]) == (Orphan("B", "a", ("A",)),)
    assert orphans(ORPHANED, []) == ()


def test_as_long_as_somebody_moves_it_may_yet_be_released_by_a_stranger():
    three = {**ORPHANED, "C": state(counter=4)}
    assert orphans(three, ["A"]) == ()
    assert orphans(three, ["A"], others_may_go_on=True) == (Orphan("B", "a", ("A",)),)
    assert orphans(three, ["A", "C"]) == (Orphan("B", "a", ("A",)),)


def test_who_waits_for_one_that_waits_for_an_orphaned_lock_is_not_named():
    states = {**ORPHANED, "B": state("b", "a"), "C": state("", "b")}
    assert orphans(states, ["A"]) == (Orphan("B", "a", ("A",)),)


def test_a_lock_that_the_system_frees_is_no_orphan():
    assert orphans(ORPHANED, ["A"], freed={"a"}) == ()


def test_a_mark_of_a_dead_one_on_a_freed_lock_does_not_hide_who_has_it_now():
    states = {"A": state("f", "b"), "B": state("b", "f"), "C": state("f")}
    assert circle(states, over=["C"], freed={"f"}) == ("A", "b", "B", "f")


def test_one_that_is_taking_a_free_lock_only_seems_to_wait():
    states = {**ORPHANED, "C": state("", "c")}
    assert orphans(states, ["A"]) == ()
    assert orphans(states, ["A"], is_still=True) == (Orphan("B", "a", ("A",)),)


def test_where_a_tape_has_no_room_for_names_nothing_is_decided():
    assert circle({**CROSSED, "C": state(strays=["others"])}) == ()


def test_a_lock_without_known_holder_went_with_whoever_died_at_it_where_nobody_moves():
    states = {"A": state(touched="a"), "B": state("", "a"), "C": state(touched="c")}
    assert orphans(states, ["A", "C"]) == ()
    assert orphans(states, ["A", "C"], is_still=True) == (
        Orphan("B", "a", ("A",), is_inferred=True),
    )
    assert orphans(states, ["C"], is_still=True) == ()


def test_a_circle_counts_before_an_orphan():
    found = find_stuck({**ORPHANED, **CROSSED}, {**ORPHANED, **CROSSED}, [])
    assert (found.verdict, found.orphans) == ("deadlock", ())


# --- after steps in turn -------------------------------------------------------------------------


@cases(
    "events over verdict",
    (("A acquire a", "B acquire b", "A acquire b open", "B acquire a open"), "", "deadlock"),
    (("A acquire a", "A acquire again a open"), "", "deadlock"),
    (("A acquire a", "B acquire a open"), "A", "orphaned_lock"),
    (("A acquire a", "A release a", "B acquire a open"), "A", "orphaned_lock"),  # nobody has it
)
def test_where_nobody_can_move_there_is_a_reason(events, over, verdict):
    assert stuck_after(lock_steps(*events), "AB", list(over)).verdict == verdict


def test_where_all_are_over_nobody_is_stuck():
    assert stuck_after(lock_steps("A acquire a", "A release a"), "A", ["A"]) is None


# --- the watch on real processes -----------------------------------------------------------------


def meeting(think=0.001):
    """A team that ends in a deadlock."""
    return crossed(workers.take_both_often, 1000, think)


@claim("07", "a deadlock is seen at once, with its circle and lines")
def test_a_deadlock_is_seen_long_before_the_deadline_and_its_lines_are_told(start_method):
    run = lab.run(team=meeting(), processes=2, start_method=start_method, deadline=60)
    assert (run.verdict, run.circle) == ("deadlock", ("A", "b", "B", "a"))
    assert run.sentence == (
        "deadlock: A waits for lock b, which B holds; B waits for lock a, which A holds"
    )


@pytest.mark.platform("posix")
def test_each_stuck_process_tells_its_line(start_method):
    run = lab.run(team=meeting(), processes=2, start_method=start_method, deadline=60)
    assert {name: place.text for name, place in run.places.items()} == dict.fromkeys(
        "AB", "with second:"
    )
    assert {place.function for place in run.places.values()} == {"take_both_often"}


def test_others_may_go_on_while_two_are_deadlocked(tmp_path):
    team = [*meeting(), (workers.never_end, (str(tmp_path / "begun"),))]
    run = lab.run(team=team, processes=3, deadline=60)
    assert (run.verdict, run.circle) == ("deadlock", ("A", "b", "B", "a"))


def test_a_plain_lock_taken_twice_waits_for_itself_and_an_rlock_does_not(start_method):
    run = lab.run(workers.acquire_twice, Lock("door"), processes=1, start_method=start_method)
    assert (run.verdict, run.circle) == ("deadlock", ("A", "door"))
    again = lab.run(workers.acquire_twice, RLock("door"), processes=1, start_method=start_method)
    assert again.verdict == "correct"


def test_a_deadlock_with_an_injected_fault_elsewhere_is_still_one():
    """With a fault, locks go the general way to the tape."""
    team = [*meeting(), (workers.do_nothing, ())]
    run = lab.run(team=team, processes=3, deadline=60, fault=("A", 5000))
    assert (run.verdict, run.circle) == ("deadlock", ("A", "b", "B", "a"))


def test_a_tape_that_is_full_still_tells_who_waits():
    run = lab.run(team=meeting(think=0), processes=2, deadline=60, slots=1)
    assert (run.verdict, run.circle) == ("deadlock", ("A", "b", "B", "a"))


@pytest.mark.platform("posix")
def test_who_waits_for_a_dead_one_and_how_that_died_is_told(start_method, tmp_path):
    args = (Lock("door"), str(tmp_path / "held"))
    team = [(workers.be_killed, args), (workers.wait_when_held, args)]
    run = lab.run(team=team, processes=2, deadline=60, start_method=start_method)
    assert run.verdict == "orphaned_lock"
    assert run.sentence == (
        "B waits for ever for lock door, which A took with it: "
        "A was killed by SIGKILL and held lock door when it died"
    )


def test_a_lock_that_was_kept_by_one_who_ended_well_is_orphaned(tmp_path):
    args = (Lock(), str(tmp_path / "held"))
    team = [(workers.keep_and_say, args), (workers.wait_when_held, args)]
    run = lab.run(team=team, processes=2, deadline=60)
    assert run.sentence == "B waits for ever for the lock, which A kept when it ended"


@pytest.mark.platform("posix")
@pytest.mark.parametrize("moment", ["taken", "given"])
def test_one_who_died_between_the_real_lock_and_its_record_is_found_by_elimination(moment):
    """Killed right after the real acquire, or right before the real release: no mark names A."""
    lock = workers.FatalLock(moment)
    team = [(workers.hold_once, (lock,)), (workers.hold_after, (lock, 0.05))]
    run = lab.run(team=team, processes=2, deadline=60)
    assert run.verdict == "orphaned_lock"
    assert run.stuck.orphans == (Orphan("B", "lock", ("A",), is_inferred=True),)
    assert run.sentence == (
        "B waits for ever for the lock, which A must have taken with it: A was killed by SIGKILL"
    )


@pytest.mark.platform("posix")
def test_a_file_lock_of_a_dead_one_is_free(tmp_path):
    args = (FileLock(), str(tmp_path / "held"))
    team = [(workers.be_killed, args), (workers.wait_when_held, args)]
    run = lab.run(team=team, processes=2, deadline=60)
    assert (run.verdict, [crash.process for crash in run.crashes]) == ("crashed", ["A"])


# --- no verdict where none is due ----------------------------------------------------------------


@claim("07", "a long wait is no deadlock")
@pytest.mark.parametrize("holder", few(["hold_by_computing", "hold_by_sleeping"]))
def test_five_that_queue_for_three_seconds_behind_one_holder_are_no_deadlock(holder, tmp_path):
    args = (Lock(), str(tmp_path / "held"))
    team = [(getattr(workers, holder), (*args, 3))] + [(workers.wait_when_held, args)] * 5
    run = lab.run(team=team, processes=6, deadline=60)
    assert run.verdict == "correct"
    waited = [wait for wait in analysis.waits(run.events) if wait.process != "A"]
    assert min(wait.end - wait.start for wait in waited) > 2e9


@pytest.mark.parametrize("kind", [Lock, RLock, FileLock])
def test_a_second_thread_that_waits_for_the_first_ones_lock_is_no_deadlock(kind, start_method):
    run = lab.run(workers.take_in_second_thread, kind(), processes=2, start_method=start_method)
    assert (run.verdict, run.stuck) == ("correct", None)


def test_a_thread_that_waits_until_another_one_releases_its_lock_is_no_deadlock():
    run = lab.run(workers.be_released_by_second_thread, Lock(), processes=2)
    assert (run.verdict, run.stuck) == ("correct", None)


def test_a_circle_of_processes_through_two_threads_each_is_no_deadlock(tmp_path):
    a, b = Lock("a"), Lock("b")
    held = [str(tmp_path / name) for name in "ab"]
    worker = workers.hold_while_second_thread_waits
    team = [(worker, (a, b, *held)), (worker, (b, a, *reversed(held)))]
    run = lab.run(team=team, processes=2)
    assert (run.verdict, run.stuck) == ("correct", None)


@pytest.mark.parametrize("schedule", [None, "A"], ids=["free", "stepped"])
def test_of_a_process_with_two_threads_it_is_said_that_they_are_not_told_apart(schedule):
    run = lab.run(
        workers.take_twice_in_second_thread, Lock(), processes=1, deadline=1, schedule=schedule
    )
    assert (run.verdict, run.stuck) == ("timed_out", None)
    start = "A could not go on" if schedule else "still running after 1 s: A"
    assert run.sentence == f"{start}; A waits for the lock, which A held"
    assert run.notes[-1].startswith("A has more than one thread: nobody can tell whether")


def test_a_schedule_never_calls_it_a_deadlock_that_two_threads_of_a_process_wait():
    run = lab.run(workers.take_in_second_thread, Lock(), processes=1, schedule="A")
    assert run.stuck is None
    assert run.verdict in ("timed_out", "crashed")  # as the threads come to their steps


def test_a_second_thread_that_wants_a_turn_ends_the_process_with_a_sentence(monkeypatch):
    class Conn:
        def send(self, words):
            sent.append(words)

        def recv_bytes(self):
            with pytest.raises(SystemExit):  # as if another thread came meanwhile
                take_turn("at")
            return b"turn"

    sent, take_turn = [], child.turns(Conn(), None)
    monkeypatch.setattr(child, "leave", lambda code, watcher: sys.exit(code))
    take_turn("at")
    (first, (*said, _, code)) = sent
    assert (first, said[:2], code) == (("at",), ["raised", "RuntimeError"], 1)
    assert said[2].endswith("a schedule gives turns to processes only: run it without a schedule")


def test_who_waits_with_a_limit_is_no_part_of_a_deadlock():
    run = lab.run(team=crossed(workers.take_both_with_limit, 0.3), processes=2, deadline=60)
    assert run.verdict == "correct"
    assert False in run.returned.values()  # they did stand in each other's way


def test_a_lock_that_a_stranger_will_have_released_makes_no_deadlock(tmp_path):
    """A keeps the lock, B releases it, A takes it again: A's mark is wrong from then on."""
    args = (Lock(), str(tmp_path / "kept"))
    team = [(workers.keep_and_take_again, args), (workers.release_when_kept, args)]
    run = lab.run(team=team, processes=2, deadline=60)
    assert run.verdict == "correct"


LOOKS = 50_000 if ALL else 5_000


def test_opposite_orders_under_a_guard_are_no_deadlock_in_any_of_many_looks(monkeypatch):
    """A look takes a while: what it says of one process is over when it comes to the next.

    So a single look now and then shows a circle that never was.
    """
    looks = 0

    class Restless(watch.Watch):
        def __init__(self, children, freed):
            super().__init__(children, freed)
            for each in children:
                each.tape.state = slowly(each.tape.state)

        def look(self, others_may_go_on=False):
            nonlocal looks
            found = None
            while not found and looks < LOOKS:
                found, looks = super().look(), looks + 1
            return found

    monkeypatch.setattr(processes, "Watch", Restless)
    guard, a, b = Lock("guard"), Lock("a"), Lock("b")
    team = [(workers.take_both_guarded, (guard, *pair, 60)) for pair in ((a, b), (b, a))]
    run = lab.run(team=team, processes=2, deadline=1)
    assert (run.verdict, looks) == ("timed_out", LOOKS)


def slowly(look):
    def look_slowly():
        end = time.perf_counter() + 20e-6
        while time.perf_counter() < end:
            pass
        return look()

    return look_slowly


def test_one_that_computes_without_end_is_timed_out_and_no_deadlock(tmp_path):
    run = lab.run(workers.never_end, str(tmp_path / "begun"), processes=2, deadline=0.5)
    assert (run.verdict, run.stuck) == ("timed_out", None)


@pytest.mark.platform("posix")
def test_at_the_deadline_an_orphan_counts_though_others_go_on(tmp_path):
    args = (Lock("door"), str(tmp_path / "held"))
    endless = workers.never_end, (str(tmp_path / "begun"),)
    team = [(workers.be_killed, args), (workers.wait_when_held, args), endless]
    run = lab.run(team=team, processes=3, deadline=0.5)
    assert run.verdict == "orphaned_lock"


def test_those_who_wait_for_one_lost_lock_are_told_in_one_sentence():
    orphans = tuple(Orphan(name, "lock", ("A",)) for name in "BCD")
    said = lab.verdict.stuck_sentence(analysis.Stuck(orphans=orphans), {"A": "A was killed"})
    assert said == "B, C and D wait for ever for the lock, which A took with it: A was killed"
