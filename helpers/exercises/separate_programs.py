"""Separate programs that a check leads step by step: who goes on, who stays where it stands, who is killed."""

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path

from helpers.lab import limits

_PROGRAM = str(Path(__file__).with_name("part_adder.py"))
_SLEEPS, _STEPS = 3, 200  # so many without getting further mean: it waits
_GATES, ENDED = ("op", "sleep", "merge"), ("done", "raised", "died")
_PATIENCE = 30  # so often it may seem to wait while nobody is in its way


class TooBusy(Exception):
    """A program said nothing for so long that the machine must be too busy: `seconds`."""


class Program:
    """One program. `at` says where it stands: "ready", "op", "sleep", "merge", "waits", "done", "raised" or "died"."""

    def __init__(self, letter, path, original, home):
        self.letter = letter
        self._home = Path(home, letter)
        self._home.mkdir()
        copy = shutil.copy(path, self._home)  # strangers have only the shared folder in common
        self._errors = open(self._home / "stderr.txt", "wb")  # noqa: SIM115 - closed by `end`
        command = [sys.executable, _PROGRAM, copy, original]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": self._errors}
        self._process = subprocess.Popen(command, **pipes, start_new_session=True)
        self._said = queue.Queue()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self.at, self.reported, self.calls, self.steps = "", {}, [], 0
        self.others = ()  # the programs beside it

    def _listen(self):
        with suppress(ValueError):  # closed meanwhile
            for line in self._process.stdout:
                self._said.put(json.loads(line))
        self._said.put({"kind": "died"})

    @property
    def error(self):
        """What it ended with: an exception, or the last line of its error stream."""
        if self.at == "raised":
            return self.reported["error"]
        last = (self._home / "stderr.txt").read_text(errors="replace").strip().splitlines()
        return last[-1] if last else f"exit code {self._process.wait()}"

    def begin(self, *command):
        self.calls, self.steps = [], 0
        self.tell(*command)

    def advance(self, before=None, sleeps=_SLEEPS):
        """Let it go on until it is in merge, has ended or waits, or stands before step number `before`; where it stands."""
        self._forget_waits()
        slept, most = 0, self.steps + _STEPS
        while self.at not in ENDED:
            if self.at in _GATES:
                self.tell("go")
            self.hear()
            if self.at in ("merge", "waits"):
                return self.at
            self.steps += self.at == "op"
            slept += self.at == "sleep"
            if self.at == "op" and self.steps == before:
                return self.at
            if slept == sleeps or self.steps > most:
                return "waits"
        return self.at

    def finish(self, goals=ENDED):
        """Let it go on to the end of its command, with nobody in its way; "waits" where it does not come there."""
        for _ in range(_PATIENCE):
            at = self.advance()
            if at in goals:
                break
        return at

    def wait_on(self, seconds):
        """Let it wait for so long by its own clock, or by ours where it asks no clock; where it stands then."""
        slept, end = 0.0, time.perf_counter() + seconds
        while slept < seconds and self.advance(sleeps=1) == "waits":
            if self.at == "sleep":
                slept += self.reported["seconds"]
            elif time.perf_counter() > end:
                break
        return self.at

    def kill(self):
        self._process.kill()
        self._process.wait()
        self.at = "died"

    def end(self):
        """Tell it to leave; whether a process that it has started is still there then."""
        if self.at not in ("died", ""):
            self.tell("end")
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(limits.for_answer(2))
        end = time.perf_counter() + limits.for_answer(1)
        while self._has_others() and time.perf_counter() < end:
            time.sleep(0.01)  # one that goes with it may take a moment
        return self._has_others()

    def _has_others(self):
        if self._process.poll() is not None and hasattr(os, "killpg"):
            with suppress(OSError):  # nobody is in its group
                os.killpg(self._process.pid, 0)
                return True
        return False

    def close(self):
        """End it, and all that it has started where the system lets us: on Windows only itself."""
        with suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._listener.join(limits.for_answer(1))
        if not self._listener.is_alive():  # else a child of its own has the pipe: this would wait
            self._process.stdout.close()
        self._errors.close()
        with suppress(OSError):
            self._process.stdin.close()

    def tell(self, *words):
        self.at = ""
        with suppress(OSError):  # it is gone: that will be heard
            self._process.stdin.write(json.dumps(words).encode() + b"\n")
            self._process.stdin.flush()

    def hear(self):
        """Take in the next that it says. Raises TooBusy where it says nothing."""
        seconds = limits.for_run()
        try:
            self.reported = self._said.get(timeout=seconds)
        except queue.Empty:
            raise TooBusy(f"program {self.letter} said nothing for {seconds:g} s") from None
        self.at = self.reported["kind"]
        if self.at == "merge":
            self.calls.append((self.reported["total"], self.reported["part"]))

    def _forget_waits(self):
        """What it said before the others went on counts no more."""
        for _ in range(self._said.qsize()):
            if (reported := self._said.get())["kind"] != "waits":
                self._said.put(reported)  # there is one at most: it goes on only when it is told to


@contextmanager
def programs(answer, letters):
    """Programs with these letters that have imported the file of `answer`, side by side; they end with the block.

    A pair: the programs, and a function that makes a new folder for them to share.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home, ExitStack() as stack:
        started = []
        for letter in letters:
            program = Program(letter, answer.path, os.path.dirname(answer.path), home)
            stack.callback(program.close)
            started.append(program)
        for program in started:
            program.hear()
            program.others = [other for other in started if other is not program]
        answer.tried.runs["separate programs"] += 1
        yield started, partial(tempfile.mkdtemp, prefix="shared folder ", dir=home)
