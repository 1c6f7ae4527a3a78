"""What events mean: hand-written runs, each small enough to be counted with a finger on the line."""

from itertools import pairwise

import pytest

from helpers import analysis, lab
from helpers.events import Event, stamp
from helpers.resources import CounterFile, Lock
from helpers.schedules import Walk
from helpers.workers.counter import increment_with_lock, increment_without_lock

START = "-.0000 0"


class Script:
    """Writes events down as they would happen: one step every 10 ns, ids as resources give them."""

    def __init__(self, start=0):
        self.now = 0
        self.events = []
        self.text = stamp("-", 0, start)
        self.writes = {}

    def add(self, process, op, arg="", seen="", outcome="done", thing="counter", identity=None):
        self.now += 10
        index = sum(event.process == process for event in self.events)
        end = None if outcome == "open" else self.now + 5
        self.events.append(
            Event(process, index, thing, identity or thing, op, self.now, end, arg, seen, outcome)
        )

    def read(self, process):
        self.add(process, "read", seen=self.text)

    def write(self, process, number, leaves=None):
        """`leaves` says what is in the file afterwards, where that is not what was written."""
        self.writes[process] = self.writes.get(process, 0) + 1
        written = stamp(process, self.writes[process], number)
        self.add(process, "write", str(number), written)
        self.text = written if leaves is None else leaves

    def account(self, start=0, unrecorded=0):
        return analysis.trace_updates(self.events, "counter", start, self.text, unrecorded)


def keys(updates):
    return [update.key for update in updates]


def rivals(account):
    return {key: rival and rival.key for key, rival in account.rivals.items()}


def assert_sums_hold(account):
    assert len(account.kept) + len(account.lost) == account.total - account.unrecorded
    assert account.observed == account.base + len(account.kept)


# --- kept and lost -------------------------------------------------------------------------------


def test_a_chain_without_a_gap_is_kept():
    script = Script()
    for process, number in (("A", 1), ("B", 2), ("A", 3)):
        script.read(process)
        script.write(process, number)
    account = script.account()
    assert keys(account.kept) == ["A.0001", "B.0001", "A.0002"]
    assert (account.lost, account.base, account.observed, account.expected) == ((), 0, 3, 3)
    assert (account.total, account.writers, account.resets, account.torn) == (3, 2, 0, 0)


def test_no_update_leaves_the_start_value():
    account = Script(start=7).account(start=7)
    assert (account.total, account.base, account.observed, account.expected) == (0, 7, 7, 7)


def test_an_update_knows_what_it_read_and_wrote():
    script = Script(start=7)
    script.read("A")
    script.write("A", 8)
    (update,) = script.account(start=7).updates
    assert update == ("A.0001", "A", 7, 8, "-.0000 7", 10, 25)


def test_of_two_updates_from_one_value_the_covered_one_is_lost_and_the_other_its_rival():
    script = Script()
    script.read("A")
    script.read("B")
    script.write("B", 1)
    script.write("A", 1)
    account = script.account()
    assert (keys(account.kept), keys(account.lost)) == (["A.0001"], ["B.0001"])
    assert rivals(account) == {"B.0001": "A.0001"}
    assert (account.observed, account.expected, account.lost_count) == (1, 2, 1)


def test_the_rival_is_not_the_update_that_covered_the_lost_one():
    script = Script()
    script.read("A")
    script.read("B")
    script.write("A", 1)  # kept: C reads it
    script.read("C")
    script.write("B", 1)  # lost: C's covers it, but A's started where it did
    script.write("C", 2)
    assert rivals(script.account()) == {"B.0001": "A.0001"}


def test_a_branch_of_lost_updates_has_the_rival_of_its_first():
    script = Script()
    script.read("A")
    script.write("A", 1)  # kept
    script.read("A")  # A waits with 1
    for number in (2, 3):  # B builds on it
        script.read("B")
        script.write("B", number)
    script.read("C")
    script.write("C", 4)  # on B's branch, a second level
    script.write("A", 2)  # and covers all of it
    account = script.account()
    assert keys(account.kept) == ["A.0001", "A.0002"]
    assert rivals(account) == {"B.0001": "A.0002", "B.0002": "A.0002", "C.0001": "A.0002"}
    assert (account.observed, account.expected, account.lost_count) == (2, 5, 3)
    assert_sums_hold(account)


