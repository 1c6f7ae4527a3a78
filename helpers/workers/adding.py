"""The same job in several ways: work out results, and add them up. Each result here is 1."""

import sys
import time

from helpers.events import pause


def add_under_lock(total, lock, results, work):
    """A number in a file, and a lock around the update."""
    for _ in range(results):
        pause(work)
        with lock:
            total.write(total.read() + 1)


def add_to_value(total, results, work):
    """A number in shared memory, and the lock that comes with it."""
    for _ in range(results):
        pause(work)
        with total.get_lock():
            total.value = total.value + 1


def send_results(queue, results, work):
    """Change nothing that others use: send each result to the one process that writes; then say that it was the last."""
    for _ in range(results):
        pause(work)
        queue.put(1)
    queue.put(None)


def write_for_all(total, queue, senders):
    """The one process that writes: take results until every sender has said that it was the last."""
    while senders:
        result = queue.get()
        if result is None:
            senders -= 1
        else:
            total.write(total.read() + result)


def add_to_own_file(total, results, work):
    """A file for each process: nobody else writes there. Who wants the sum adds up the files in the end."""
    for _ in range(results):
        pause(work)
        total.write(total.read() + 1)


def add_in_database(total, results, work):
    """A number in a database, and one UPDATE for each result."""
    for _ in range(results):
        pause(work)
        total.add(1)


def add_as_stranger(start, command):
    """Let a program of its own add up, once those of all have said that they are ready. How many seconds that took."""
    import subprocess

    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, encoding="utf-8", errors="replace", **pipes) as program:
        program.stdout.readline()  # empty where it has failed: the others are let go all the same
        start.wait()
        began = time.perf_counter()
        _, errors = program.communicate("go\n")
    if program.returncode == 1:
        raise RuntimeError(f"a program failed: {errors}")
    if program.returncode:
        sys.exit(program.returncode)
    return time.perf_counter() - began
