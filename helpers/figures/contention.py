"""What processes get done with one lock and with more of them."""

from statistics import median

from matplotlib.ticker import MaxNLocator

from helpers.events import counted
from helpers.figures import style
from helpers.figures.charts import note


def plot_contention(throughput, times, sweep):
    """Above, updates per second against the number of processes, with the limits; below, hold and wait time."""
    counts = [load.processes for load in sweep.loads]
    if counts:
        _draw_throughput(throughput, sweep, counts)
        _draw_times(times, sweep, counts)
        _draw_cores(throughput, sweep.cores, max(counts))
    for ax in (throughput, times):
        ax.set_xlim(0.4, max([2, *counts]) + 0.6)
        ax.xaxis.set_major_locator(MaxNLocator(10, integer=True))
        style.bare(ax)
    throughput.set_ylabel("updates per second", fontsize=9)
    times.set_ylabel("ms per update", fontsize=9)
    times.set_xlabel("processes", fontsize=9)
    kind = "compute" if sweep.settings.computing else "sleep"
    style.title(throughput, f"What is done in a second, by processes that {kind}, with one lock")


def _draw_throughput(ax, sweep, counts):
    found = [load.throughput for load in sweep.loads]
    each, limit = sweep.alone.throughput / sweep.alone.processes, sweep.serial_limit
    ax.plot(
        counts,
        found,
        "o-",
        color=style.KEPT,
        lw=2,
        ms=7,
        label="measured",
        zorder=3,
        gid="measured",
    )
    for count, value in zip(counts, found, strict=True):
        note(
            ax,
            f"{value:.0f}",
            count,
            value,
            (0, -15),
            ha="center",
            color=style.KEPT,
            fontweight="bold",
        )
    top = 1.6 * max(limit, *found)
    ax.plot(
        [0, top / each],
        [0, top],
        ":",
        color=style.INK,
        lw=1.5,
        label="as many times as much as one process does",
    )
    ax.axhline(
        limit,
        color=style.LOST,
        ls="--",
        lw=1.5,
        label=f"serial limit: {limit:.0f}, one hold after the other",
    )
    ax.set_ylim(0, top)
    ax.legend(loc="upper right", facecolor="white", framealpha=1, edgecolor="none", fontsize=9)


def _draw_cores(ax, cores, most):
    words = f"{counted(cores, 'core')} to compute on"
    if cores > most:
        ax.text(0.01, 0.98, words, transform=ax.transAxes, va="top", fontsize=9, color=style.GOOD)
        return
    ax.axvline(cores, color=style.GOOD, ls="-.", lw=1.5, zorder=1, gid="cores")
    ax.annotate(words, (cores, 1), (4, -2), xycoords=("data", "axes fraction"), color=style.GOOD,
                textcoords="offset points", va="top", fontsize=9)  # fmt: skip


def _draw_times(ax, sweep, counts):
    hold, wait = [load.hold_ms for load in sweep.loads], [load.wait_ms for load in sweep.loads]
    ax.bar(counts, hold, 0.55, color=style.KEPT, label="hold time")
    ax.bar(
        counts,
        wait,
        0.55,
        bottom=hold,
        color="white",
        edgecolor=style.WAIT,
        hatch="////",
        label="wait time",
    )
    for count, one, other in zip(counts, hold, wait, strict=True):
        note(ax, f"{one:.1f} + {other:.1f}", count, one + other, (0, 3), ha="center")
    ax.set_ylim(0, 1.3 * max(one + other for one, other in zip(hold, wait, strict=True)))
    ax.legend(loc="upper left", ncols=2, frameon=False, fontsize=9, borderaxespad=0.1)


def plot_granularity(ax, result):
    """The time of the same deposits for each number of locks: a dot is a run, the bar the median."""
    for place, (locks, seconds) in enumerate(result.seconds.items()):
        ms = [1000 * one for one in seconds]
        look = (
            {"color": style.KEPT}
            if locks > 1
            else {"color": "white", "edgecolor": style.WAIT, "hatch": "////"}
        )
        ax.bar(place, median(ms), 0.6, **look)
        aside = [place + 0.3 * ((i * 0.618) % 1 - 0.5) for i in range(len(ms))]
        ax.plot(aside, ms, "o", color=style.INK, mfc="white", ms=4, zorder=3)
        words = f"{median(ms):.0f} ms\nwaits {result.wait_ms[locks]:.1f} ms for each"
        note(ax, words, place, max(ms), (0, 6), ha="center")
    names = [counted(locks, "lock") for locks in result.seconds]
    ax.set_xticks(range(len(names)), names)
    ax.set_xlim(-0.6, max(len(names), 1) - 0.4)
    ax.set_ylim(0, 1.35 * max([1, *(1000 * max(seconds) for seconds in result.seconds.values())]))
    ax.set_ylabel("ms for all deposits", fontsize=9)
    style.bare(ax)
    style.title(
        ax,
        f"{counted(result.processes, 'process')} deposit in {counted(result.accounts, 'account')}: one lock, or more",
    )
