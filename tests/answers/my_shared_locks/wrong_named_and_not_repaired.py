# not_guarded
"""Five programs that lose updates. Name the fault of each, and repair it: the lock they get is shared by all."""

from helpers.events import pause
from helpers.resources import Lock, ThreadLock

# One of: "module lock", "own lock", "thread lock", "two locks", "forgotten path"
faults = {
    "count_visits": "two locks",
    "count_likes": "thread lock",
    "count_posts": "forgotten path",
    "count_views": "module lock",
    "count_shares": "own lock",
}

guard, keeper = Lock("guard"), ThreadLock("keeper")


def add_one(counter, think):
    value = counter.read()
    pause(think)
    counter.write(value + 1)


def count_visits(counter, lock, times, think):
    for number in range(times):
        with lock if number % 2 else guard:
            add_one(counter, think)


def count_likes(counter, lock, times, think):
    for _ in range(times):
        with keeper:
            add_one(counter, think)


def count_posts(counter, lock, times, think):
    add_one(counter, think)
    for _ in range(times - 1):
        with lock:
            add_one(counter, think)


def count_views(counter, lock, times, think):
    for _ in range(times):
        with guard:
            add_one(counter, think)


def count_shares(counter, lock, times, think):
    guard = Lock("guard")
    for _ in range(times):
        with guard:
            add_one(counter, think)
