"""What lesson 06 claims about numbers in shared memory."""

import multiprocessing

from helpers import lab
from helpers.workers.counter import add_to_value, add_under_its_own_lock
from tests.claim import claim
from tests.claims.counter import METHODS

RUNS = 20


def reached(worker, maker, method):
    """What a Value says to which two processes have added 100 each."""
    number = maker.Value("i", 0)
    lab.run(worker, number, 100, processes=2, start_method=method)
    return number.value


@claim("06", "a `Value` alone loses updates, with `get_lock()` none; a Manager's has no lock")
def a_value_alone_loses_updates():
    """Read, 1 ms, write: updates lost in every run, with a Manager's Value too; none with get_lock()."""
    for method in METHODS:
        context = multiprocessing.get_context(method)
        with context.Manager() as manager:
            for name, worker, maker, wanted in (
                ("plain Value, nothing", add_to_value, context, RUNS),
                ("Manager's Value, nothing", add_to_value, manager, RUNS),
                ("plain Value, get_lock()", add_under_its_own_lock, context, 0),
            ):
                wrong = sum(reached(worker, maker, method) != 200 for _ in range(RUNS))
                yield f"{method}, {name}: runs with a loss", wrong, wanted


@claim("06", "about half of 200 updates are lost")
def about_half_is_lost():
    """Two processes with 100 updates each: the number says less than 150."""
    found = [
        reached(add_to_value, multiprocessing.get_context(method), method) < 150
        for method in METHODS
        for _ in range(7)
    ]
    yield "plain Value, 200 updates: runs that end below 150", sum(found), 7 * len(METHODS)
