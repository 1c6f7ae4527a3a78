"""The bank: money that must add up, the deadlock of the ring and its cures, free, in turn and in the model."""

import pytest
import workers_for_tests as workers
from claim import claim
from runs import Stop, observed

from helpers import lab, topics
from helpers.resources import AccountFile, CounterFile, Lock
from helpers.schedules import Walk, explore
from helpers.topics import Cure, FirstLock, philosopher_team, transfer_team
from helpers.workers import bank, contention
from helpers.workers.counter import increment_without_lock

CURES = [cure for cure in Cure if cure is not Cure.NONE]


# ---- the sum of the money


def accounts(*starts):
    return [AccountFile(f"account {number}", start) for number, start in enumerate(starts, 1)]


def test_money_that_is_moved_is_missing_nowhere():
    one, two = accounts(100, 50)
    run = lab.run(workers.move, one, two, 30, processes=1)
    wanted = "correct", "all accounts together hold 150, as at the start"
    assert (run.verdict, run.sentence) == wanted
    assert observed(run) == {"account 1": 70, "account 2": 80}


def test_money_that_is_taken_and_given_to_nobody_breaks_the_invariant():
    one, two = accounts(100, 50)
    run = lab.run(workers.take_only, one, two, 30, processes=1)
    assert (run.verdict, run.sentence) == (
        "broken_invariant",
        "all accounts together hold 120, and held 150 at the start",
    )


def test_two_errors_that_cancel_out_in_the_sum_are_still_lost_updates():
    """Both read both accounts before either writes: each account loses one transfer."""
    one, two = accounts(100, 100)
    team = [(workers.move_after_reading, pair) for pair in ((one, two, 10), (two, one, 10))]
    run = lab.run(team=team, processes=2, schedule="AABBAABB")
    assert sum(observed(run).values()) == 200
    assert run.verdict == "lost_updates"


def test_a_broken_invariant_counts_before_the_lost_update_that_broke_it():
    one, two = accounts(100, 100)
    run = lab.run(workers.move, one, two, 10, processes=2, schedule="ABAAABBB")
    assert (run.verdict, len(run.account.lost)) == ("broken_invariant", 1)


def test_a_crash_counts_first_and_the_missing_money_is_a_note():
    one, two = accounts(100, 100)
    run = lab.run(workers.take_and_fail, one, two, 10, processes=1)
    assert run.verdict == "crashed"
    assert run.notes[-1] == "all accounts together hold 190, and held 200 at the start"


def test_the_model_knows_the_invariant_too():
    one, two = accounts(100, 100)
    walk = Walk(workers.move, one, two, 10, processes=2, schedule="ABAAABBB")
    assert walk.result[0] == "broken_invariant"


# ---- the ring and its cures


def test_the_ring_without_a_cure_gets_stuck_with_all_in_its_circle(start_method):
    run = topics.run_transfers(processes=3, times=1000, start_method=start_method, deadline=60)
    assert (run.verdict, run.circle) == ("deadlock", ("A", "2", "B", "3", "C", "1"))


@pytest.mark.parametrize("processes", [2, 7])
@pytest.mark.parametrize("cure", CURES, ids=lambda cure: cure.value)
def test_each_cure_brings_all_transfers_to_their_end(cure, processes):
    run = topics.run_transfers(processes=processes, times=3, cure=cure, deadline=60)
    assert run.verdict == "correct"
    assert topics.transfers_done(run) == 3 * processes


@claim("07", "one that takes its locks the other way round opens the ring")
def test_one_that_takes_its_locks_the_other_way_round_opens_the_ring():
    run = topics.run_transfers(processes=5, times=5, first=FirstLock.LAST_TURNED, deadline=60)
    assert run.verdict == "correct"


@claim("07", "with one order of the locks none gets stuck: a proof")
@pytest.mark.parametrize("processes", [2, 3])
@pytest.mark.parametrize("cure", [Cure.GLOBAL_ORDER, Cure.SINGLE_LOCK], ids=lambda cure: cure.value)
def test_an_order_of_the_locks_and_a_single_lock_are_proved(cure, processes):
    every = explore(team=transfer_team(cure.worker, processes), processes=processes)
    assert (every.is_proof, every.failures) == (True, 0)


