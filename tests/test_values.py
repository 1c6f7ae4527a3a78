"""Numbers in shared memory: the lock of a Value guards each access, and what guards the pair."""

import multiprocessing

import workers_for_tests as workers
from claim import claim

from helpers import lab
from helpers.workers import counter


def test_a_value_under_its_own_lock_counts_right(start_method):
    number = multiprocessing.get_context(start_method).Value("i", 0)
    lab.run(counter.add_under_its_own_lock, number, 10, processes=2, start_method=start_method)
    assert number.value == 20


@claim("06", "a Manager's `Value` has no `get_lock`")
def test_a_managers_value_has_no_lock(start_method):
    with multiprocessing.get_context(start_method).Manager() as manager:
        number = manager.Value("i", 0)
        run = lab.run(
            counter.add_under_its_own_lock, number, 10, processes=2, start_method=start_method
        )
    assert run.verdict == "crashed"
    assert "AttributeError: 'ValueProxy' object has no attribute 'get_lock'" in run.sentence


def test_a_value_holds_its_lock_at_each_access():
    number = multiprocessing.Value("i", 7)
    with number.get_lock():
        method = multiprocessing.get_start_method()
        other = lab.run(workers.look_at_lock, number, processes=1, start_method=method)
    assert other.returned == {"A": False}