def test_two_branches_have_a_rival_each():
    script = Script()
    script.read("A")
    script.read("B")
    script.write("B", 1)  # lost to A's first
    script.write("A", 1)
    script.read("A")
    script.read("B")
    script.write("A", 2)  # lost to B's second
    script.write("B", 2)
    assert rivals(script.account()) == {"B.0001": "A.0001", "A.0002": "B.0002"}


def test_only_the_counter_of_that_name_counts():
    script = Script()
    script.add("A", "read", seen="-.0000 5", thing="other")
    script.add("A", "write", "6", "A.0001 6", thing="other")
    script.add("A", "acquire", thing="counter", identity="1.1")
    assert script.account().total == 0


# --- resets and torn numbers ---------------------------------------------------------------------


def test_after_a_reset_the_count_begins_at_zero_and_what_was_before_is_lost():
    script = Script()
    for number in (1, 2, 3):
        script.read("A")
        script.write("A", number)
    script.text = ""  # somebody has emptied the file
    script.read("B")
    script.write("B", 1)
    account = script.account()
    assert (account.resets, account.base, account.observed) == (1, 0, 1)
    assert keys(account.kept) == ["B.0001"]
    assert rivals(account) == {"A.0001": None, "A.0002": None, "A.0003": None}
    assert_sums_hold(account)


def test_a_torn_number_at_the_end_is_the_base_and_nothing_is_kept():
    script = Script(start=8)
    for process in ("A", "B"):
        script.read(process)
    script.write("A", 9)
    script.write("B", 9, leaves="B.0001 90")
    account = script.account(start=8)
    assert (account.torn, account.base, account.observed) == (1, 90, 90)
    assert (account.kept, keys(account.lost)) == ((), ["A.0001", "B.0001"])
    assert_sums_hold(account)


def test_a_torn_number_read_in_the_middle_is_the_base_of_what_follows():
    script = Script(start=8)
    script.read("A")
    script.write("A", 9, leaves="A.0001 90")
    script.read("B")
    script.write("B", 91)
    account = script.account(start=8)
    assert (account.torn, account.base, account.observed) == (1, 90, 91)
    assert keys(account.kept) == ["B.0001"]
    assert rivals(account) == {"A.0001": None}
    assert_sums_hold(account)


@pytest.mark.parametrize(
    ("damage", "resets", "torn"), [("", 1, 0), ("A.0001 0", 0, 1), ("A.00", 0, 1)]
)
def test_a_right_number_after_damage_is_still_corrupted(damage, resets, torn):
    """Two updates and the file says 2, but the way there led over an accident."""
    script = Script()
    script.read("A")
    script.write("A", 1, leaves=damage)
    script.read("B")  # reads 0
    script.write("B", 1)
    script.read("B")
    script.write("B", 2)
    account = script.account()
    assert (account.resets, account.torn, account.observed) == (resets, torn, 2)
    assert CounterFile().judge(account)[0] == "corrupted"


def test_a_reset_counts_before_a_torn_number_and_both_before_a_lost_update():
    script = Script()
    script.text = ""
    script.read("A")
    script.write("A", 1, leaves="A.0001 10")
    verdict, sentence = CounterFile().judge(script.account())
    assert verdict == "corrupted"
    assert "read empty once" in sentence


# --- a process that died in a write --------------------------------------------------------------


def died_writing():
    """A wrote 1; B read it and died while it wrote 2."""
    script = Script()
    script.read("A")
    script.write("A", 1)
    script.read("B")
    script.add("B", "write", "2", outcome="open")
    return script


def test_a_write_that_died_open_counts_if_the_file_has_it():
    script = died_writing()
    script.text = "B.0001 2"
    account = script.account()
    assert (account.total, account.observed, account.torn) == (2, 2, 0)
    assert [update.end for update in account.kept] == [25, None]  # the second began and died


def test_a_write_that_died_open_counts_if_somebody_has_seen_it():
    script = died_writing()
    script.text = "B.0001 2"
    script.read("A")
    script.text = "A.0001 1"
    account = script.account()
    assert (account.total, len(account.kept), len(account.lost)) == (2, 1, 1)


def test_a_write_that_died_open_and_was_never_seen_did_not_happen():
    account = died_writing().account()
    assert (account.total, account.observed, account.expected) == (1, 1, 1)


def test_a_failed_write_is_no_update():
    script = Script()
    script.read("A")
    script.add("A", "write", "1", "OSError", outcome="raised")
    assert script.account().total == 0


# --- a tape that was too short -------------------------------------------------------------------


