"""Workers that misbehave on purpose, and workers that take their steps in a forced order."""

import os
import signal
import sys
import threading
import time
from pathlib import Path

from helpers import events


def wait_for(path):
    """Until the file is there: the order is forced, whatever the machine is doing."""
    while not os.path.exists(path):
        time.sleep(0.001)


def take_turns(counter, folder, plan):
    """Do the steps of `plan`, a list of (turn, op), each when its turn has come."""
    value = None
    for turn, op in plan:
        wait_for(Path(folder, str(turn)))
        if op == "read":
            value = counter.read()
        else:
            events.hearer.step(counter, op, value + 1)
        Path(folder, str(turn + 1)).touch()


def team_of(counter, folder, order):
    """The team for `order`, words such as "A read": each process with its own turns."""
    steps = [step.split() for step in order.split(", ")]
    Path(folder, "0").touch()
    return [
        (
            take_turns,
            (counter, folder, [(i, op) for i, (who, op) in enumerate(steps) if who == name]),
        )
        for name in sorted({who for who, _ in steps})
    ]


def do_nothing():
    pass


def add_one(counter):
    counter.write(counter.read() + 1)


def add_one_holding(counter, lock):
    with lock:
        counter.write(counter.read() + 1)


def say(path, text):
    Path(path).write_text(text)


def keep_the_lock(lock):
    lock.acquire()


def wait_for_the_lock(lock, path):
    """Once the file is there, somebody has the lock for good."""
    wait_for(path)
    lock.acquire()


def hold_for_ever(lock, path):
    with lock:
        Path(path).touch()
        wait_for(path + ".never")


def never_end(path):
    Path(path).touch()
    wait_for(path + ".never")


def never_end_with_others(counter, lock):
    while True:
        with lock:
            counter.write(counter.read() + 1)


def be_killed_holding(counter, lock):
    lock.acquire()
    counter.read()
    os.kill(os.getpid(), signal.SIGKILL)


def be_killed_waiting(lock):
    """Dies in an acquire that never returns: the second of a plain lock."""
    lock.acquire()
    threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGKILL)).start()
    lock.acquire()


def raise_holding(lock):
    with lock:
        raise KeyError("tea")


def leave_by_sys_exit(code):
    sys.exit(code)


def leave_by_os_exit(code, lock=None):
    if lock:
        lock.acquire()
    os._exit(code)


def interrupt_itself():
    os.kill(os.getpid(), signal.SIGINT)
    wait_for("/nowhere/at/all")


def fill_the_tape(counter, lock, times):
    for _ in range(times):
        add_one_holding(counter, lock)


def say_what_is_loaded(path):
    """Which modules this child had when its first trial began; helpers.* and tests only."""
    names = [name for name in sys.modules if name.startswith("helpers")]
    Path(path).write_text(" ".join(names))


def make_inner():
    def inner():
        pass

    return inner


def write_float(counter):
    counter.write(counter.read() / 1)
