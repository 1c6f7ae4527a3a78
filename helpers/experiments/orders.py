"""How many orders there are, and how their number grows."""

from collections import Counter
from dataclasses import dataclass

from helpers.lab import check
from helpers.resources import CounterFile
from helpers.schedules import Exploration, explore
from helpers.workers.counter import increment_without_lock


@dataclass(frozen=True)
class OrdersAndRuns:
    """How many orders, and how many free runs, end with each number in the first file."""

    orders: dict[int, int]
    runs: dict[int, int]

    def __str__(self):
        most, usual = max(self.orders, key=self.orders.get), max(self.runs, key=self.runs.get)
        orders, runs = sum(self.orders.values()), sum(self.runs.values())
        return (
            f"most orders end with {most} ({self.orders[most]:,} of {orders:,}), "
            f"most runs with {usual} ({self.runs[usual]} of {runs})"
        )


def compare_with_runs(exploration, trials):
    """The numbers at the end of all orders beside those of free runs: OrdersAndRuns.

    Raises ValueError where one of them has nothing to compare.
    """
    if not exploration.is_proof or not trials.runs:
        raise ValueError("compare every order of an exploration with at least one run")
    orders = Counter()
    for outcome in exploration.outcomes:
        orders[next(iter(outcome.values.values()))] += outcome.count
    return OrdersAndRuns(dict(orders), dict(Counter(trials.observed)))


@dataclass(frozen=True)
class Growth:
    """Explorations of unlocked increments, by number of processes, then by increments each.

    A line of them ends with the first one that reached the limit.
    """

    lines: dict[int, dict[int, Exploration]]
    limit: int

    def __str__(self):
        say = []
        for processes, line in self.lines.items():
            found = [
                f"{times}: {e.schedules:,}" if e.ended == "complete" else f"{times}: {e.ended}"
                for times, e in line.items()
            ]
            say.append(f"{processes} processes: {', '.join(found)}")
        return " · ".join(["orders by increments each", *say])


def measure_growth(processes=(2, 3, 4), times=5, limit=30_000, stop=None):
    """Explore 1 to `times` unlocked increments each for each number of processes: a Growth.

    Each line is left at the first case with more than `limit` situations.
    """
    lines = {}
    for count in processes:
        line = lines[check.processes(count)] = {}
        for each in range(1, check.whole("times", times, 1, 100) + 1):
            line[each] = explore(
                increment_without_lock,
                CounterFile(),
                each,
                0,
                processes=count,
                limit=limit,
                stop=stop,
            )
            if line[each].ended != "complete":
                break
    return Growth(lines, limit)
