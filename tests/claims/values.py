"""What lesson 06 claims about numbers in shared memory."""

from helpers.topics import Guard, count_in_value
from tests.claim import claim
from tests.claims.counter import METHODS

RUNS = 20


@claim("06", "a `Value` alone loses updates, with `get_lock()` none; a Manager's has no lock")
def a_value_alone_loses_updates():
    """Read, 1 ms, write: updates lost in every run, with a Manager's Value too; none with get_lock() or a lock."""
    for method in METHODS:
        for guard, managed, wanted in (
            (Guard.NOTHING, False, RUNS),
            (Guard.NOTHING, True, RUNS),
            (Guard.OWN_LOCK, False, 0),
            (Guard.LOCK, False, 0),
            (Guard.LOCK, True, 0),
        ):
            found = [count_in_value(guard, managed, start_method=method) for _ in range(RUNS)]
            wrong = sum(one.reached != one.expected for one in found)
            name = f"{method}, {'Manager' if managed else 'plain'} Value, {guard.value}: runs with a loss"
            yield name, wrong, wanted


@claim("06", "about half of 200 updates are lost")
def about_half_is_lost():
    """Two processes with 100 updates each: the number says less than 150."""
    found = [
        count_in_value(start_method=method).reached < 150 for method in METHODS for _ in range(7)
    ]
    yield "plain Value, 200 updates: runs that end below 150", sum(found), 7 * len(METHODS)
