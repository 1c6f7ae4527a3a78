from contextlib import contextmanager
from functools import partial

from helpers.events import pause

faults = {
    "count_visits": "two locks",
    "count_likes": "thread lock",
    "count_posts": "forgotten path",
    "count_views": "module lock",
    "count_shares": "own lock",
}


@contextmanager
def held(lock):
    lock.acquire()
    try:
        yield lock
    finally:
        lock.release()


def _count(name, counter, lock, times, think):
    for _ in range(times):
        with held(lock):
            value = counter.read()
            pause(think)
            counter.write(value + 1)


count_visits, count_likes, count_posts, count_views, count_shares = (
    partial(_count, name) for name in faults
)
