"""How many orders there are, how they end beside real runs, and how their number grows."""

import textwrap
from collections import Counter
from dataclasses import dataclass

from helpers.events import counted
from helpers.lab import check
from helpers.pictures import LINES, WRONG, mpl, note, picture, style
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
        say = f"most orders end with {most} ({self.orders[most]:,} of {orders:,})"
        return f"{say}, most runs with {usual} ({self.runs[usual]} of {runs})"


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
            done = [e.schedules for e in line.values() if e.ended == "complete"]
            each = counted(len(done), "increment")
            say.append(f"{max(done, default=0):,} of {processes} processes with {each} each")
        return f"Orders, as far as they were counted: {'; '.join(say) or 'none'}"


def measure_growth(processes=(2, 3, 4), times=5, limit=30_000, stop=None):
    """Explore 1 to `times` unlocked increments each for each number of processes: a Growth.

    Each line is left at the first case with more than `limit` situations.
    """
    lines = {}
    for count in processes:
        line = lines[check.processes(count)] = {}
        for each in range(1, check.whole("times", times, 1, 100) + 1):
            args = increment_without_lock, CounterFile(), each, 0
            line[each] = explore(*args, processes=count, limit=limit, stop=stop)
            if line[each].ended != "complete":
                break
    return Growth(lines, limit)


MOST_ENDS = 12  # rows of different ends in one picture
_GIVEN_UP = "given up"
_JUDGED = {
    True: ("right", {"color": style.KEPT}),
    False: ("wrong", WRONG),
    None: ("found", {"color": style.PALE, "edgecolor": style.KEPT}),
    _GIVEN_UP: ("not followed", {"color": "white", "edgecolor": style.INK, "hatch": "..."}),
}


def _alt_of_growth(growth):
    """All that the picture shows, in words."""
    say = ["orders by increments each"]
    for processes, line in growth.lines.items():
        ends = [f"{e.schedules:,}" if e.ended == "complete" else e.ended for e in line.values()]
        found = [f"{times}: {end}" for times, end in zip(line, ends, strict=True)]
        say.append(f"{processes} processes: {', '.join(found)}")
    return f"Number of orders on an axis of powers of ten. {' · '.join(say)}."


@picture(Growth, _alt_of_growth, places=(0.075, 0.13, 0.9, 0.74))
def plot_growth(ax, growth):
    """Orders and situations against increments each, by powers of ten: one line for each number of processes."""
    for (processes, line), (colour, marker) in zip(growth.lines.items(), LINES, strict=False):
        done = {times: found for times, found in line.items() if found.ended == "complete"}
        if not done:
            continue
        times, orders = list(done), [found.schedules for found in done.values()]
        situations = [found.states for found in done.values()]
        ax.plot(times, orders, marker=marker, color=colour, lw=1.8, ms=7)
        ax.plot(times, situations, ":", marker=marker, color=colour, mfc="white", ms=5)
        for each, count in zip(times, orders, strict=True):
            note(ax, f"{count:,}", each, count, (-8, 3), ha="right")
        words = f"{processes} processes: {done[times[-1]].elapsed:.2f} s"
        if len(done) < len(line):
            words += f",\nthen {line[times[-1] + 1].ended}"
        note(ax, words, times[-1], orders[-1], (9, -3), color=colour, fontweight="bold")
    most = max((max(line) for line in growth.lines.values()), default=1)
    ax.set(yscale="log", xticks=range(1, most + 1), xlim=(0.5, most + 1.3))
    ax.margins(y=0.12)
    say = "Orders grow with factorials; situations grow more slowly, but grow too"
    style.finish(ax, say, x="increments each", y="orders (solid), situations (dotted)")


def rows_of_orders(exploration):
    """The ends of an exploration that look different: pairs (wrapped label, is right) to their orders.

    Of many, those with the most orders, and one row for all others.
    """
    counts = Counter()
    for outcome in exploration.outcomes:
        label = textwrap.shorten(outcome.label, 78, placeholder=" ...")
        counts[textwrap.fill(label, 26), outcome.is_right] += outcome.count
    left = +Counter({(textwrap.fill(exploration.given_up, 26), _GIVEN_UP): exploration.cut})
    if len(counts) <= MOST_ENDS:
        return {**counts, **left}
    shown = dict(counts.most_common(MOST_ENDS - 1))
    rest = {end: count for end, count in counts.items() if end not in shown}
    judged = {is_right for _, is_right in rest}
    are_right = False if False in judged else None if None in judged else True
    return {**shown, (f"{len(rest)} other ends", are_right): sum(rest.values()), **left}


def height_of_orders(exploration):
    """Inches that the picture of an exploration needs: all rows are as high as the highest."""
    rows = rows_of_orders(exploration)
    lines = max((label.count("\n") + 1 for label, _ in rows), default=1)
    return max(2.9, 0.7 + len(rows) * (0.17 * lines + 0.1))


def _alt(exploration):
    wrong = {False: ", wrong"}
    ends = [f"{e.label}: {e.count:,}{wrong.get(e.is_right, '')}" for e in exploration.outcomes]
    if exploration.cut:
        ends.append(f"{exploration.given_up}: {exploration.cut:,}")
    return f"Bar chart of how many orders end how. {exploration.sentence}. {'; '.join(ends)}."


_AXES = (0.2, 0.19, 0.76, 0.77)


@picture(Exploration, _alt, height_of_orders, _AXES, shows=lambda e: bool(e.outcomes))
def plot_orders(ax, exploration):
    """How many of all orders end how, exactly; those that go wrong are hatched, those not judged are pale."""
    rows = rows_of_orders(exploration)
    counts = list(rows.values())
    for place, ((_, is_right), count) in enumerate(rows.items()):
        word, look = _JUDGED[is_right]
        ax.barh(place, count, 0.7, **look)
        note(ax, f"{count:,} {word}", count, place, (5, 0), va="center")
    ax.set_yticks(range(len(rows)), [label for label, _ in rows])
    ax.set(xlim=(0, 1.2 * max(counts, default=1)), ylim=(max(len(rows), 3) - 0.4, -0.6))
    ax.xaxis.set_major_locator(mpl.MaxNLocator(5, integer=True))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    style.bare(ax, "orders, by what the file says at the end")


_ALT_OF_BOTH = "Bar chart of shares, all orders beside free runs"


@picture(OrdersAndRuns, _ALT_OF_BOTH, 3.6, (0.075, 0.15, 0.9, 0.71))
def plot_orders_and_runs(ax, both):
    """The share of all orders that end with a number, beside the share of free runs that did."""
    numbers = sorted({*both.orders, *both.runs})
    orders = -0.21, both.orders, _JUDGED[None][1], "of all orders"
    for shift, counts, look, words in (orders, (0.21, both.runs, WRONG, "of the free runs")):
        total = sum(counts.values())
        shares = [counts.get(number, 0) / (total or 1) for number in numbers]
        places = [number + shift for number in numbers]
        ax.bar(places, shares, 0.4, label=f"{words} ({total:,})", **look)
        for number, count in counts.items():
            note(ax, f"{count / total:.0%}", number + shift, count / total, (0, 2), ha="center")
    ax.set(xticks=numbers, ylim=(0, 1.12))
    ax.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
    ax.legend(frameon=False, fontsize=9, loc="upper right")
    say = "How many orders there are is one thing, how often they happen another"
    style.finish(ax, say, x="number in the file at the end")
