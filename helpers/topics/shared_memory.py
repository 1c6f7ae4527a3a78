"""A number in shared memory in place of a file: its own lock guards each access, not the pair."""

import multiprocessing
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from helpers import lab
from helpers.events import counted
from helpers.lab import check
from helpers.lab.machine import checked_start_method, starting
from helpers.workers import values


class Guard(Enum):
    """What is held from the read to the write."""

    NOTHING = "nothing"
    OWN_LOCK = "get_lock()"
    LOCK = "a lock"

    @property
    def worker(self):
        """The function that each process runs, as the learner reads it."""
        return {
            Guard.NOTHING: values.add_to_value,
            Guard.OWN_LOCK: values.add_under_its_own_lock,
            Guard.LOCK: values.add_under_lock,
        }[self]


@dataclass(frozen=True)
class ValueCount:
    """A run of processes that added to one number: what it should say, and what it says."""

    run: lab.Run
    expected: int
    reached: int

    def __str__(self):
        if self.run.verdict != "correct":
            return self.run.sentence
        lost = self.expected - self.reached
        told = f"{counted(lost, 'update')} lost" if lost else "no update lost"
        return f"{counted(self.expected, 'update')}, the number says {self.reached}: {told}"

    __repr__ = __str__


def count_in_value(
    guard=Guard.NOTHING, managed=False, times=100, processes=2, start_method=None, stop=None
):
    """Let processes add to one Value, reading and writing it apart: a ValueCount.

    `managed` takes a Manager's Value, which lives in a process of its own and has no get_lock().
    """
    guard = check.member("guard", guard, Guard)
    check.whole("times", times, 1, 10_000)
    check.processes(processes)
    method = checked_start_method(start_method)
    context = multiprocessing.get_context(method)
    with _made(context, method, managed) as number:
        args = (number, context.Lock(), times) if guard is Guard.LOCK else (number, times)
        run = lab.run(guard.worker, *args, processes=processes, start_method=method, stop=stop)
        return ValueCount(run, processes * times, number.value)


@contextmanager
def _made(context, method, managed):
    """A fresh Value; a Manager's one goes with its process."""
    if not managed:
        yield context.Value("i", 0)
        return
    with starting(method):
        manager = context.Manager()
    with manager:
        yield manager.Value("i", 0)
