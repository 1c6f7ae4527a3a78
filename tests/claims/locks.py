"""What lessons 07 to 09 claim about deadlock, crashes and RLock."""

import gc
import os
from pathlib import Path

from helpers import lab, topics
from helpers.topics import philosopher_team
from helpers.workers import contention
from tests import workers_for_tests
from tests.claim import claim
from tests.claims.counter import METHODS, RUNS
from tests.remains import left_behind


@claim("07", "two transfers in opposite orders end in a deadlock every time")
def opposite_orders_get_stuck():
    """Two transfers in opposite orders, default settings: a deadlock in every run."""
    for method in METHODS:
        trials = topics.repeat_transfers(RUNS, start_method=method)
        stuck = [run.verdict for run in trials.runs].count("deadlock")
        yield f"{method}, AB/BA: runs that end in deadlock, of {RUNS}", stuck, RUNS


@claim("07", "nor in a hundred real runs")
def one_order_never_gets_stuck():
    """The same with the global order of the locks: none goes wrong in any way."""
    for method in METHODS:
        trials = topics.repeat_transfers(RUNS, start_method=method, cure="global order")
        yield f"{method}, global order: wrong runs of {RUNS}", trials.failures, 0


def other_cures_never_get_stuck():
    """Single lock, back-off and timeout: none goes wrong; the last one of a ring turned round, neither."""
    for cure in ("single lock", "try and back off", "timeout"):
        trials = topics.repeat_transfers(min(RUNS, 20), cure=cure, deadline=60)
        yield f"{cure}: wrong runs", trials.failures, 0
    trials = topics.repeat_transfers(
        min(RUNS, 20), processes=5, first="the last one: the target's lock", deadline=60
    )
    yield "ring of five, the last one turned: wrong runs", trials.failures, 0


@claim("07", "without the pause some runs get through")
def a_small_window_is_not_always_met():
    """Without a pause between the acquires some runs get through."""
    trials = topics.repeat_transfers(min(RUNS, 20), times=5, pause_ms=0)
    yield "no pause: are some runs right?", trials.failures < len(trials.runs), True


@claim("07", "120 of 66,468,720 orders of five philosophers, and no probability")
def philosophers_get_stuck():
    """Five philosophers, 30 meals, 1 ms: stuck in every run, though in 120 of 66,468,720 orders only."""
    count = min(RUNS, 20)
    for worker, wanted in (
        (contention.dine_naively, count),
        (workers_for_tests.dine_in_global_order, 0),
    ):
        stuck = 0
        for _ in range(count):
            team = philosopher_team(worker, meals=30, think=0.001)
            stuck += lab.run(team=team, processes=5, deadline=60).verdict == "deadlock"
        yield f"{worker.__name__}: runs of {count} that end in deadlock", stuck, wanted


def a_thousand_deadlocks_leave_nothing():
    """1,000 deadlocked runs in a row: no process, semaphore, folder or open file more, and memory that stays."""
    topics.repeat_transfers(50)
    gc.collect()
    before, files, memory = left_behind(), _open_files(), _megabytes()
    stuck = 0
    for _ in range(1000):
        stuck += topics.run_transfers().verdict == "deadlock"
    gc.collect()
    yield "1,000 runs: deadlocks", stuck, 1000
    yield "1,000 runs: left behind", left_behind() - before, set()
    yield "1,000 runs: open files more", _open_files() - files, 0
    yield "1,000 runs: memory grew by 5 MB or more", _megabytes() - memory >= 5, False


def _open_files():
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


def _megabytes():
    if not os.path.exists("/proc/self/statm"):
        return 0
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6
