"""What runs on the workers. It is sent there by value: a worker needs Dask, and nothing of this course."""

import os
import time

import dask
from distributed import Event, Lock, Variable

from helpers.events import START_ID, split_stamp, stamp

START = f"{START_ID} 0"
PATIENCE = 20  # seconds that a task waits for the others


class Notes:
    """What one process did, each step as (thing, op, start, end, arg, seen); times in ns of its machine's clock."""

    def __init__(self, process):
        self.process = process
        self.steps = []

    def step(self, thing, op, do, arg=""):
        """Do one step, and note it with what it gave."""
        start = time.time_ns()
        seen = do()
        self.steps.append((thing, op, start, time.time_ns(), str(arg), seen))
        return seen


class SharedNumber:
    """A number that stands on the scheduler, where all workers can read and write it.

    Each write carries a unique id, as in the course's files.
    """

    def __init__(self, name, notes):
        self._variable = Variable(name)
        self._notes = notes
        self._writes = 0

    def read(self):
        text = self._notes.step("number", "read", lambda: self._variable.get(timeout=PATIENCE))
        return split_stamp(text)[1]

    def write(self, value):
        self._writes += 1
        text = stamp(self._notes.process, self._writes, value)
        self._notes.step("number", "write", lambda: self._put(text), value)

    def _put(self, text):
        self._variable.set(text)
        return text


class NotedLock:
    """A `distributed.Lock` whose acquire and release are noted."""

    def __init__(self, name, notes):
        self._lock = Lock(name)
        self._notes = notes

    def __enter__(self):
        self._notes.step("lock", "acquire", lambda: str(self._lock.acquire() or ""))

    def __exit__(self, *_):
        self._notes.step("lock", "release", lambda: str(self._lock.release() or ""))


def race(worker, is_locked, name, process, times, think):
    """Let `worker` go when all are there; gives back its process id and its notes."""
    notes = Notes(process)
    locks = [NotedLock(f"{name}-lock", notes)] if is_locked else []
    number = SharedNumber(name, notes)
    Event(f"{name}-{process}").set()
    if not Event(f"{name}-go").wait(timeout=PATIENCE):
        raise TimeoutError(f"the other processes were not there after {PATIENCE} s")
    worker(number, *locks, times, think)
    return os.getpid(), notes.steps


# ---- a holder that is paused


class Store:
    """A number with one owner. A write that brings a token is refused unless no newer token was given out."""

    def __init__(self):
        self.value = 0
        self.newest = 0
        self.seen = []  # what was asked of it, in this order

    def next_token(self, process):
        self.newest += 1
        self.seen.append((process, "gets token", self.newest, self.value, True))
        return self.newest

    def read(self, process):
        self.seen.append((process, "reads", None, self.value, True))
        return self.value

    def write(self, process, value, token=None):
        accepted = token is None or token == self.newest
        if accepted:
            self.value = value
        self.seen.append((process, "writes", token, value, accepted))
        return accepted

    def told(self):
        return self.value, self.seen


class RemoteStore:
    """The Store as a task sees it: it lives on another worker, each call is a message there and back.

    With `pause_at`, the process waits before its first write until it is told to go on.
    """

    def __init__(self, actor, process, pause_at=""):
        self._actor = actor
        self._process = process
        self._pause_at = pause_at

    def read(self):
        return self._actor.read(self._process).result()

    def write(self, value, token=None):
        if self._pause_at:
            Event(f"{self._pause_at}-reached").set()
            Event(f"{self._pause_at}-over").wait(timeout=PATIENCE)
            self._pause_at = ""
        return self._actor.write(self._process, value, token).result()

    def next_token(self):
        return self._actor.next_token(self._process).result()


class TokenLock:
    """A `distributed.Lock` that gives a token with each grant: a number that only grows."""

    def __init__(self, name, store, notes):
        self._lock = Lock(name)
        self._store = store
        self._notes = notes

    def __enter__(self):
        self._notes.step("lock", "acquire", lambda: str(self._lock.acquire() or ""))
        return self._store.next_token()

    def __exit__(self, *_):
        self._notes.step("lock", "release", lambda: str(self._lock.release() or ""))


def add_without_fence(lock, store):
    with lock:
        value = store.read()
        store.write(value + 1)


def add_with_fence(lock, store):
    while True:
        with lock as token:
            value = store.read()
            if store.write(value + 1, token):
                return


def hold(worker, lease_s, name, process, actor, pauses):
    """One call of `worker` under a lock with a lease of `lease_s`; gives back process id and notes."""
    notes = Notes(process)
    store = RemoteStore(actor, process, f"{name}-pause" if pauses else "")
    with dask.config.set({"distributed.scheduler.locks.lease-timeout": f"{lease_s} s"}):
        worker(TokenLock(f"{name}-lock", store, notes), store)
    return os.getpid(), notes.steps
