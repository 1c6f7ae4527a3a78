import os
import time


def _try_once(lock, store):
    """One try under a fresh lease: whether it was taken."""
    with lock as fence:
        number = store.read()
        return store.write(value=number + 1, token=fence)


def add(lock, store):
    tries = 1
    while not _try_once(lock, store):
        tries += 1
    print(os.getpid(), "needed", tries, "tries until", time.time())
