"""What lesson 05 claims about contention and about the number of locks."""

from helpers import lab
from helpers.topics import measure_contention, measure_granularity
from tests.claim import claim


@claim(
    "05",
    "two processes do nearly twice as much as one; never more than the serial limit; the more, the longer they wait",
)
def throughput_ends_at_the_serial_limit():
    """Sleeping rounds: twice the processes do nearly twice as much at first, and never more than one hold after the other."""
    sweep = measure_contention((1, 2, 8), 5)
    one, two, eight = (load.throughput for load in sweep.loads)
    yield "two processes: at least 1.5 x one", two >= 1.5 * one, True
    yield "eight processes: more than the serial limit", eight > sweep.serial_limit, False
    yield "eight processes: at least 1.5 x one", eight >= 1.5 * one, True
    waits = [load.wait_ms for load in sweep.loads]
    yield "the more processes, the longer each waits", waits == sorted(waits), True


@claim("05", "on one core, computing: more processes bring nothing on a quiet machine")
def computing_needs_cores():
    """Computing rounds on one core: eight processes do no more than 1.3 times as much as one."""
    sweep = measure_contention((1, 8), 5, computing=True, one_core=True)
    one, eight = (load.throughput for load in sweep.loads)
    yield "one core, computing: at most 1.3 x one process", eight <= 1.3 * one, True
    if lab.usable_cores() > 1:
        sweep = measure_contention((1, 2), 5, computing=True)
        one, two = (load.throughput for load in sweep.loads)
        yield "several cores, computing: two do at least 1.2 x one", two >= 1.2 * one, True


@claim("05", "a lock for each account is faster than one for all")
def a_lock_for_each_account_is_faster():
    """Eight locks for eight accounts: at most two thirds of the time with one lock."""
    found = measure_granularity((1, 8), count=5)
    one, eight = (min(seconds) for seconds in found.seconds.values())
    yield "eight locks: at most two thirds of the time with one", eight <= one * 2 / 3, True
