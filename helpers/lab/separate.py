"""Separate programs that work on one file: started one by one, let go together, and ended whatever happens."""

import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from helpers import lab
from helpers.lab import limits
from helpers.lab.fates import fates_told
from helpers.lab.programs import PROGRAMS, TEXT, usual_environment

SCRIPT = "add_as_stranger.py"  # what each of them runs
_LOOK = 0.005  # seconds between two looks at who has ended


class Apart(NamedTuple):
    """What separate programs did: the number in the file, seconds, and the Fate of each that did not die, by letter."""

    found: int
    elapsed: float
    fates: dict


def add_apart(kind, count, results, work, die_at, deadline, stop=None):
    """Let `count` programs add to one file under a lock of `kind`; the first dies in its `die_at`th update: Apart.

    Those that have not ended after `deadline` seconds are ended. Raises RuntimeError where a program fails.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        total = Path(folder, "total.txt")
        total.write_text("0")
        commands = [
            [sys.executable, str(PROGRAMS / SCRIPT), str(total), kind]
            + [str(results), str(work), str(death)]
            for death in [die_at, *[0] * (count - 1)]
        ]
        elapsed, told = run_together(commands, deadline, stop)
        for code, _, errors in told:
            if code == 1:
                raise RuntimeError(f"a program failed: {errors}")
        notes = [(code, said.splitlines()) for code, said, _ in told]
        fates = fates_told(notes, lab.LETTERS[:count], is_freed_at_death=kind == "FileLock")
        return Apart(int(total.read_text()), elapsed, fates)


def run_together(commands, deadline, stop=None):
    """Start `commands`, wait until each has said "ready", let all go together, and end those that take longer.

    The seconds from there, and for each command its exit code (None: it had to be ended), what it said after
    "ready" and what it wrote to its error stream.
    """
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    usual = {**TEXT, "env": usual_environment()}
    programs, codes, said = [], (), []
    try:
        programs += [subprocess.Popen(command, **usual, **pipes) for command in commands]
        with _killed_after(limits.for_start(len(programs)), programs):
            for program in programs:
                program.stdout.readline()
        elapsed, codes = _let_go(programs, deadline, stop)
    finally:
        for program in programs:
            program.kill()
        said = [_last_words(program) for program in programs]
    return elapsed, [(code, *texts) for code, texts in zip(codes, said, strict=True)]


def _let_go(programs, deadline, stop):
    began = time.perf_counter()
    for program in programs:
        with suppress(OSError):  # it is gone already
            program.stdin.write("go\n")
            program.stdin.flush()
    while any(program.poll() is None for program in programs):
        is_stopped = stop is not None and stop.is_set()
        if is_stopped or time.perf_counter() - began > deadline:
            break
        time.sleep(_LOOK)
    return time.perf_counter() - began, tuple(program.poll() for program in programs)


def _last_words(program):
    """What a program that has ended said; nothing where a child of its own holds the pipes."""
    try:
        return program.communicate(timeout=limits.for_answer(1))
    except (subprocess.TimeoutExpired, OSError, ValueError):
        for pipe in (program.stdin, program.stdout, program.stderr):
            with suppress(OSError):
                pipe.close()
        return "", ""


class _killed_after:
    """Kills the programs after so many seconds, so that nobody reads from them for ever."""

    def __init__(self, seconds, programs):
        self._timer = threading.Timer(seconds, lambda: [program.kill() for program in programs])

    def __enter__(self):
        self._timer.start()

    def __exit__(self, *exc_info):
        self._timer.cancel()
        self._timer.join()