def test_updates_without_a_record_are_counted_by_the_numbers_alone():
    script = Script()
    script.read("A")
    script.write("A", 1)
    script.text = "A.0005 4"  # A's tape was full after its first write; 4 more were made
    account = script.account(unrecorded=4)
    assert (account.total, account.expected, account.observed) == (5, 5, 4)
    assert (account.lost_count, account.torn) == (1, 0)


# --- holds, waits, contention --------------------------------------------------------------------


def test_a_hold_lasts_from_the_end_of_acquire_to_the_start_of_release():
    script = Script()
    script.add("A", "acquire", thing="lock")  # 10 to 15
    script.add("A", "release", thing="lock")  # 20 to 25
    assert analysis.holds(script.events) == [("A", "lock", "lock", 15, 20, True)]
    assert analysis.waits(script.events) == [("A", "lock", "lock", 10, 15, True)]


def test_a_reentered_lock_is_one_hold():
    script = Script()
    for op in ("acquire", "acquire", "release", "release"):
        script.add("A", op, thing="lock")
    assert analysis.holds(script.events) == [("A", "lock", "lock", 15, 40, True)]


def test_locks_of_one_name_are_held_apart():
    script = Script()
    for op, identity in (("acquire", "1"), ("acquire", "2"), ("release", "1"), ("release", "2")):
        script.add("A", op, thing="lock", identity=identity)
    spans = [(span.identity, span.start, span.end) for span in analysis.holds(script.events)]
    assert spans == [("1", 15, 30), ("2", 25, 40)]


def test_open_holds_and_waits_have_no_end():
    script = Script()
    script.add("A", "acquire", thing="lock")
    script.add("B", "acquire", thing="lock", outcome="open")
    assert analysis.holds(script.events) == [("A", "lock", "lock", 15, None, True)]
    assert analysis.waits(script.events)[1] == ("B", "lock", "lock", 20, None, False)


def test_a_release_under_way_ends_the_hold():
    script = Script()
    script.add("A", "acquire", thing="lock")
    script.add("A", "release", thing="lock", outcome="open")
    assert [span.end for span in analysis.holds(script.events)] == [20]


def test_a_failed_release_does_not_end_a_hold():
    script = Script()
    script.add("A", "acquire", thing="lock")
    script.add("A", "release", thing="lock", outcome="raised")
    assert [span.end for span in analysis.holds(script.events)] == [None]


def test_a_refused_try_and_a_failed_release_are_no_holds():
    script = Script()
    script.add("A", "acquire", thing="lock", arg="try", outcome="refused")
    script.add("A", "release", thing="lock", outcome="raised")
    assert analysis.holds(script.events) == []
    assert [span.taken for span in analysis.waits(script.events)] == [False]


def test_contention_sums_holds_and_waits_that_have_ended():
    script = Script()
    script.add("A", "acquire", thing="lock")  # waits 5 ns
    script.add("A", "release", thing="lock")  # has held 5 ns
    script.add("B", "acquire", thing="lock")  # waits 5 ns, holds to the end
    script.add("C", "acquire", thing="lock", outcome="open")
    assert analysis.contention(script.events) == (1, 5e-9, 10e-9)


# --- Wilson's interval ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failures", "trials", "low", "high"),
    [
        (0, 10, 0.0000, 0.2775),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0000),
        (81, 263, 0.2553, 0.3662),  # these four: R. G. Newcombe, 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_gives_the_published_values(failures, trials, low, high):
    interval = analysis.wilson_interval(failures, trials)
    assert interval == pytest.approx((low, high), abs=0.0001)


# --- real runs -----------------------------------------------------------------------------------


@pytest.mark.parametrize("write", ["replace", "truncate"])
def test_in_real_runs_the_sums_hold(start_method, write):
    with lab.ProcessSet(3, start_method) as processes:
        counter = CounterFile(write=write, start=95)
        for _ in range(3):
            account = processes.run(increment_without_lock, counter, 20, 0.0002).account
            assert account.total == 60
            assert_sums_hold(account)
            if write == "replace":
                assert (account.base, account.resets, account.torn) == (95, 0, 0)
                assert account.expected - account.observed == len(account.lost)
                assert None not in account.rivals.values()


def test_in_a_real_run_holds_never_overlap_and_nobody_else_touches_the_counter(start_method):
    args = (CounterFile(), Lock(), 20, 0)
    run = lab.run(increment_with_lock, *args, processes=3, start_method=start_method)
    assert (run.account.observed, len(run.account.kept)) == (60, 60)
    spans = analysis.holds(run.events)
    assert len(spans) == 60
    for one, following in pairwise(spans):
        assert one.end <= following.start
    touches = [event for event in run.events if event.thing == "counter"]
    assert len(touches) == 120  # a read and a write for each update
    for span in spans:
        inside = {event.process for event in touches if span.start < event.start < span.end}
        assert inside == {span.process}


