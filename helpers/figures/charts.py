"""Charts over many runs: outcomes, failure rates, start-up times, transfers."""

import textwrap
from collections import Counter
from statistics import median

from matplotlib.ticker import MaxNLocator

from helpers.figures import style

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


def plot_failure_rate(ax, sweep):
    """Share of wrong runs for each value of a setting, with the range that fits the trials."""
    places = range(len(sweep.points))
    rates = [point.failures / point.trials for point in sweep.points]
    below = [rate - point.interval[0] for rate, point in zip(rates, sweep.points, strict=True)]
    above = [point.interval[1] - rate for rate, point in zip(rates, sweep.points, strict=True)]
    ax.errorbar(
        places,
        rates,
        yerr=[below, above],
        fmt="o",
        color=style.LOST,
        ecolor=style.INK,
        capsize=4,
        ms=7,
    )
    for place, point, rate in zip(places, sweep.points, rates, strict=True):
        ax.annotate(
            f"{point.failures} of {point.trials}",
            (place, rate),
            (9, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
        )
    ax.set_xticks(places, [f"{point.value}" for point in sweep.points])
    ax.set_xlim(-0.4, max(len(sweep.points), 1) - 0.4)
    ax.set_ylim(-0.06, 1.06)
    ax.set_yticks([0, 0.5, 1], ["none", "half", "all"])
    ax.set_xlabel(sweep.parameter.replace("_ms", " in ms").replace("_", " "), fontsize=9)
    ax.set_ylabel("runs that went wrong", fontsize=9)
    style.bare(ax)
    style.title(ax, "Wrong runs, and the range of rates that fits these trials (95 %)")


def plot_start_times(ax, times):
    """Milliseconds to a child's first line by start method; the fork server's own start apart."""
    bars = [
        (method, ms, "") for method, ms in sorted(times.medians.items(), key=lambda pair: pair[1])
    ]
    if times.server is not None:
        bars.append(("the fork server itself, once", times.server, "xxx"))
    names, widths, hatches = zip(*bars, strict=True)
    shapes = ax.barh(range(len(bars)), widths, 0.6, color=style.KEPT)
    for shape, hatch in zip(shapes, hatches, strict=True):
        if hatch:
            shape.set(facecolor="white", edgecolor=style.KEPT, hatch=hatch)
    for place, width in enumerate(widths):
        ax.text(width + 0.01 * max(widths), place, f"{width:.1f} ms", va="center", fontsize=9)
    ax.set_yticks(range(len(bars)), names)
    ax.invert_yaxis()
    ax.set_xlim(0, 1.15 * max(widths))
    ax.set_xlabel("milliseconds from start() to the child's first line (median)", fontsize=9)
    style.bare(ax)
    fastest, slowest = bars[0], max(bars[: len(times.medians)], key=lambda bar: bar[1])
    say = f"A child by {slowest[0]} takes {slowest[1] / fastest[1]:.0f} times as long as by {fastest[0]}"
    if len(times.medians) == 1:  # Windows
        say = f"A child by {slowest[0]} takes {slowest[1]:.0f} ms"
    style.title(ax, say)


def plot_starts(ax, starts):
    """The start-up of each child, from its start() to when it was ready, on one time axis."""
    spans = starts.run.startup
    for place, (began, ready) in enumerate(spans.values()):
        ax.barh(place, (ready - began) * 1000, 0.5, left=began * 1000, color=style.KEPT)
        ax.text(ready * 1000, place, f" {(ready - began) * 1000:.0f} ms", va="center", fontsize=9)
    ax.set_yticks(range(len(spans)), spans)
    ax.set_ylim(len(spans) - 0.4, -0.6)
    ax.set_xlim(0, 1.12 * max([ready * 1000 for _, ready in spans.values()], default=1))
    ax.set_xlabel("milliseconds since the first start()", fontsize=9)
    style.bare(ax)
    style.title(ax, starts.sentence)


def plot_transfers(ax, trials):
    """How many transfers each run completed; runs that got stuck are hatched and crossed."""
    count = len(trials.runs)
    for verdict, look, marker, words in (
        ("correct", {"color": style.KEPT}, "", "all done"),
        ("deadlock", WRONG, "X", "stuck in a circle"),
        ("", {"color": "white", "edgecolor": style.WAIT, "hatch": "///"}, "s", "wrong otherwise"),
    ):
        some = [
            (place, done)
            for place, (run, done) in enumerate(zip(trials.runs, trials.done, strict=True), 1)
            if (run.verdict if run.verdict in ("correct", "deadlock") else "") == verdict
        ]
        if some:
            ax.bar(*zip(*some, strict=True), 0.8, label=words, linewidth=min(1, 40 / count), **look)
            _cross(ax, some, marker, look.get("edgecolor"), 8 if count <= 40 else 5.5)
    asked = trials.transfers
    ax.axhline(asked, color=style.GOOD, ls="--", lw=1.2, label=f"asked for: {asked}")
    ax.set(xlim=(0.3, max(count, 10) + 0.7), ylim=(0, 1.3 * asked))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(8, integer=True))
    ax.set_xlabel("run", fontsize=9)
    ax.set_ylabel("transfers completed", fontsize=9)
    ax.legend(loc="upper left", ncols=4, frameon=False, fontsize=9, borderaxespad=0.1)
    style.bare(ax)
    say = textwrap.shorten(trials.sentence, 95, placeholder=" ...")
    style.title(ax, say, style.LOST if trials.failures else style.GOOD)


def _cross(ax, points, marker, colour, size):
    """A mark on the top of each bar, also of one without height."""
    if marker:
        ax.plot(*zip(*points, strict=True), marker, color=colour, mew=0, ms=size,
                ls="", clip_on=False, zorder=4)  # fmt: skip


def plot_wasted_tries(ax, measured):
    """Wasted tries of each run as dots, the median as a bar, for each pause between the two acquires."""
    for place, tries in enumerate(measured.wasted.values()):
        if not tries:
            continue
        aside = [place + 0.3 * ((i * 0.618) % 1 - 0.5) for i in range(len(tries))]
        ax.plot(aside, tries, "o", color=style.KEPT, mfc="none", ms=5)
        middle = median(tries)
        ax.plot([place - 0.25, place + 0.25], [middle] * 2, color=style.LOST, lw=3)
        note(ax, f"{middle:,.10g}", place + 0.28, middle, (2, 0), va="center", fontweight="bold")
    most = max((max(tries, default=0) for tries in measured.wasted.values()), default=0)
    ax.set_xticks(range(len(measured.wasted)), [f"{pause:g} ms" for pause in measured.wasted])
    ax.set_xlim(-0.5, max(len(measured.wasted), 1) - 0.3)
    if most > 50:
        ax.set_yscale("symlog", linthresh=1)
        ax.yaxis.set_major_formatter("{x:,.0f}")
    ax.set_ylim(-0.3, max(1.5 * most, 2))
    ax.set_xlabel("pause between the two acquires", fontsize=9)
    ax.set_ylabel("wasted tries of a run", fontsize=9)
    style.bare(ax)
    style.title(
        ax, f"Wasted tries in {measured.transfers} transfers: a dot is a run, the bar the median"
    )
