"""Challenges for the scheduler panel: reach a goal by choosing who moves next.

A goal can be reached by the right order only. `CHALLENGES` holds them by title.
"""

from collections.abc import Callable
from dataclasses import dataclass

from helpers.resources import CounterFile, Lock
from helpers.schedules import Walk
from helpers.schedules.outcomes import switches
from helpers.workers.counter import (
    increment_locking_each_step,
    increment_with_lock,
    increment_without_lock,
)


@dataclass(frozen=True)
class Challenge:
    """A task: `goal` in words, `is_met(walk)`, and hints that give away more and more.

    `team()` gives a (worker, args) for each process.
    """

    title: str
    lesson: str
    team: Callable[[], list]
    goal: str
    is_met: Callable[[Walk], bool]
    hints: tuple[str, ...]

    def begin(self):
        """A Walk at the start of this challenge."""
        members = self.team()
        return Walk(team=members, processes=len(members))


_shortest = {}


def note_solution(challenge, schedule):
    """Keep a schedule that met the goal, if none is shorter (steps, then switches); the kept one."""
    kept = _shortest.get(challenge.title, schedule)
    _shortest[challenge.title] = min(kept, schedule, key=lambda s: (len(s), switches(s)))
    return _shortest[challenge.title]


def shortest_solution(challenge):
    """The shortest schedule that met the goal since the kernel was started, or None."""
    return _shortest.get(challenge.title)


def _race(processes, times, **file):
    return lambda: [(increment_without_lock, (CounterFile(**file), times, 0))] * processes


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


def _ends_with(number):
    return lambda walk: walk.is_over and walk.values["counter"] == number


def _loses_only_a(walk):
    lost = walk.accounts["counter"].lost
    return walk.is_over and len(lost) == 2 and {update.process for update in lost} == {"A"}


def _changes_hands(walk):
    return _ends_with(4)(walk) and switches(walk.schedule) >= 3


def _reads_nothing(walk):
    return any(event.op == "read" and event.seen == "" for event in walk.events)


def _somebody_waits(walk):
    return any("waits" in walk.why_not(letter) for letter in walk.processes)


CHALLENGES = {
    challenge.title: challenge
    for challenge in (
        Challenge(
            "lose one update",
            "03",
            _race(2, 1),
            "Two processes add 1 each. Make the file say 1 at the end.",
            _ends_with(1),
            (
                "Both must write the same number.",
                "So both must have read the same number: before anybody writes.",
                "A reads, B reads. Then let both write: AB, and then either order.",
            ),
        ),
        Challenge(
            "keep all, and take turns",
            "03",
            _race(2, 2),
            "Two processes add 1 twice each. Make the file say 4, but change from one to the other at least three times.",
            _changes_hands,
            (
                "You may change over only where nobody is between read and write.",
                "Whole updates may follow each other in any order.",
                "One update of A, one of B, and again: AABB, and the same once more.",
            ),
        ),
        Challenge(
            "three that end with 1",
            "03",
            _race(3, 1),
            "Three processes add 1 each. Make the file say 1 at the end.",
            _ends_with(1),
            (
                "Whoever writes last must write a 1.",
                "In fact all three of them write a 1, so all three read the 0.",
                "ABC for the reads, then the writes in any order.",
            ),
        ),
        Challenge(
            "lose exactly one of three",
            "03",
            _race(3, 1),
            "Three processes add 1 each. Make the file say 2 at the end.",
            _ends_with(2),
            (
                "One update has to be built on another one.",
                "Let A be done before the others begin. What do they read then?",
                "AA, then B and C both read the 1: AABC, and then their writes.",
            ),
        ),
        Challenge(
            "in step",
            "03",
            _race(2, 3),
            "Two processes add 1 three times each. Make the file say 3 at the end.",
            _ends_with(3),
            (
                "Each of them adds three times. In each round only one update may count.",
                "Let both read, then let both write. Then the next round.",
                "AB for the reads, AB for the writes, three times over.",
            ),
        ),
        Challenge(
            "lose only A's updates",
            "03",
            _race(2, 2),
            "Two processes add 1 twice each. Lose both updates of A, and keep both of B.",
            _loses_only_a,
            (
                "What A writes must be covered before anybody reads it.",
                "So when A writes, B must be between its read and its write.",
                "In each round: both read, A writes, B writes. ABAB, twice.",
            ),
        ),
        Challenge(
            "the smallest number",
            "03",
            _race(2, 5),
            "Two processes add 1 five times each. Make the file say the smallest number that is possible.",
            _ends_with(2),
            (
                "It cannot be 1: whoever writes last has written before, and so has not read the 0 in its last round.",
                "To write a 2 last, it must have read a 1. Who could have put a 1 there so late? One who read the 0 at the very beginning.",
                "A reads. B does four whole updates. A writes its 1. B reads it, and waits with its write until A is through.",
            ),
        ),
        Challenge(
            "an empty file",
            "03",
            _race(2, 1, start=17, write="truncate"),
            "Here a write empties the file first, and fills it in a second step. Make a process read the empty file.",
            _reads_nothing,
            (
                "When is the file empty?",
                "After the first half of a write. A must be stopped there.",
                "A reads and empties the file: AA. Then B reads.",
            ),
        ),
        Challenge(
            "a number that nobody wrote",
            "03",
            _race(3, 1, start=8, write="truncate"),
            "Three processes add 1 to an 8, and each write empties the file first. Make the file say 90.",
            _ends_with(90),
            (
                "90 is the 0 of a 10 behind a 9. So a 9 must be filled in where a 10 stands, without emptying it again.",
                "The one that fills in the 9 must have emptied the file before the 10 came. And for a 10, somebody must have read a 9.",
                "A reads the 8. B adds its 1 in full: the file says 9. C reads the 9. Now A and C both empty the file, C fills in its 10, and A its 9.",
            ),
        ),
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
            _ends_with(1),
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
            _ends_with(1),
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
                walk.is_over
                and [update.process for update in walk.accounts["counter"].lost] == ["A"]
            ),
            (
                "B can move at any time, even while A holds the lock.",
                "To lose A's update, B must read before A writes, and write after it.",
                "A acquires and reads: AA. B reads. A goes on to its end, then B writes.",
            ),
        ),
    )
}


def challenge_of(title):
    """The challenge of that title. Raises ValueError for an unknown one."""
    if title not in CHALLENGES:
        known = ", ".join(repr(known) for known in CHALLENGES)
        raise ValueError(f"challenge={title!r}: choose one of {known}")
    return CHALLENGES[title]
