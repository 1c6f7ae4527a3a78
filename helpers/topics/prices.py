"""What the locks themselves cost, where nobody waits for them."""

import json
from dataclasses import dataclass

from helpers.lab.programs import run_program
from helpers.pictures import drawing as mpl
from helpers.pictures import style
from helpers.pictures.charts import note
from helpers.pictures.declared import picture

_PLAIN = "multiprocessing.Lock"


@dataclass(frozen=True)
class LockPrices:
    """Nanoseconds for one acquire and release by kind of lock: medians, and nobody else wants it.

    Even the dearest costs less than a short hold: what makes a lock expensive is the waiting for it.
    """

    ns: dict[str, float]

    @property
    def times_plain(self):
        """By kind, how many times the price of a plain multiprocessing.Lock."""
        return {kind: ns / self.ns[_PLAIN] for kind, ns in self.ns.items()}

    @property
    def words(self):
        """By kind, its price and how it compares with that of the plain lock."""
        times = self.times_plain
        return {kind: f"{_price(self.ns[kind])}, {_compared(kind, times[kind])}" for kind in times}

    def __str__(self):
        return "; ".join(f"{kind}: {words}" for kind, words in self.words.items())


def measure_lock_prices():
    """The price of each kind of lock, measured in an interpreter of its own: LockPrices."""
    return LockPrices(json.loads(run_program("lock_price.py")))


def _compared(kind, times):
    if kind == _PLAIN:
        return "the plain lock"
    return "about as much" if 1 / 2 < times < 2 else f"{_two_digits(times)} times the plain lock"


def _price(ns):
    return mpl.EngFormatter("s")(float(f"{ns:.2g}") / 1e9)


def _two_digits(number):
    return f"{float(f'{number:.2g}'):,g}"


_GROUND = {"facecolor": "white", "edgecolor": "none", "pad": 1}  # behind words
_HOLD = 1e6  # ns: a hold of 1 ms
_MARKS = [10**power for power in range(7)]  # ns
_AXES = (0.185, 0.17, 0.795, 0.69)


@picture(LockPrices, "Chart of what locks cost, on an axis of powers of ten", 3.0, _AXES)
def plot_lock_prices(ax, prices):
    """A dot for the price of each kind of lock, its price beside it; a line where a hold of 1 ms would be."""
    cheapest, dearest = min(prices.ns.values()), max(*prices.ns.values(), _HOLD)
    ax.set_xscale("log")
    for place, (kind, ns) in enumerate(prices.ns.items()):
        ax.hlines(place, cheapest / 3, ns, color=style.PALE, lw=3, zorder=0)
        ax.plot(ns, place, "o", color=style.KEPT, ms=9)
        is_left = ns**2 > cheapest * dearest  # of its dot: in the right half of the picture
        look = {"ha": "right" if is_left else "left", "va": "center", "bbox": _GROUND}
        note(ax, prices.words[kind], ns, place, (-10 if is_left else 10, 0), **look)
    ax.axvline(_HOLD, color=style.LOST, ls="--", lw=1.2, zorder=0)
    ax.text(_HOLD, -0.95, "a hold of 1 ms ", color=style.LOST, ha="right", va="top", fontsize=9)
    ax.set_yticks(range(len(prices.ns)), list(prices.ns))
    ax.set_xticks(_MARKS, map(_price, _MARKS))
    ax.minorticks_off()
    ax.set(xlim=(cheapest / 3, 3 * dearest), ylim=(len(prices.ns) - 0.4, -1))
    words = "price of one acquire and release; each mark is ten times the one before"
    worst = max(prices.ns, key=prices.ns.get)
    style.finish(ax, f"{worst}: {prices.words[worst]}", x=words)
