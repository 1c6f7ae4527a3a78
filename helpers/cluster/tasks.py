"""What runs on the workers. It is sent there by value: a worker needs Dask, and nothing of this course."""

import os
import time

import dask
from distributed import Event, Lock, Variable

from helpers.events import START_ID, split_stamp, stamp

START = f"{START_ID} 0"


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

    def __init__(self, name, notes, patience):
        self._variable = Variable(name)
        self._notes, self._patience = notes, patience
        self._writes = 0

    def read(self):
        text = self._notes.step(
            "number", "read", lambda: self._variable.get(timeout=self._patience)
        )
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


def meet(here, go, patience):
    """Say that this process is here, and wait at most `patience` seconds until all may go on."""
    Event(here).set()
    if not Event(go).wait(timeout=patience):
        raise TimeoutError(f"the other processes were not there after {patience:g} s")


def race(worker, is_locked, name, process, times, think, patience):
    """Let `worker` go when all are there; gives back its process id and its notes."""
    notes = Notes(process)
    locks = [NotedLock(f"{name}-lock", notes)] if is_locked else []
    number = SharedNumber(name, notes, patience)
    meet(f"{name}-{process}", f"{name}-go", patience)
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
        self._note(process, "gets token", self.newest)
        return self.newest

    def read(self, process):
        self._note(process, "reads", self.value)
        return self.value

    def write(self, process, value, token=None):
        if token is not None and token < self.newest:
            self._note(process, "is refused", value)
            return False
        self.value = value
        self._note(process, "writes", value)
        return True

    def told(self):
        return self.seen

    def _note(self, process, op, number):
        self.seen.append((time.time_ns(), process, op, number, self.value))


class RemoteStore:
    """The Store as a task sees it: it lives on another worker, each call is a message there and back.

    With `pause_at`, the process waits before its first write until it is told to go on.
    """

    def __init__(self, actor, process, patience, pause_at=""):
        self._actor = actor
        self._process, self._patience = process, patience
        self._pause_at = pause_at

    def read(self):
        return self._actor.read(self._process).result()

    def write(self, value, token=None):
        if self._pause_at:
            meet(f"{self._pause_at}-reached", f"{self._pause_at}-over", self._patience)
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


def hold(worker, lease_s, name, process, patience, actor):
    """One call of `worker` under a lock with a lease of `lease_s`; gives back process id and notes.

    A waits for at most `patience` seconds to go on, B to begin: A is to be paused before its first write, B begins when it is told to.
    """
    notes = Notes(process)
    pause_at = f"{name}-pause" if process == "A" else ""
    store = RemoteStore(actor, process, patience, pause_at)
    if process == "B":
        meet(f"{name}-B", f"{name}-go", patience)
    with dask.config.set({"distributed.scheduler.locks.lease-timeout": f"{lease_s} s"}):
        worker(TokenLock(f"{name}-lock", store, notes), store)
    return os.getpid(), notes.steps
