# deadlock
from helpers.events import pause

faults = {
    "count_visits": "two locks",
    "count_likes": "thread lock",
    "count_posts": "forgotten path",
    "count_views": "module lock",
    "count_shares": "own lock",
}


def add_one(counter, think):
    value = counter.read()
    pause(think)
    counter.write(value + 1)


def count_visits(counter, lock, times, think):
    for _ in range(times):
        with lock:
            add_one(counter, think)


count_likes = count_posts = count_shares = count_visits


def count_views(counter, lock, times, think):
    for _ in range(times):
        lock.acquire()
        add_one(counter, think)
