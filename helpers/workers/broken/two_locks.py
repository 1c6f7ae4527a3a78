"""Count up in a file. The locks are arguments."""

from helpers.events import pause


def count_up_left(counter, left, right, times, think):
    for _ in range(times):
        with left:
            value = counter.read()
            pause(think)
            counter.write(value + 1)


def count_up_right(counter, left, right, times, think):
    for _ in range(times):
        with right:
            value = counter.read()
            pause(think)
            counter.write(value + 1)
