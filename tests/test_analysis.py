"""What events mean: hand-written runs, each small enough to be counted with a finger on the line."""

from itertools import pairwise

import pytest
from cases import cases
from stories import BEGIN, MS, in_row, lock_steps, tell

from helpers import analysis, lab
from helpers.events import Event
from helpers.resources import CounterFile, Lock
from helpers.workers.counter import increment_with_lock, increment_without_lock

# --- kept and lost -------------------------------------------------------------------------------

# Stories, with the updates that are kept, the rival of each lost one, and numbers of the account.
STORIES = {
    "a chain without a gap is kept": (
        "A reads 0 / A writes 1 / B reads 1 / B writes 2 / A reads 2 / A writes 3",
        ["A.0001", "B.0001", "A.0002"], {}, {"total": 3, "observed": 3, "expected": 3, "writers": 2},
    ),
    "no update leaves the start value": ("A reads 0", [], {}, {"total": 0, "expected": 0}),
    "of two from one value the covered one is lost": (
        "A reads 0 / B reads 0 / B writes 1 / A writes 1",
        ["A.0001"], {"B.0001": "A.0001"}, {"observed": 1, "expected": 2, "lost_count": 1},
    ),
    "the rival is not the one that covered it": (  # B's: C's covers it, but A's started where it did
        "A reads 0 / B reads 0 / A writes 1 / C reads 1 / B writes 1 / C writes 2",
        ["A.0001", "C.0001"], {"B.0001": "A.0001"}, {"observed": 2},
    ),
    "a branch has the rival of its first": (  # A waits with 1, B and C build on it, and A covers all
        in_row(
            "A reads 0 / A writes 1 / A reads 1 / B reads 1 / B writes 2 / B reads 2 / B writes 3",
            "C reads 3 / C writes 4 / A writes 2 / B reads 2 / B writes 3",
        ),
        ["A.0001", "A.0002", "B.0003"], dict.fromkeys(["B.0001", "B.0002", "C.0001"], "A.0002"),
        {"observed": 3, "expected": 6, "lost_count": 3},
    ),
    "two branches have a rival each": (
        "A reads 0 / B reads 0 / B writes 1 / A writes 1 / A reads 1 / B reads 1 / A writes 2 / B writes 2",
        ["A.0001", "B.0002"], {"B.0001": "A.0001", "A.0002": "B.0002"}, {},
    ),
    "after a reset the count begins at zero": (
        "A reads 0 / A writes 1 / A reads 1 / A writes 2 / file empty / B reads nothing / B writes 1",
        ["B.0001"], {"A.0001": None, "A.0002": None}, {"resets": 1, "base": 0, "observed": 1},
    ),
    "a torn number at the end is the base": (
        "A reads 0 / B reads 0 / A writes 1 / B writes 1 / file 90",
        [], {"A.0001": None, "B.0001": None}, {"torn": 1, "base": 90, "observed": 90},
    ),
    "a torn number in the middle is the base of what follows": (
        "A reads 0 / A writes 1 / file 90 / B reads 90 / B writes 91",
        ["B.0001"], {"A.0001": None}, {"torn": 1, "base": 90, "observed": 91},
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", STORIES)
def test_what_is_kept_and_what_is_lost_to_which_rival(what):
    story, kept, rivals, numbers = STORIES[what]
    account = tell(story).account
    assert [update.key for update in account.kept] == kept
    assert {key: rival and rival.key for key, rival in account.rivals.items()} == rivals
    assert {name: getattr(account, name) for name in numbers} == numbers
    assert {update.key for update in account.lost} == set(rivals)
    assert_sums_hold(account)


def assert_sums_hold(account):
    assert len(account.kept) + len(account.lost) == account.total - account.unrecorded
    assert account.observed == account.base + len(account.kept)


TENS, TRANSFERS = "A reads 0 / A writes 10", "A reads 0 / A writes 10 / A reads 10 / A writes 0"


@pytest.mark.parametrize(
    ("story", "lost", "words"),
    [
        (f"{TENS} / file 30", 0, "no update lost"),
        (f"{TENS} / file 20", 1, "1 update lost"),
        (f"{TRANSFERS} / file 30", 0, "nobody can tell whether an update was lost"),
    ],
)
def test_updates_without_room_on_the_tape_are_counted_where_all_add_the_same(story, lost, words):
    run = tell(story, unrecorded=2)
    assert run.account.lost_count == lost
    assert words in run.sentence


def test_an_update_knows_what_it_read_and_wrote():
    (update,) = tell("A reads 0 / A writes 1").account.updates
    assert update == ("A.0001", "A", 0, 1, "-.0000 0", BEGIN, BEGIN + 2 * MS)


def test_only_the_counter_of_that_name_counts():
    run = tell("A reads 0 / A writes 1 / A takes counter")
    assert analysis.trace_updates(run.events, "other", 0, "-.0000 0", 0).total == 0
    assert run.account.total == 1


@pytest.mark.parametrize(
    ("damage", "number"), [("empty", "nothing"), ("0", "0"), ("cut", "nothing")]
)
def test_a_right_number_after_damage_is_still_corrupted(damage, number):
    """Two updates and the file says 2, but the way there led over an accident."""
    run = tell(
        f"A reads 0 / A writes 1 / file {damage} / B reads {number} / B writes 1 / B reads 1 / B writes 2"
    )
    resets = int(damage == "empty")
    assert (run.account.resets, run.account.torn, run.account.observed) == (resets, 1 - resets, 2)
    assert run.verdict == "corrupted"


def test_a_reset_counts_before_a_torn_number_and_both_before_a_lost_update():
    run = tell("file empty / A reads nothing / A writes 1 / file 10")
    assert run.verdict == "corrupted"
    assert "read empty once" in run.sentence


# --- a process that died in a write --------------------------------------------------------------


def died_writing(text, outcome="open", seen=""):
    """The account where A wrote 1, and B read it and died while it wrote 2; A may have `seen` that. The file says `text`."""
    reported = tell("A reads 0 / A writes 1 / B reads 1").events
    now, counter = reported[-1].end, ("counter", "counter")
    reported += (Event("B", 1, *counter, "write", now, None, "2", "", outcome),)
    if seen:
        reported += (Event("A", 2, *counter, "read", now + 1, now + 2, "", seen, "done"),)
    return analysis.trace_updates(reported, "counter", 0, text, 0)


def test_a_write_that_died_open_counts_if_the_file_has_it():
    account = died_writing("B.0001 2")
    assert (account.total, account.observed, account.torn) == (2, 2, 0)
    assert [update.end is None for update in account.kept] == [False, True]


def test_a_write_that_died_open_counts_if_somebody_has_seen_it():
    account = died_writing("A.0001 1", seen="B.0001 2")
    assert (account.total, len(account.kept), len(account.lost)) == (2, 1, 1)


@pytest.mark.parametrize("outcome", ["open", "raised"])
def test_a_write_that_died_open_and_was_never_seen_or_that_failed_did_not_happen(outcome):
    account = died_writing("A.0001 1", outcome)
    assert (account.total, account.observed, account.expected) == (1, 1, 1)


# --- a tape that was too short -------------------------------------------------------------------


def test_updates_without_a_record_are_counted_by_the_numbers_alone():
    reported = tell("A reads 0 / A writes 1").events  # A's tape was full then; 4 more were made
    account = analysis.trace_updates(reported, "counter", 0, "A.0005 4", 4)
    assert (account.total, account.expected, account.observed) == (5, 5, 4)
    assert (account.lost_count, account.torn) == (1, 0)


# --- holds, waits, contention --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "held"),
    [
        (["A acquire", "A release"], [("lock", 15, 20)]),
        (["A acquire", "A acquire", "A release", "A release"], [("lock", 15, 40)]),  # re-entered
        (["A acquire 1", "A acquire 2", "A release 1", "A release 2"], [("1", 15, 30), ("2", 25, 40)]),
        (["A acquire", "B acquire open"], [("lock", 15, None)]),
        (["A acquire", "A release open"], [("lock", 15, 20)]),  # a release under way ends it,
        (["A acquire", "A release raised"], [("lock", 15, None)]),  # a failed one does not
        (["A acquire refused", "A release raised"], []),
    ],
)  # fmt: skip
def test_a_hold_lasts_from_the_end_of_the_acquire_to_the_start_of_the_last_release(steps, held):
    spans = analysis.holds(lock_steps(*steps))
    assert [(span.identity, span.start, span.end) for span in spans] == held
    assert all((span.process, span.lock) == ("A", "lock") for span in spans)


def test_a_wait_lasts_as_long_as_the_acquire_and_may_be_open_or_in_vain():
    waits = analysis.waits(lock_steps("A acquire", "B acquire open", "C acquire refused"))
    assert waits == [
        ("A", "lock", "lock", 10, 15),
        ("B", "lock", "lock", 20, None),
        ("C", "lock", "lock", 30, 35),
    ]


def test_contention_sums_holds_and_waits_that_have_ended():
    reported = lock_steps("A acquire", "A release", "B acquire", "C acquire open")
    assert analysis.contention(reported) == (1, 5e-9, 10e-9)  # two waits of 5 ns, and A's hold


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
    touches = [event for event in run.events if event.shared == "counter"]
    assert len(touches) == 120  # a read and a write for each update
    for span in spans:
        inside = {event.process for event in touches if span.start < event.start < span.end}
        assert inside == {span.process}


# --- who waits for whom --------------------------------------------------------------------------


@cases(
    "holder wants lock words",
    ("A", "B", "a", "it waits for lock a, which A holds"),
    ("A", "B", "lock", "it waits for the lock, which A holds"),
    ("A", "A", "lock", "it waits for the lock, which it holds"),
    ("", "A", "a", "it waits for lock a, which nobody will release"),
)
def test_why_a_process_is_blocked(holder, wants, lock, words):
    reported = lock_steps(
        *[f"{holder} acquire {lock}"] * bool(holder), f"{wants} acquire {lock} open"
    )
    assert analysis.why_blocked(reported, wants) == words


def at(*rows):
    """The steps of a lock, of rows such as ("A acquire", start, end)."""
    return [
        Event(process, index, "lock", "lock", op, start, end, "", "", "done")
        for index, (step, start, end) in enumerate(rows)
        for process, op in [step.split()]
    ]


def test_a_lock_that_is_taken_while_its_release_is_on_its_way_is_free_before():
    """The real release lies between the two stamps of its step: the next one may have it before the second."""
    reported = at(("A acquire", 0, 1), ("A release", 5, 9), ("B acquire", 2, 7))
    assert analysis.depths(reported) == [("A", 1, 1), ("A", 5, 0), ("B", 7, 1)]
