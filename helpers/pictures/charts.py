"""Charts over many runs: outcomes, failure rates, start-up times, transfers."""

from collections import Counter

from matplotlib.ticker import MaxNLocator

from helpers.pictures import style

WRONG = {"color": "white", "edgecolor": style.LOST, "hatch": "xxx"}
# Colour and marker of each of several lines.
LINES = [
    (style.KEPT, "o"),
    (style.LOST, "s"),
    (style.GOOD, "^"),
    (style.INK, "D"),
    (style.WAIT, "v"),
]


def note(ax, words, x, y, offset, **look):
    """Words beside a point, `offset` points away from it."""
    ax.annotate(words, (x, y), offset, textcoords="offset points", fontsize=9, **look)


def plot_outcomes(ax, trials):
    """How often each number stood in the file at the end; the expected number is marked."""
    expected = trials.settings.expected
    counts = Counter(trials.observed)
    right = counts.pop(expected, 0)
    wrong = ax.bar(counts.keys(), counts.values(), 0.8, **WRONG)
    good = ax.bar([expected], [right], 0.8, color=style.KEPT)
    for bar in [*wrong, *good] if len(counts) <= 30 else good:
        if bar.get_height():
            ax.annotate(
                f"{bar.get_height():.0f}",
                (bar.get_x() + 0.4, bar.get_height()),
                (0, 2),
                textcoords="offset points",
                ha="center",
                fontsize=9,
            )
    ax.axvline(expected, color=style.GOOD, ls="--", lw=1.2, zorder=0)
    tall = max([1, right, *counts.values()])
    ax.set_ylim(0, 1.25 * tall)
    ax.text(
        expected,
        1.24 * tall,
        f"expected {expected} ",
        color=style.GOOD,
        ha="right",
        va="top",
        fontsize=9,
    )
    low, high = min([0, *counts]), max([expected, *counts])
    ax.set_xlim(low - 0.03 * (high - low) - 1, high + 0.03 * (high - low) + 1)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(8, integer=True))
    ax.set_xlabel("number in the file at the end", fontsize=9)
    ax.set_ylabel("runs", fontsize=9)
    style.bare(ax)
    done = len(trials.runs)
    style.title(
        ax,
        f"{trials.failures} of {done} runs went wrong",
        style.GOOD if not trials.failures else style.LOST,
    )
