"""Charts over many runs: outcomes, failure rates, start-up times, transfers."""

from collections import Counter

from helpers.events import counted
from helpers.pictures import drawing as mpl
from helpers.pictures import style
from helpers.pictures.declared import picture
from helpers.pictures.drawing import np

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
        path = mpl.Path.make_compound_path_from_polys(np.array(polygons))
        ax.add_patch(mpl.PathPatch(path, **look))


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
    say = f"{trials.failures} of {counted(len(trials.runs), 'run')} went wrong"
    colour = style.LOST if trials.failures else style.GOOD
    style.finish(ax, say, colour, x="number in the file at the end", y="runs")


def show_outcomes(kind, **more):
    """Declare `plot_outcomes` as what draws results of `kind`; `more` as for `picture`."""
    say, place = "Bar chart of the numbers in the file at the end", (0.075, 0.17, 0.9, 0.69)
    picture(kind, say, 3.2, place, **more)(plot_outcomes)
