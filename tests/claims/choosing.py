"""What lesson 11 claims about the ways to add up results."""

from helpers.topics import Adding, add_up
from tests.claim import claim
from tests.claims.counter import METHODS

RUNS = 50
ORPHANED = (Adding.LOCK, Adding.VALUE, Adding.MANAGER)
SURVIVES = (Adding.OWN_FILES, Adding.DATABASE, Adding.FILE_LOCK)


@claim("11", "seven ways are right while nobody dies, programs with a lock each never are")
def seven_ways_are_right():
    """Each of the seven ways adds up right in every run; programs with a lock each never do."""
    for method in METHODS:
        for way in Adding:
            if way.is_apart and method != METHODS[0]:
                continue  # programs of their own know no start method
            right = sum(not add_up(way=way, start_method=method).missing for _ in range(RUNS))
            yield f"{method}, {way.value}: right sums", right, RUNS * (way is not Adding.STRANGERS)


@claim("11", "what a kill means for the others, way by way: three survive it")
def a_kill_has_the_same_end_each_time():
    """Killed in its third update: the others wait for ever, or go on, as the table says, ten times of ten."""
    for method in METHODS:
        for way in (*ORPHANED, *SURVIVES, Adding.WRITER):
            if way.is_apart and method != METHODS[0]:
                continue
            found = [add_up(way=way, kill=True, start_method=method) for _ in range(10)]
            goes_on = sum(added.fate_words == "the others go on" for added in found)
            name = f"{method}, {way.value}, one killed: the others go on"
            yield name, goes_on, 10 * (way in SURVIVES)
            if way in SURVIVES:
                sums = sum(added.found == 32 for added in found)
                yield f"{method}, {way.value}, one killed: all but its eight results", sums, 10
            if way is Adding.WRITER:
                sums = sum(added.found == 2 for added in found)
                yield f"{method}, {way.value}, one killed: two results", sums, 10
