"""What lessons 01 to 04 claim about processes, the race on a file, its orders, and the lock."""

from collections import Counter

from helpers import analysis, lab, topics
from helpers.lab.programs import run_program
from helpers.resources import CounterFile
from helpers.schedules import explore
from helpers.workers.counter import increment_without_lock
from tests.claim import claim

METHODS = lab.start_methods()
RUNS = 100


@claim("02", "4 x 10 with 1 ms and no lock lose updates in every run; kept + lost = all")
def default_settings_always_lose():
    """4 x 10 increments, 1 ms, no lock, replace: lost updates in every run, every one accounted for."""
    for method in METHODS:
        runs = topics.repeat_counter(RUNS, start_method=method).runs
        lost = sum(run.verdict == "lost_updates" for run in runs)
        yield f"{method}, no lock: runs that lost updates, of {RUNS}", lost, RUNS
        exact = sum(_adds_up(run.account) for run in runs)
        name = f"{method}, no lock: runs in which kept + lost = all and observed = base + kept"
        yield name, exact, RUNS


def _adds_up(account):
    every = len(account.kept) + len(account.lost) == account.total == 40
    return every and account.observed == account.base + len(account.kept)


@claim("04", "with the lock from read to write no update is lost")
def the_lock_never_loses():
    """The same with the lock from read to write, and over the whole loop."""
    for scope in ("read to write", "whole loop"):
        for method in METHODS:
            trials = topics.repeat_counter(RUNS, start_method=method, scope=scope)
            yield f"{method}, lock {scope}: wrong runs of {RUNS}", trials.failures, 0


@claim("04", "locking each step, or the write only, is not enough")
def locking_each_step_is_not_enough():
    """A lock for the read and one for the write: still lost updates in every run."""
    for scope in ("each step", "write only"):
        trials = topics.repeat_counter(RUNS, scope=scope)
        yield f"lock {scope}: wrong runs of {RUNS}", trials.failures, RUNS


@claim("02", "os.replace cures the reset and the over-count, not the lost update")
def replacing_never_resets():
    """os.replace: no empty read and no torn number; emptying and filling: some in 50 runs."""
    for method in METHODS:
        accounts = [
            run.account for run in topics.repeat_counter(RUNS, pause_ms=0, start_method=method).runs
        ]
        found = sum(account.resets + account.torn for account in accounts)
        yield f"{method}, replace, pause 0: empty or torn reads", found, 0
    chaos = topics.repeat_counter(RUNS, pause_ms=0, write="truncate").runs
    corrupted = sum(run.verdict == "corrupted" for run in chaos)
    yield f"truncate, pause 0: were some of {RUNS} runs corrupted?", corrupted > 0, True
    exact = sum(_adds_up(run.account) for run in chaos)
    name = (
        f"truncate, pause 0: runs in which kept + lost = all and observed = base + kept, of {RUNS}"
    )
    yield name, exact, RUNS


@claim("01", "fork is the quickest, spawn the slowest")
def start_up_order():
    """Medians after the first start: fork < forkserver < spawn."""
    times = topics.measure_start_times(20).medians
    order = sorted(times, key=times.get)
    name = "start methods from fast to slow"
    yield name, order, [m for m in ("fork", "forkserver", "spawn") if m in times]


@claim("04", "the textbook program with the lock says 20")
def the_textbook_program_counts_to_twenty():
    """The program with the lock, as shown: 20 of 20."""
    said = {run_program("counter_with_lock.py").strip() for _ in range(10)}
    yield "what counter_with_lock.py printed in 10 runs", said, {"expected 20, the file says 20"}


@claim("02", '`empty="raise"` stops the process')
def an_empty_read_can_stop_the_run():
    """With empty="raise" a process that meets the emptied file dies of a ValueError."""
    runs = topics.repeat_counter(
        min(RUNS, 20), times=50, pause_ms=0, write="truncate", empty="raise"
    ).runs
    name = "truncate, empty read raises: crashed runs"
    yield name, sum(r.verdict == "crashed" for r in runs), len(runs)


@claim("01", "two processes x ten with 1 ms: the file says less than 20")
def two_processes_lose_too():
    """2 x 10 increments with 1 ms, and 2 x 1 with 50 ms: lost updates in every run."""
    for times, pause in ((10, 1), (1, 50)):
        trials = topics.repeat_counter(RUNS, processes=2, times=times, pause_ms=pause)
        yield f"2 x {times}, {pause} ms: wrong runs of {RUNS}", trials.failures, RUNS


@claim("02", "30 runs lie near 10; more processes only lose more")
def more_processes_only_lose_more():
    """30 runs of 4 x 10 lie near 10; 16 processes bring the number no further than twice that."""
    for processes in (4, 16):
        observed = topics.repeat_counter(min(RUNS, 30), processes=processes).observed
        near = sum(9 <= number <= 20 for number in observed)
        yield f"{processes} x 10, 1 ms: runs that ended between 9 and 20", near, len(observed)


@claim("04", "waiting is what a lock costs")
def the_lock_costs_waiting():
    """4 x 10 with 5 ms: slower with the lock than without, and waited for longer than held."""
    for _ in range(5):
        free = topics.run_counter(pause_ms=5)
        slow = topics.run_counter(pause_ms=5, scope="read to write")
        spent = analysis.contention(slow.events)
        yield "slower with the lock, waits longer than holds", (
            slow.elapsed > free.elapsed, spent.wait_time > spent.hold_time
        ), (True, True)  # fmt: skip


@claim("04", "slow work belongs outside the lock")
def slow_work_belongs_outside():
    """4 x 10 with 2 ms of slow work: read to write is faster than with the slow work inside."""
    for _ in range(5):
        narrow, wide = (
            topics.run_counter(slow_ms=2, scope=scope).elapsed
            for scope in ("read to write", "read to write and slow work")
        )
        yield "read to write is faster than with the slow work inside", narrow < wide, True


@claim("03", "the number of orders is no probability")
def the_number_of_orders_is_no_probability():
    """2 x 5 with 1 ms: most runs end with 5, though most orders end with 6."""
    observed = Counter(topics.repeat_counter(RUNS, processes=2, times=5).observed)
    yield f"2 x 5, 1 ms: do most of {RUNS} runs end with 5?", observed[5] > RUNS / 2, True
    every = explore(increment_without_lock, CounterFile(), 5, 0)
    counts = {outcome["counter"]: outcome.count for outcome in every.outcomes}
    yield "2 x 5: the number with which most orders end", max(counts, key=counts.get), 6


@claim("03", "on real processes `ABBA` loses an update each time, `AABB` never")
def a_schedule_repeats_itself():
    """ABBA loses an update each time, AABB never, under every start method."""
    for method in METHODS:
        with lab.ProcessSet(2, method) as processes:
            for schedule, number in (("ABBA", 1), ("AABB", 2)):
                runs = [
                    processes.run(increment_without_lock, CounterFile(), 1, 0, schedule=schedule)
                    for _ in range(RUNS)
                ]
                right = sum(run.account.observed == number for run in runs)
                yield f"{method}, {schedule}: runs that end with {number}, of {RUNS}", right, RUNS
