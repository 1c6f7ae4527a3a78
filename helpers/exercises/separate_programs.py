"""Separate programs that a check leads step by step: who goes on, who stays where it stands, who is killed."""

import multiprocessing
import os
import shutil
import signal
import tempfile
import time
from contextlib import ExitStack, contextmanager, suppress
from functools import partial, partialmethod
from multiprocessing.connection import wait

from helpers.exercises import part_adder
from helpers.exercises.findings import Found, Unfinished
from helpers.lab import limits
from helpers.lab.interrupts import interrupts_held

_GATES, ENDED = ("op", "sleep", "merge"), ("done", "raised", "died")
# How much of a sign that it waits: its word, a merge too many, three sleeps without getting further, or two hundred steps.
_SIGNS = {"waits": 1, "merge": 1, "sleep": 0.34, "op": 0.005}
_SPAWN = multiprocessing.get_context("spawn")


class Program:
    """One program. `at` says where it stands: "op", "sleep", "merge", "done", "raised" or "died"; "" on the way.

    `reported` is what it said last (see part_adder), `started` all programs of the check's attack.
    """

    def __init__(self, letter, path, home, started):
        self.letter, self.started, self.at, self.reported = letter, started, "", {}
        # Strangers have only the shared folder in common.
        copy = shutil.copy(path, tempfile.mkdtemp(prefix=f"{letter} ", dir=home))
        self._conn, theirs = _SPAWN.Pipe()
        args = theirs, copy, os.path.dirname(path)
        self._process = _SPAWN.Process(target=part_adder.main, args=args)
        self._process.start()
        theirs.close()

    def tell(self, *words):
        """Tell it a command of part_adder, or how to go on from a gate; itself."""
        self.at = ""
        with suppress(OSError):  # it is gone: that will be heard
            self._conn.send(words)
        return self

    def advance(self, goals=("merge",), before=None, patience=1, seconds=0):
        """Let it go on until it is at one of the `goals` or at its end, or stands before step number `before`: `at`.

        Or until it seems to wait, with so much `patience` and for so many `seconds` by its own clock: "waits".
        """
        if self.at in _GATES:
            self.tell("go")
        else:
            while not self.at and wait([self._conn], 0):
                self.hear()  # that it waited before the others went on counts no more
        signs, end = 0, self.reported["clock"] + seconds
        while self.at not in (*goals, *ENDED):
            if (self.at, self.reported["steps"]) == ("op", before):
                break
            if signs >= patience and self.reported["clock"] >= end:
                return "waits"
            if self.at:
                self.tell("go")
            self.hear()
            signs += _SIGNS.get(self.reported["kind"], 0)
        return self.at

    # With nobody in its way: so often it may seem to wait.
    finish = partialmethod(advance, goals=(), patience=30)

    def hear(self):
        """Take in the next that it says. Raises Found where it says nothing."""
        seconds = limits.for_run()
        try:
            if not wait([self._conn], seconds):
                say = f"the machine was too busy: program {self.letter} said nothing for {seconds:g} s"
                raise Unfinished(say)
            self.reported = self._conn.recv()
        except (EOFError, OSError):
            self._process.join(limits.for_answer(2))
            error = f"exit code {self._process.exitcode}"
            self.reported |= {"kind": "died", "error": error}
        self.at = self.reported["kind"].removeprefix("waits")

    def kill(self):
        self._process.kill()
        self._process.join()
        self.at = "died"

    def end(self):
        """Let it leave; whether a process that it has started is still there then."""
        self._conn.close()
        self._process.join(limits.for_answer(2))
        end = time.perf_counter() + limits.for_answer(1)
        with suppress(OSError, AttributeError):  # nobody is in its group; Windows knows no groups
            while time.perf_counter() < end:
                os.killpg(self._process.pid, 0)
                time.sleep(0.01)  # one that goes with it may take a moment
            return self._process.exitcode is not None
        return False

    def close(self):
        """End it, and all that it has started where the system lets us: on Windows only itself."""
        with suppress(OSError, AttributeError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self.kill()
        self._conn.close()


@contextmanager
def programs(answer, letters):
    """Programs with these letters that have imported the file of `answer`, side by side; they end with the block.

    A pair: the programs, and a function that makes a new folder for them to share. Raises Found where one cannot import it.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, ExitStack() as stack:
        answer.tried.runs["separate programs"] += 1
        started = []
        with interrupts_held():
            for letter in letters:
                started.append(Program(letter, answer.path, home, started))
                stack.callback(started[-1].close)
        for program in started:
            program.hear()
            if program.at != "done":
                reason = f"A program that imports the file died: {program.reported['error']}."
                raise Found("fails_at_import", reason)
        yield started, partial(tempfile.mkdtemp, prefix="shared folder ", dir=home)