@claim("07", "back-off and timeout end right, and can give way without end in the model")
@pytest.mark.parametrize("cure", [Cure.BACK_OFF, Cure.TIMEOUT], ids=lambda cure: cure.value)
def test_who_gives_way_never_ends_wrong_but_may_give_way_without_end(cure):
    every = explore(team=transfer_team(cure.worker), tries=2)
    assert every.failures == 0
    assert every.cut > 0 and not every.is_proof


@claim("07", "six orders, two of them get stuck; 6 of 504 with three")
def test_two_of_the_six_orders_get_stuck_and_six_of_504():
    for processes, stuck, orders in ((2, 2, 6), (3, 6, 504)):
        team = transfer_team(bank.transfer_in_given_order, processes)
        every = explore(team=team, processes=processes)
        assert (every.failures, every.schedules) == (stuck, orders)
        assert {o.verdict for o in every.outcomes if not o.is_right} == {"deadlock"}


def test_philosophers_get_stuck_in_no_order_with_an_order_of_the_forks():
    ordered = explore(team=philosopher_team(workers.dine_in_global_order), processes=5)
    assert (ordered.is_proof, ordered.failures) == (True, 0)


@claim("07", "books of their own need no lock")
def test_a_book_of_ones_own_needs_no_lock():
    books = [CounterFile("book A"), CounterFile("book B")]
    team = [(increment_without_lock, (book, 5, 0)) for book in books]
    every = explore(team=team, processes=2)
    assert (every.is_proof, every.failures) == (True, 0)


# ---- settings, repetitions, measures


def test_trials_say_how_many_got_stuck_and_how_far_they_came():
    calls = []
    trials = topics.repeat_transfers(
        3, progress=lambda *done: calls.append(done), times=1000, deadline=60
    )
    assert [run.verdict for run in trials.runs] == ["deadlock"] * 3
    assert (trials.failures, calls) == (3, [(1, 3), (2, 3), (3, 3)])
    assert trials.sentence.startswith("3 of 3 runs ended in a deadlock, after ")
    cured = topics.repeat_transfers(2, times=2, cure="global order", deadline=60)
    assert (cured.failures, cured.done) == (0, [4, 4])
    assert cured.sentence == "0 of 2 runs ended in a deadlock"


def test_stopped_trials_keep_what_is_there():
    stop = Stop(after=2)
    trials = topics.repeat_transfers(50, stop.progress, stop, times=2, cure="global order")
    assert len(trials.runs) == 2
    assert trials.sentence.endswith("stopped after 2 of 50")


def test_wasted_tries_are_counted_by_pause():
    wasted = topics.measure_back_off((0.1, 1), count=2, times=3, deadline=60)
    assert {pause: len(tries) for pause, tries in wasted.wasted.items()} == {0.1: 2, 1: 2}
    assert wasted.transfers == 6
    assert str(wasted).startswith("wasted tries in 6 transfers, medians: 0.1 ms: ")


def test_each_refused_try_is_told_by_its_process_too():
    run = topics.run_transfers(times=5, cure="try and back off", deadline=60)
    assert sum(run.returned.values()) == topics.wasted_tries(run)


@claim("07", "who waits uses next to no processor time")
def test_who_waits_uses_a_small_part_of_the_processor_time_of_who_computes():
    lock, tell = Lock(), contention.tell_processor_time
    team = [(tell, (lock, 0, 0.5)), (tell, (lock, 0.05, 0))]
    used = lab.run(team=team, processes=2, asked=0.6).returned
    assert used["B"] < used["A"] / 5


def test_locks_are_named_as_one_would_say_it():
    from helpers.analysis import lock_words

    names = ("lock", "file lock", "1", "a", "fork 2")
    assert [lock_words(name) for name in names] == [
        "the lock", "the file lock", "lock 1", "lock a", "fork 2",
    ]  # fmt: skip


def test_a_deadlock_of_other_locks_of_the_same_name_is_told_apart():
    """Two locks called "lock": B holds the one, A the other, and nobody waits."""
    one, two = Lock(), Lock()
    team = [(workers.hold_once, (one,)), (workers.hold_once, (two,))]
    assert lab.run(team=team, processes=2).verdict == "correct"
