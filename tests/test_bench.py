"""The bench's figures can be trusted: it checks what it times."""

import pytest

from bench import schedules
from bench.__main__ import PARTS, main


def test_two_philosophers_have_six_orders_and_two_deadlocks():
    assert schedules.explored(schedules.philosophers(2), 6, 2) > 0


@pytest.mark.parametrize(("orders", "failures"), [(7, 4), (6, 3)])
def test_a_wrong_count_gives_no_time(orders, failures):
    with pytest.raises(AssertionError):
        schedules.explored(schedules.counter(2), orders, failures)


def test_the_growth_goes_on_with_more_processes_where_the_limit_is_reached():
    rows = [
        (processes, increments, found.ended == "complete" and found.schedules)
        for processes, increments, found in schedules.growth(50, (2, 3), (1, 2, 3, 4))
    ]

    assert rows == [(2, 1, 6), (2, 2, 70), (2, 3, False), (3, 1, 90), (3, 2, False)]


def test_a_part_that_is_not_there_is_refused_with_those_that_are():
    said = main("schedules", "nothing")

    assert "nothing" in said and all(part in said for part in PARTS)
