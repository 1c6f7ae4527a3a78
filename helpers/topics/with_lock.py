"""One lock, or what looks like one: the challenges of lesson 04."""

from helpers.panels.challenge import Challenge, declare, ends_with
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
    Challenge(
        "make somebody wait",
        "04",
        _locked(increment_with_lock),
        "Two processes with a lock round the update. Bring one of them to where it cannot move.",
        _somebody_waits,
        (
            "A process waits if it wants the lock while the other one holds it.",
            "Let A acquire the lock. What can B do then?",
        ),
    ),
    Challenge(
        "a lock for each step",
        "04",
        _locked(increment_locking_each_step),
        "Each step has the lock, and still: make the file say 1 at the end.",
        ends_with(1),
        (
            "Between the two critical sections nobody holds the lock.",
            "Let A acquire, read and release. Then B. Now both have read 0.",
            "AAA BBB, and then the two writes, each with its acquire and release.",
        ),
    ),
    Challenge(
        "two locks for one file",
        "04",
        _two_locks,
        "A holds the lock red while it adds 1, B the lock blue. Find out why this protects nothing: make the file say 1.",
        ends_with(1),
        (
            "Whom does A keep out by holding red?",
            "Nobody: B never asks for red. So both can be inside at the same time.",
            "AA BB: each holds its lock and has read 0. Then let both go on.",
        ),
    ),
    Challenge(
        "one goes without",
        "04",
        _one_without,
        "A holds the lock while it adds 1. B does not ask for it. Lose A's update, though A did all as it should.",
        lambda walk: (
            walk.is_over and [update.process for update in walk.accounts["counter"].lost] == ["A"]
        ),
        (
            "B can move at any time, even while A holds the lock.",
            "To lose A's update, B must read before A writes, and write after it.",
            "A acquires and reads: AA. B reads. A goes on to its end, then B writes.",
        ),
    ),
)
