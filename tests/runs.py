"""What many tests run: the smallest experiments, teams of them, and a Stop that comes when it is told to."""

import threading

import workers_for_tests as workers

from helpers.resources import AccountFile, CounterFile, Lock
from helpers.schedules import Walk
from helpers.workers.bank import transfer_in_given_order
from helpers.workers.counter import (
    increment_locking_each_step,
    increment_with_lock,
    increment_without_lock,
)

RACE = increment_without_lock, CounterFile(), 1, 0
LOCKED = increment_with_lock, CounterFile(), Lock(), 1, 0
EACH = increment_locking_each_step, CounterFile(), Lock(), 1, 0


def team_of(worker, *args, processes=2):
    """A team in which all do the same."""
    return [(worker, args)] * processes


def crossed(worker=workers.take_both, *more, kind=Lock):
    """Two that take locks a and b in opposite orders."""
    a, b = kind("a"), kind("b")
    return [(worker, (a, b, *more)), (worker, (b, a, *more))]


def opposite_transfers(first, second):
    """Two that move money between two accounts and take the accounts' locks in opposite orders."""
    one, two = AccountFile("one"), AccountFile("two")
    return [
        (transfer_in_given_order, (one, two, first, second, 10, 1, 0)),
        (transfer_in_given_order, (two, one, second, first, 10, 1, 0)),
    ]


def observed(run):
    """What each file or table of a run says at its end, by its name."""
    return {name: account.observed for name, account in run.accounts.items()}


def every_order(*experiment, **how):
    """A Walk of each order of an experiment, one by one, to its end or to where nobody can move."""
    waiting = [""]
    while waiting:
        walk = Walk(*experiment, schedule=waiting.pop(), **how)
        while walk.able:
            first, *others = walk.able
            waiting += [walk.schedule + other for other in others]
            walk.move(first)
        yield walk


class Stop(threading.Event):
    """A Stop that is set when `progress` has been called so many times, or at once; `told` is what it was told."""

    def __init__(self, after=0):
        super().__init__()
        self.after, self.reported = after, []
        if not after:
            self.set()

    def progress(self, *done):
        self.reported.append(done)
        if len(self.reported) == self.after:
            self.set()
