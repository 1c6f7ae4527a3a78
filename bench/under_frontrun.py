"""The same races as threads in memory, told as JSON.

`frontrun python under_frontrun.py RACE COUNT SECONDS`, in an environment of its own: it imports
nothing of the course.
"""

import faulthandler
import json
import sys
import threading
import time
from importlib.metadata import version
from statistics import median

import frontrun


class Counter:
    def __init__(self):
        self.value = 0

    def increment(self):
        value = self.value
        self.value = value + 1


def counter(count):
    return {
        "setup": Counter,
        "workers": [Counter.increment] * count,
        "invariant": lambda counter: counter.value == count,
    }


def philosophers(count):
    def philosopher(place):
        def dine(forks):
            with forks[place], forks[(place + 1) % count]:
                pass

        return dine

    return {
        "setup": lambda: [threading.Lock() for _ in range(count)],
        "workers": [philosopher(place) for place in range(count)],
        "invariant": lambda forks: True,
    }


def timed(race, limit, **options):
    """What frontrun explored, and its seconds: the median of three runs, or of less where long."""
    options |= {"total_timeout": limit, "detect_io": False, "reproduce_on_failure": 0}
    times = []
    while len(times) < 3 and sum(times) < limit / 10:
        began = time.perf_counter()
        found = frontrun.explore(**race, **options)
        times.append(time.perf_counter() - began)
    return {
        "seconds": median(times),
        "explored": found.num_explored,
        "failing": len(found.failures),
    }


def main(name, count, limit):
    faulthandler.dump_traceback_later(3 * limit, exit=True)  # should it hang
    race = {"counter": counter, "philosophers": philosophers}[name](count)
    first = timed(race, limit)  # it stops at the first failure, as it does by itself
    full = timed(race, limit, stop_on_first=False, preemption_bound=None)
    print(json.dumps({"version": version("frontrun"), "first": first, "full": full}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
