"""The stepped way and the explorer. All counts are known: a wrong explorer cannot look fast."""

import time
from itertools import pairwise
from math import factorial
from statistics import median

from helpers import lab
from helpers.resources import CounterFile, Lock
from helpers.schedules import explore
from helpers.topics import philosopher_team
from helpers.workers.counter import increment_with_lock, increment_without_lock

_TIMES = 9
_LIMIT = 100_000  # situations: the explorer's own


def philosophers(count):
    """A team in which each takes the fork at its own place, then the next one."""
    return philosopher_team(count=count)


def counter(processes, increments=1):
    """A team in which all add to one number, without a lock."""
    return [(increment_without_lock, (CounterFile(), increments, 0))] * processes


def explored(team, schedules, failures):
    """Milliseconds to explore `team`, a median. Raises AssertionError for other counts."""
    times = []
    for _ in range(_TIMES):
        began = time.perf_counter()
        found = explore(team=team, processes=len(team))
        times.append((time.perf_counter() - began) * 1000)
        assert found.is_proof and (found.schedules, found.failures) == (schedules, failures), found
    return median(times)


def stepped(schedule, verdict, worker, *args):
    """Microseconds from one step's end to the next one's, a median, in runs of two processes."""
    gaps = []
    for _ in range(_TIMES):
        run = lab.run(worker, CounterFile(), *args, processes=2, schedule=schedule)
        assert (run.verdict, run.schedule) == (verdict, schedule), run
        gaps += [(after.end - before.end) / 1000 for before, after in pairwise(run.events)]
    return median(gaps)


def measure_stepped(report):
    """One step of real processes that take turns, the way there and back included."""
    in_turn = "AAAABBBB" * 50  # acquire, read, write, release
    taken = stepped(in_turn, "correct", increment_with_lock, Lock(), 50, 0)
    report.line("one step of the stepped way, 2 x 50 locked increments", taken, 500, "us")
    mixed = "ABAB" * 50  # read, read, write, write
    taken = stepped(mixed, "lost_updates", increment_without_lock, 50, 0)
    report.note("the same where each step is the other process's, no lock", taken, "us")


def measure_explorer(report):
    """Every order of three teams."""
    for what, team, schedules, failures, budget in (
        ("4 processes x 1 unlocked increment", counter(4), 2_520, 2_496, 10),
        ("5 philosophers", philosophers(5), 66_468_720, 120, 50),
        ("2 processes x 5 unlocked increments", counter(2, 5), 184_756, 184_504, 500),
    ):
        taken = explored(team, schedules, failures)
        report.line(f"exploring {what}: {schedules:,} orders", taken, budget, "ms")


def growth(limit, processes=range(2, 7), increments=range(1, 6)):
    """For each team its numbers of processes and increments, and its Exploration.

    More increments for as many processes are left out after the first that has too many situations.
    """
    for count in processes:
        for times in increments:
            found = explore(team=counter(count, times), processes=count, limit=limit)
            yield count, times, found
            if found.ended == "limit reached":
                break


def measure_growth(report):
    """How the orders multiply, and how much less the situations that are looked at."""
    print(f"Every order of unlocked increments, up to {_LIMIT:,} situations")
    print(f"{'processes':>9} {'increments each':>16} {'orders':>26} {'situations':>11} {'ms':>8}")
    for processes, increments, found in growth(_LIMIT):
        orders = "limit reached"
        if found.ended == "complete":
            steps = 2 * increments
            assert found.schedules == factorial(steps * processes) // factorial(steps) ** processes
            orders = f"{found.schedules:,}"
        numbers = f"{found.states:11,} {found.elapsed * 1000:8.1f}"
        print(f"{processes:9} {increments:16} {orders:>26} {numbers}", flush=True)
