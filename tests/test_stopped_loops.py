"""Loops of trials: the first trial that was interrupted ends them, and what it recorded counts for nothing."""

import pytest
from cases import cases

from helpers import topics
from helpers.lab import processes
from helpers.lab.watch import Watch

FEW = {"processes": 2, "results": 3, "work_ms": 0}


@pytest.fixture
def interrupt(monkeypatch):
    """`interrupt(number)` interrupts that trial, as soon as its processes run; it gives the list of all trials."""

    def interrupt(number):
        begun = []

        def watch(*args):
            begun.append(args)
            if len(begun) == number:
                raise KeyboardInterrupt
            return Watch(*args)

        monkeypatch.setattr(processes, "Watch", watch)
        return begun

    return interrupt


@pytest.mark.parametrize(
    ("number", "kept"), [(1, {}), (2, {0.1: 1}), (3, {0.1: 2}), (4, {0.1: 2, 1: 1})]
)
def test_an_interrupt_ends_the_measurement_of_back_off(interrupt, number, kept):
    begun = interrupt(number)
    found = topics.measure_back_off((0.1, 1), count=2, times=1, deadline=60)
    assert {pause: len(tries) for pause, tries in found.wasted.items()} == kept
    assert len(begun) == number


def test_an_interrupted_way_to_add_up_is_stopped_and_has_lost_nothing(interrupt):
    interrupt(1)
    added = topics.add_up(**FEW)
    assert (added.verdict, str(added).split(": ")[-1]) == ("stopped", "stopped")


@pytest.mark.parametrize("number", [1, 2])
def test_an_interrupt_ends_the_comparison_of_ways(interrupt, number):
    begun = interrupt(number)
    assert topics.compare_adding(**FEW).found == ()
    assert len(begun) == number


@cases(
    "loop wanted",
    (lambda: topics.repeat_counter(3, processes=2, times=1, pause_ms=0), 1),
    (lambda: topics.repeat_transfers(3, times=1, cure="global order"), 1),
    (lambda: topics.repeat_sharing(3), 1),
)
def test_an_interrupt_ends_repeated_runs(interrupt, loop, wanted):
    begun = interrupt(2)
    assert len(loop().runs) == wanted
    assert len(begun) == 2
