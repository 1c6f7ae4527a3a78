"""The challenges of lesson 03: no lock, and a file whose number depends on the order."""

from helpers.panels.challenges.record import Challenge, ends_with
from helpers.resources import CounterFile
from helpers.schedules.outcomes import switches
from helpers.workers.counter import increment_without_lock


def _race(processes, times, **file):
    return lambda: [(increment_without_lock, (CounterFile(**file), times, 0))] * processes


def _loses_only_a(walk):
    lost = walk.accounts["counter"].lost
    return walk.is_over and len(lost) == 2 and {update.process for update in lost} == {"A"}


def _changes_hands(walk):
    return ends_with(4)(walk) and switches(walk.schedule) >= 3


def _reads_nothing(walk):
    return any(event.op == "read" and event.seen == "" for event in walk.events)


RACES = (
    Challenge(
        "lose one update",
        "03",
        _race(2, 1),
        "Two processes add 1 each. Make the file say 1 at the end.",
        ends_with(1),
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
        ends_with(1),
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
        ends_with(2),
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
        ends_with(3),
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
        ends_with(2),
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
        ends_with(90),
        (
            "90 is the 0 of a 10 behind a 9. So a 9 must be filled in where a 10 stands, without emptying it again.",
            "The one that fills in the 9 must have emptied the file before the 10 came. And for a 10, somebody must have read a 9.",
            "A reads the 8. B adds its 1 in full: the file says 9. C reads the 9. Now A and C both empty the file, C fills in its 10, and A its 9.",
        ),
    ),
)