# --- who waits for whom --------------------------------------------------------------------------


def holding(*pairs):
    """A script in which each (process, lock) holds: one lock for each name."""
    script = Script()
    for process, lock in pairs:
        script.add(process, "acquire", thing=lock)
    return script


def waiting(script, *pairs):
    for process, lock in pairs:
        script.add(process, "acquire", outcome="open", thing=lock)
    return script.events


@pytest.mark.parametrize(
    ("held", "wanted", "words"),
    [
        ([("A", "a")], ("B", "a"), "it waits for lock a, which A holds"),
        ([("A", "lock")], ("B", "lock"), "it waits for the lock, which A holds"),
        ([("A", "lock")], ("A", "lock"), "it waits for the lock, which it holds"),
        ([], ("A", "a"), "it waits for lock a, which nobody will release"),
    ],
)
def test_why_a_process_is_blocked(held, wanted, words):
    assert analysis.why_blocked(waiting(holding(*held), wanted), wanted[0]) == words


# --- an order for a free run ---------------------------------------------------------------------


def at(script, process, op, start, end, seen="", thing="counter"):
    index = sum(event.process == process for event in script.events)
    arg = seen.split()[1] if op == "write" else ""
    script.events.append(Event(process, index, thing, thing, op, start, end, arg, seen, "done"))


def test_an_order_follows_what_was_seen_where_the_times_say_otherwise():
    """B's read began before A's write ended, and its middle lies before; still it saw what A wrote."""
    script = Script()
    at(script, "A", "read", 0, 10, START)
    at(script, "A", "write", 20, 60, "A.0001 1")
    at(script, "B", "read", 15, 45, "A.0001 1")
    at(script, "B", "write", 70, 80, "B.0001 2")
    script.text = "B.0001 2"
    assert analysis.order_of(script.events, {"counter": script.account()}) == "AABB"


def test_an_order_ends_with_the_write_that_stands_in_the_file():
    """Two writes at the same time: the file tells which was the later one."""
    for final, order in (("A.0001 1", "ABBA"), ("B.0001 1", "ABAB")):
        script = Script()
        at(script, "A", "read", 0, 1, START)
        at(script, "B", "read", 2, 3, START)
        at(script, "A", "write", 10, 30, "A.0001 1")
        at(script, "B", "write", 10, 30, "B.0001 1")
        script.text = final
        assert analysis.order_of(script.events, {"counter": script.account()}) == order


def test_an_acquire_comes_after_the_release_that_it_waited_for():
    script = Script()
    at(script, "A", "acquire", 0, 1, thing="lock")
    at(script, "B", "acquire", 2, 40, thing="lock")  # its middle lies before A's release
    at(script, "A", "release", 30, 50, thing="lock")
    at(script, "B", "release", 60, 61, thing="lock")
    assert analysis.order_of(script.events, {}) == "AABB"


def test_without_an_order_that_explains_all_there_is_none():
    script = Script()
    at(script, "A", "read", 0, 1, "B.0009 9")
    at(script, "A", "read", 2, 3, START)
    assert analysis.order_of(script.events, {}) is None


def test_steps_that_were_not_finished_are_in_no_order():
    script = holding(("A", "a"))
    assert analysis.order_of(waiting(script, ("B", "a")), {}) == "A"


@pytest.mark.parametrize("think", [0, 0.001])
def test_the_order_of_a_real_run_leads_to_its_number_in_the_model(think):
    for times in (1, 5, 20):
        run = lab.run(increment_without_lock, CounterFile(), times, think, processes=2)
        order = analysis.order_of(run.events, run.accounts)
        walk = Walk(increment_without_lock, CounterFile(), times, 0, schedule=order)
        assert walk.is_over
        assert walk.values["counter"] == run.account.observed


def test_a_lock_that_is_taken_while_its_release_is_on_its_way_is_free_before():
    """The real release lies between the two stamps of its step: the next one may have it before the second."""
    steps = [
        Event("A", 0, "lock", "1", "acquire", 0, 1, "", "", "done"),
        Event("A", 1, "lock", "1", "release", 5, 9, "", "", "done"),
        Event("B", 0, "lock", "1", "acquire", 2, 7, "", "", "done"),
    ]
    assert analysis.depths(steps) == [("A", 1, 1), ("A", 5, 0), ("B", 7, 1)]
