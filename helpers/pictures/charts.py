"""Charts over many runs: outcomes, failure rates, start-up times, transfers."""

from collections import Counter

import numpy as np
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import MaxNLocator

from helpers.pictures import style
from helpers.pictures.declared import picture

WRONG = {"color": "white", "edgecolor": style.LOST, "hatch": "xxx"}
# Colour and marker of each of several lines.
LINES = [
    (style.KEPT, "o"),
    (style.LOST, "s"),
    (style.GOOD, "^"),
    (style.INK, "D"),
    (style.WAIT, "v"),
]


def note(ax, words, x, y, offset, fontsize=9, **look):
    """Words beside a point, `offset` points away from it."""
    ax.annotate(words, (x, y), offset, textcoords="offset points", fontsize=fontsize, **look)


def add_shapes(ax, polygons, **look):
    """Polygons of as many corners and one look as one patch: drawn at once, hatches too."""
    if len(polygons):
        path = Path.make_compound_path_from_polys(np.array(polygons))
        ax.add_patch(PathPatch(path, **look))


def dots(ax, place, values, marker="o", spread=0.3, **look):
    """A dot for each value, over one place and beside each other by up to half of `spread`."""
    aside = [place + spread * ((i * 0.618) % 1 - 0.5) for i in range(len(values))]
    ax.plot(aside, values, marker, **look)


def plot_counts(ax, counts, looks, wanted, unit):
    """A bar for each of the `counts` by name, with colour and hatching of `looks`, on an axis up to `wanted`."""
    colours, hatches = zip(*(looks[word] for word in counts), strict=True)
    bars = ax.barh(list(counts), list(counts.values()), color=colours, height=0.72)
    for bar, hatch, count in zip(bars, hatches, counts.values(), strict=True):
        bar.set(hatch=hatch, edgecolor="white", linewidth=0)
        middle = bar.get_y() + bar.get_height() / 2
        note(ax, f"{count}", max(count, 0), middle, (4, 0), 10, va="center")
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
    for bar in [*wrong, *good] if len(counts) <= 30 else good:
        if bar.get_height():
            top = bar.get_height()
            note(ax, f"{top:.0f}", bar.get_x() + 0.4, top, (0, 2), ha="center")
    ax.axvline(expected, color=style.GOOD, ls="--", lw=1.2, zorder=0)
    tall = max([1, right, *counts.values()])
    ax.set_ylim(0, 1.25 * tall)
    look = {"color": style.GOOD, "ha": "right", "va": "top", "fontsize": 9}
    ax.text(expected, 1.24 * tall, f"expected {expected} ", **look)
    low, high = min([0, *counts]), max([expected, *counts])
    ax.set_xlim(low - 0.03 * (high - low) - 1, high + 0.03 * (high - low) + 1)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(8, integer=True))
    say = f"{trials.failures} of {len(trials.runs)} runs went wrong"
    colour = style.LOST if trials.failures else style.GOOD
    style.finish(ax, say, colour, x="number in the file at the end", y="runs")


def show_outcomes(kind, **more):
    """Declare `plot_outcomes` as what draws results of `kind`; `more` as for `picture`."""
    say, place = "Bar chart of the numbers in the file at the end", (0.075, 0.17, 0.9, 0.69)
    picture(kind, say, 3.2, place, **more)(plot_outcomes)
