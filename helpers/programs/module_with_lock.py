"""A module that makes a lock when it is imported; two children ask whether it is one lock."""

import multiprocessing

lock = multiprocessing.Lock()


def hold(told, may_end):
    with lock:
        told.put("A holds the lock")
        may_end.wait()


def ask(told):
    told.put(
        "two locks: B got it too" if lock.acquire(block=False) else "one lock: B did not get it"
    )
