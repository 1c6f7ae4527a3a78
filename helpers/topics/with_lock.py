"""One lock, or what looks like one: the challenges of lesson 04."""

from helpers.panels.challenge import declare, ends_with
from helpers.resources import CounterFile, Lock
from helpers.workers.counter import (
    increment_locking_each_step,
    increment_with_lock,
    increment_without_lock,
)


def _locked(worker):
    return lambda: [(worker, (CounterFile(), Lock(), 1, 0))] * 2


def _two_locks():
    counter = CounterFile()
    return [
        (increment_with_lock, (counter, Lock("red"), 1, 0)),
        (increment_with_lock, (counter, Lock("blue"), 1, 0)),
    ]


def _one_without():
    counter = CounterFile()
    return [
        (increment_with_lock, (counter, Lock(), 1, 0)),
        (increment_without_lock, (counter, 1, 0)),
    ]


def _somebody_waits(walk):
    return any("waits" in walk.why_not(letter) for letter in walk.processes)


declare(
    {
        "make somebody wait": (_locked(increment_with_lock), _somebody_waits),
        "a lock for each step": (_locked(increment_locking_each_step), ends_with(1)),
        "two locks for one file": (_two_locks, ends_with(1)),
        "one goes without": (
            _one_without,
            lambda walk: (
                walk.is_over
                and [update.process for update in walk.accounts["counter"].lost] == ["A"]
            ),
        ),
    }
)
