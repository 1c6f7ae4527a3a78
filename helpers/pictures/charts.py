"""Charts over many runs or orders: what they share, the outcomes, and the progress graph of two processes."""

import math
import textwrap
from collections import Counter

from helpers.pictures import drawing as mpl
from helpers.pictures import style
from helpers.pictures.declared import picture
from helpers.schedules import ProgressGraph

WRONG = {"color": "white", "edgecolor": style.LOST, "hatch": "xxx"}
# Colour and marker of each of several lines.
_COLOURS = style.KEPT, style.LOST, style.GOOD, style.INK, style.WAIT
LINES = list(zip(_COLOURS, "os^Dv", strict=True))
_MOST_LABELS = 24
_WIDEST = 30  # letters of a line of the legend
_MOST_LETTERS = 40  # in a row under the axis; more of them are turned
# Line style of each of several paths; a path that fails is in another colour, too.
_DASHES = ["-", (0, (5, 2)), (0, (1, 1.2)), (0, (6, 2, 1, 2))]
_REGIONS = {
    "forbidden": (style.INK, "////", "#E4E4E4", "both would hold the lock: no way in"),
    "window": (style.LOST, "xxx", "#FBEBDF", "both have read, neither has written"),
}
# Half a step around each point, so that no path between allowed points touches it.
_AROUND = (-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)


def note(ax, words, x, y, offset, fontsize=9, **look):
    """Words beside a point, `offset` points away from it."""
    ax.annotate(words, (x, y), offset, textcoords="offset points", fontsize=fontsize, **look)


def add_shapes(ax, polygons, **look):
    """Polygons of as many corners and one look as one patch: drawn at once, hatches too."""
    if len(polygons):
        path = mpl.Path.make_compound_path_from_polys(mpl.np.array(polygons))
        ax.add_artist(mpl.PathPatch(path, **look))  # whose limits need not be found


def dots(ax, place, values, marker="o", spread=0.3, **look):
    """A dot for each value, over one place and beside each other by up to half of `spread`."""
    aside = [place + spread * ((i * 0.618) % 1 - 0.5) for i in range(len(values))]
    ax.plot(aside, values, marker, **look)


def plot_counts(ax, counts, looks, wanted, unit):
    """A bar for each of the `counts` by name, with colour and hatching of `looks`, on an axis up to `wanted`."""
    colours, hatches = zip(*(looks[word] for word in counts), strict=True)
    look = {"color": colours, "hatch": hatches, "edgecolor": "white", "linewidth": 0}
    bars = ax.barh(list(counts), [max(count, 0) for count in counts.values()], 0.72, **look)
    ax.bar_label(bars, list(counts.values()), padding=4, fontsize=10)
    ax.set(xlim=(0, 1.06 * wanted), xticks=[0, wanted])
    ax.invert_yaxis()
    style.bare(ax, unit)
    ax.tick_params(axis="y", length=0, labelsize=10)


def plot_outcomes(ax, trials):
    """How often each number stood in the file at the end; the expected number is marked."""
    expected = trials.settings.expected
    counts = Counter(trials.observed)
    right = counts.pop(expected, 0)
    wrong = ax.bar(counts.keys(), counts.values(), 0.8, **WRONG)
    good = ax.bar([expected], [right], 0.8, color=style.KEPT)
    for bars in (wrong, good) if len(counts) <= 30 else (good,):
        words = [f"{runs:.0f}" if runs else "" for runs in bars.datavalues]
        ax.bar_label(bars, words, fontsize=9)
    ax.axvline(expected, color=style.GOOD, ls="--", lw=1.2, zorder=0)
    tall = max([1, right, *counts.values()])
    ax.set_ylim(0, 1.25 * tall)
    look = {"color": style.GOOD, "ha": "right", "va": "top", "fontsize": 9}
    ax.text(expected, 1.24 * tall, f"expected {expected} ", **look)
    low, high = min([0, *counts]), max([expected, *counts])
    ax.set_xlim(low - 0.03 * (high - low) - 1, high + 0.03 * (high - low) + 1)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(mpl.MaxNLocator(8, integer=True))
    style.bare(ax, "number in the file at the end", "runs")


