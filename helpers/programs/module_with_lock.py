"""A module that makes a lock when it is imported; two children ask whether it is one lock."""

import multiprocessing

lock = multiprocessing.Lock()


def hold(told, may_end):
    with lock:
        told.put("A holds the lock")
        may_end.wait()


def ask(told):
    got_it = lock.acquire(block=False)
    told.put("two locks: B got it too" if got_it else "one lock: B did not get it")
