"""What the locks themselves cost, where nobody waits for them."""

import json
from dataclasses import dataclass

from helpers.experiments.programs import run_program

_PLAIN = "multiprocessing.Lock"


@dataclass(frozen=True)
class LockPrices:
    """Nanoseconds for one acquire and release by kind of lock: medians, and nobody else wants it.

    Even the dearest costs less than a short hold: what a lock costs is the waiting for it.
    """

    ns: dict[str, float]

    @property
    def times_plain(self):
        """By kind, how many times the price of a plain multiprocessing.Lock."""
        return {kind: ns / self.ns[_PLAIN] for kind, ns in self.ns.items()}

    @property
    def words(self):
        """By kind, its price and how it compares with that of the plain lock."""
        return {
            kind: f"{_price(ns)}, {_compared(kind, self.times_plain[kind])}"
            for kind, ns in self.ns.items()
        }

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
    unit, size = ("ns", 1) if ns < 995 else ("µs", 1e3) if ns < 995e3 else ("ms", 1e6)
    return f"{_two_digits(ns / size)} {unit}"


def _two_digits(number):
    return f"{float(f'{number:.2g}'):,g}"
