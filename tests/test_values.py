"""Numbers in shared memory: the lock of a Value guards each access, and what guards the pair."""

import multiprocessing

import pytest
import workers_for_tests as workers
from claim import claim

from helpers import lab
from helpers.topics import Guard, count_in_value
from helpers.workers import counter


@claim("06", "a Manager's `Value` has no `get_lock`")
@pytest.mark.parametrize("managed", [False, True])
@pytest.mark.parametrize("guard", [Guard.LOCK, Guard.OWN_LOCK])
def test_a_guarded_value_counts_right_unless_it_has_no_lock(guard, managed, start_method):
    found = count_in_value(guard, managed, times=10, start_method=start_method)
    if managed and guard is Guard.OWN_LOCK:
        assert found.run.verdict == "crashed"
        assert "AttributeError: 'ValueProxy' object has no attribute 'get_lock'" in str(found)
    else:
        assert (found.expected, found.reached) == (20, 20)
        assert str(found) == "20 updates, the number says 20: no update lost"


@pytest.mark.parametrize("managed", [False, True])
def test_what_is_lost_is_told(managed, start_method):
    found = count_in_value(managed=managed, times=50, processes=3, start_method=start_method)
    assert 0 < found.reached <= found.expected == 150
    lost = found.expected - found.reached
    say = f"{lost} update{'s' * (lost != 1)} lost" if lost else "no update lost"
    assert str(found) == f"150 updates, the number says {found.reached}: {say}"


def test_a_value_holds_its_lock_at_each_access():
    number = multiprocessing.Value("i", 7)
    with number.get_lock():
        method = multiprocessing.get_start_method()
        other = lab.run(workers.look_at_lock, number, processes=1, start_method=method)
    assert other.returned == {"A": False}


def test_each_guard_has_its_worker():
    wanted = [counter.add_to_value, counter.add_under_its_own_lock, counter.add_under_lock]
    assert [guard.worker for guard in Guard] == wanted
