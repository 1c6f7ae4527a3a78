"""What lesson 05 claims about turns at a lock, the sleep outside it, and what locks cost."""

from collections import defaultdict
from statistics import mean, median

from helpers import analysis, topics
from helpers.topics import Fairness, Outside, run_fairness
from tests.claim import claim
from tests.claims.counter import METHODS, RUNS


@claim("05", "short holds: dozens in a row without a sleep outside, hardly two with one")
def a_sleep_outside_shares_out_the_turns():
    """Short holds: without a sleep outside dozens in a row, with one, also of nothing, hardly two."""
    for method in METHODS:
        for outside in Outside:
            reported = _fair_runs(outside=outside, start_method=method)
            streak = median(map(_longest_mean_streak, reported))
            found = "> 5" if streak > 5 else "< 2" if streak < 2 else f"{streak:.1f}"
            wanted = "> 5" if outside is Outside.NOTHING else "< 2"
            yield f"{method}, outside: {outside.value}: holds in a row on average", found, wanted


@claim("05", "long holds: short streaks without a sleep too, but a longer longest wait")
def long_holds_come_in_short_streaks():
    """Sleeping 10 ms inside: short streaks without any sleep outside, but somebody waits longer than with one."""
    waits = {}
    for outside in (Outside.NOTHING, Outside.SLEEP):
        reported = _fair_runs(outside=outside, hold_ms=10, inside="sleeping")
        streak = median(map(_longest_mean_streak, reported))
        yield f"10 ms inside, outside: {outside.value}: fewer than 5 in a row?", streak < 5, True
        waits[outside] = median(
            max(t.longest_wait_ms for t in one.turns.values()) for one in reported
        )
    is_longer = waits[Outside.NOTHING] > waits[Outside.SLEEP]
    yield "10 ms inside: is the longest wait longer without a sleep outside?", is_longer, True


def the_lock_excludes_with_and_without_a_sleep():
    """No two holds overlap, and not one update is lost, whatever is outside the lock."""
    for outside in Outside:
        clashes = sum(analysis.overlaps(one.run.events) for one in _fair_runs(outside=outside))
        yield f"outside: {outside.value}: holds that overlap", clashes, 0
    for method in METHODS:
        for slow_ms in (0, 1):
            trials = topics.repeat_counter(
                RUNS, scope="read to write", slow_ms=slow_ms, start_method=method
            )
            yield f"{method}, {slow_ms} ms outside: wrong runs of {RUNS}", trials.failures, 0


@claim(
    "05",
    "a plain lock costs less than 1 µs, an RLock the same, a file lock more, a Manager's hundreds of times as much",
)
def locks_have_their_price():
    """An RLock costs as much as the plain lock, a file lock more, a Manager's much more; and a plain one under 1 µs."""
    for _ in range(5):
        prices = topics.measure_lock_prices()
        times = {kind: ns / prices.ns["multiprocessing.Lock"] for kind, ns in prices.ns.items()}
        name = "RLock: within 3 times the plain lock?"
        yield name, 1 / 3 < times["multiprocessing.RLock"] < 3, True
        yield "file lock: at least 3 times the plain lock?", times["file lock"] >= 3, True
        yield "Manager: at least 100 times the plain lock?", times["Manager().Lock"] >= 100, True
        yield "plain lock: under 1 µs?", prices.ns["multiprocessing.Lock"] < 1000, True


def _longest_mean_streak(fairness):
    """How many holds in a row a process had on average: that of the process for which it is most."""
    found = defaultdict(list)
    for streak in analysis.streaks(fairness.run.events):
        found[streak[0].process].append(len(streak))
    return max(map(mean, found.values()))


def _fair_runs(**settings):
    return [Fairness(run_fairness(deadline=60, **settings)) for _ in range(10)]
