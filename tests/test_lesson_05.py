"""What lesson 05 says of lock scope, in numbers."""

import os
import time
from itertools import pairwise

import pytest
from claim import claim
from workers_for_tests import count_and_name_cores

from helpers import analysis, lab
from helpers.resources import CounterFile, Lock
from helpers.schedules import explore
from helpers.topics import Outside, Scope, measure_contention, run_fairness, sweep_scopes
from helpers.workers import scopes
from helpers.workers.contention import on_one_core


@claim("05", "a lock for the write alone comes too late")
def test_a_lock_for_the_write_alone_comes_too_late(start_method):
    how = {"processes": 2, "schedule": "AB", "start_method": start_method}
    run = lab.run(scopes.lock_write_only, CounterFile(), Lock(), 1, 0, 0, **how)
    assert (run.account.observed, run.account.lost_count) == (1, 1)
    holds = analysis.holds(run.events)
    assert all(one.end <= following.start for one, following in pairwise(holds))


@claim("05", "too narrow fails in some order")
@pytest.mark.parametrize("scope", Scope, ids=lambda scope: scope.value)
def test_too_narrow_fails_in_some_order_and_wide_enough_in_none(scope):
    found = explore(scope.worker, CounterFile(), Lock(), 1, 0, 0)
    assert found.is_proof
    is_narrow = scope in (Scope.NOTHING, Scope.WRITE_ONLY, Scope.EACH_STEP)
    assert bool(found.failing) is is_narrow


@claim("05", "no order of the steps breaks read to write: 6 orders")
def test_six_orders_of_two_rounds_are_left_and_all_are_right():
    found = explore(scopes.lock_read_to_write, CounterFile(), Lock(), 2, 0, 0)
    assert (found.schedules, found.failing) == (6, None)


@claim("05", "twelve reports made under the lock take 0.66 s at least")
def test_twelve_reports_made_under_the_lock_take_two_thirds_of_a_second_at_least():
    began = time.perf_counter()
    run = lab.run(scopes.lock_slow_work_too, CounterFile(), Lock(), 3, 0.005, 0.05)
    assert run.elapsed >= 12 * 0.055
    assert time.perf_counter() - began >= 12 * 0.055


@claim("05", "one process loses nothing under any scope")
def test_one_process_loses_nothing_under_any_scope():
    sweep = sweep_scopes(1, processes=1, slow_ms=0)
    assert {scope: sweep.lost(scope) for scope in Scope} == dict.fromkeys(Scope, 0)


@claim("05", "a hold of 2 ms allows 500 in a second")
def test_no_more_is_done_than_one_hold_after_the_other_allows():
    sweep = measure_contention((3,), 1, times=3, hold_ms=4)
    load = sweep.loads[0]
    assert load.throughput <= 1000 / load.hold_ms <= 250


@claim("05", "with and without the sleep no two holds overlap")
@pytest.mark.parametrize("outside", Outside, ids=lambda outside: outside.value)
def test_no_two_holds_overlap_whatever_is_outside_the_lock(outside):
    run = run_fairness(outside=outside, duration_ms=100, deadline=60)
    assert analysis.overlaps(run.events) == 0


@pytest.mark.platform("linux")
@claim(
    "05",
    "`os.cpu_count()` counts the machine's cores, also for processes that may use fewer and share these",
)
def test_processes_tied_to_one_core_count_all_of_them_and_share_the_one():
    """As in a container that may use one core: the system lets all processes run on that one only."""
    run = lab.run(on_one_core, count_and_name_cores, processes=4)
    counted, allowed = zip(*run.returned.values(), strict=True)
    assert set(counted) == {os.cpu_count()}
    assert allowed == 4 * ([min(os.sched_getaffinity(0))],)
