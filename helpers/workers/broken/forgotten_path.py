"""Count up in a file. The lock is an argument."""

from helpers.events import pause


def count_up(counter, lock, times, think):
    for number in range(1, times + 1):
        if number % 5 == 0:
            add_one(counter, think)
        else:
            with lock:
                add_one(counter, think)


def add_one(counter, think):
    value = counter.read()
    pause(think)
    counter.write(value + 1)