def show_outcomes(kind, **more):
    """Declare `plot_outcomes` as what draws results of `kind`; `more` as for `picture`."""
    say, place = "Bar chart of the numbers in the file at the end", (0.075, 0.19, 0.9, 0.77)
    picture(kind, say, 2.9, place, **more)(plot_outcomes)


@picture(ProgressGraph, "Progress graph", 4.2, (0.13, 0.24, 0.44, 0.74), width=7.4)
def plot_progress_graph(ax, graph):
    """A's steps to the right, B's upward, the places no order may or should enter, and each order a path from corner to corner."""
    across, up = (len(steps) for steps in graph.steps)
    points = [(i, j) for i in range(across + 1) for j in range(up + 1)]
    free = [point for point in points if point not in graph.forbidden]
    ax.plot(*zip(*free, strict=True), ".", color="#9A9A9A", ms=4, zorder=2)
    for number, path in enumerate(graph.paths):
        _draw_path(ax, path, number, len(graph.paths))
    for name, (colour, hatch, ground, words) in _REGIONS.items():
        shapes = [mpl.np.add(point, _AROUND) for point in getattr(graph, name)]
        look = {"facecolor": ground, "edgecolor": colour, "hatch": hatch, "linewidth": 0}
        add_shapes(ax, shapes, label=words, **look, zorder=1)
    if graph.stuck:
        look = {"color": style.LOST, "ms": 11, "mec": "white", "label": "nobody can move"}
        ax.plot(*zip(*graph.stuck, strict=True), "X", zorder=5, **look)
    _name_steps(ax, graph.steps)
    ax.set(xlim=(-0.55, across + 0.55), ylim=(-0.55, up + 0.55), aspect="equal", anchor="NW")
    style.legend(ax, None, (1.03, 1.0), handlelength=2.6, labelspacing=0.9)
    style.bare(ax)


def _draw_path(ax, path, number, count):
    """Draw one of the paths, its colour and the mark at its end by its verdict."""
    gap = min(0.07, 0.6 / count)  # paths on one line lie side by side, and touch nothing shaded
    shift = gap * (number - (count - 1) / 2)
    places = mpl.np.array(path.points) + (shift, -shift)
    known = {"": (style.KEPT, ">"), "correct": (style.GOOD, "o")}
    colour, mark = known.get(path.verdict, (style.LOST, "X"))
    look = {"color": colour, "linestyle": _DASHES[number % len(_DASHES)], "linewidth": 2.4}
    end = {"marker": mark, "markevery": [-1], "ms": 9, "mec": "white", "zorder": 4}
    ax.plot(*places.T, label=textwrap.fill(path.words, _WIDEST), **look, **end)
    ax.plot(*places[0], "o", color=style.INK, ms=6, zorder=5)


def _name_steps(ax, steps):
    for axis, names, letter in zip((ax.xaxis, ax.yaxis), steps, "AB", strict=True):
        every = -(-len(names) // _MOST_LABELS) or 1
        axis.set_ticks([place + 0.5 for place in range(0, len(names), every)], names[::every])
        axis.set_label_text(f"steps of {letter}", fontsize=9)
    crowded = sum(len(name) + 2 for name in steps[0]) > _MOST_LETTERS
    ax.tick_params(axis="x", rotation=90 if crowded else 0, length=0)
    ax.tick_params(axis="y", length=0)


def wilson_interval(failures: int, trials: int) -> tuple[float, float]:
    """The failure rates that fit `failures` of `trials`: low and high of Wilson's 95 % interval.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.
    """
    z = 1.96
    rate = failures / trials
    middle = rate + z * z / (2 * trials)
    reach = z * math.sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    low, high = (middle - reach) / scale, (middle + reach) / scale
    # Rounding must not push an end of the interval past the rate itself.
    return max(0.0, min(rate, low)), min(1.0, max(rate, high))
