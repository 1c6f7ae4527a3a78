"""What each kind of lock costs, on an axis of powers of ten."""

from helpers.figures import style

_HOLD = 1e6  # ns: a hold of 1 ms
_TICKS = {
    1: "1 ns",
    10: "10 ns",
    100: "100 ns",
    1e3: "1 µs",
    1e4: "10 µs",
    1e5: "100 µs",
    1e6: "1 ms",
}


def plot_lock_prices(ax, prices):
    """A dot for the price of each kind of lock, its price beside it; a line where a hold of 1 ms would be."""
    cheapest, dearest = min(prices.ns.values()), max(*prices.ns.values(), _HOLD)
    ax.set_xscale("log")
    ax.set(xlim=(cheapest / 3, 3 * dearest), ylim=(len(prices.ns) - 0.4, -1))
    for place, (kind, ns) in enumerate(prices.ns.items()):
        ax.hlines(place, cheapest / 3, ns, color=style.PALE, lw=3, zorder=0)
        ax.plot(ns, place, "o", color=style.KEPT, ms=9)
        _note(ax, prices.words[kind], ns, place, is_left=ns**2 > cheapest * dearest)
    ax.axvline(_HOLD, color=style.LOST, ls="--", lw=1.2, zorder=0)
    ax.text(_HOLD, -0.95, "a hold of 1 ms ", color=style.LOST, ha="right", va="top", fontsize=9)
    ax.set_yticks(range(len(prices.ns)), list(prices.ns))
    ax.set_xticks(list(_TICKS), list(_TICKS.values()))
    ax.minorticks_off()
    ax.set_xlim(cheapest / 3, 3 * dearest)
    ax.set_xlabel(
        "price of one acquire and release; each mark is ten times the one before", fontsize=9
    )
    style.bare(ax)
    worst = max(prices.ns, key=prices.ns.get)
    style.title(ax, f"{worst}: {prices.words[worst]}")


def _note(ax, words, x, y, is_left):
    """Words beside a dot: to the left of it where the right half of the picture begins."""
    ax.annotate(words, (x, y), (-10 if is_left else 10, 0), textcoords="offset points",
                ha="right" if is_left else "left", va="center", fontsize=9,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 1})  # fmt: skip
