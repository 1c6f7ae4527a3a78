"""An interrupt of a Walk, at 200 lines chosen by chance: it comes out, and the walk goes on. One of an exploration elsewhere."""

import gc
import random
import signal
from functools import partial

import pytest
from greenlet import greenlet
from interrupts import interrupted, lines

from helpers import events
from helpers.lab import processes
from helpers.resources import CounterFile
from helpers.schedules import Walk, explore
from helpers.workers.counter import increment_without_lock

WHERE = "schedules"


def new_walk(schedule=""):
    return Walk(increment_without_lock, CounterFile(), 2, 0, schedule=schedule)


def moments(action):
    """The numbers of the first 20 lines that `action()` runs, and of 200 by chance."""
    count = lines(action, WHERE)
    return sorted({*range(1, 21), *random.Random(13).sample(range(1, count + 1), 200)})


@pytest.fixture(autouse=True)
def nothing_left():
    before = signal.getsignal(signal.SIGINT)
    yield
    gc.collect()
    parked = [g for g in gc.get_objects() if isinstance(g, greenlet) and g.parent and g]
    assert parked == []
    assert type(events.observer) is events.Unobserved
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_at_any_line_comes_out_of_a_walk():
    def walk_to_the_end():
        walk = new_walk("AAB")
        walk.finish()
        return walk

    assert walk_to_the_end().values == {"counter": 3}
    for moment in moments(walk_to_the_end):
        with pytest.raises(KeyboardInterrupt):
            interrupted(walk_to_the_end, moment, WHERE)


def test_a_move_that_was_interrupted_at_any_line_is_done_or_has_changed_nothing():
    for moment in moments(partial(new_walk("AA").go, "BBAAA")):
        walk = new_walk("AA")
        with pytest.raises(KeyboardInterrupt):
            interrupted(partial(walk.go, "BBAAA"), moment, WHERE)
        assert walk.schedule in ("AA", "BBAAA")
        walk.go("BBAAA")
        assert (walk.schedule, walk.values) == ("BBAAA", {"counter": 2})


def test_a_walk_whose_end_was_interrupted_at_any_line_can_be_finished():
    for moment in moments(new_walk("AAB").finish):
        walk = new_walk("AAB")
        with pytest.raises(KeyboardInterrupt):
            interrupted(walk.finish, moment, WHERE)
        assert walk.schedule.startswith("AAB")
        walk.finish()
        assert (walk.is_over, walk.values) == (True, {"counter": 3})


def test_an_exploration_in_a_child_that_was_interrupted_says_so_though_all_was_told(
    learner, monkeypatch
):
    judged = processes.verdict.judged

    def interrupted(trial, *rest):
        trial.ended = "stopped"  # the child has said all, and then the interrupt comes
        return judged(trial, *rest)

    worker = learner("def work(counter):\n    counter.write(counter.read() + 1)\n")
    assert explore(worker, CounterFile()).ended == "complete"
    monkeypatch.setattr(processes.verdict, "judged", interrupted)
    found = explore(worker, CounterFile())
    assert (found.ended, found.outcomes) == ("stopped", ())
