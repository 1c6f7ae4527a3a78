"""Programs, run by interpreters of their own: one alone, or several apart that work on one file and end whatever happens."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from helpers import child
from helpers.lab import limits
from helpers.lab.check import LETTERS, Stop
from helpers.lab.fates import Fate
from helpers.refused import need_processes

PROGRAMS = Path(__file__).parents[1] / "programs"
SCRIPT = "add_as_stranger.py"  # what each of those runs that work on one file
_PIPES: dict = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
_PIPES |= {"encoding": "utf-8", "errors": "replace"}
_LOOK = 0.005  # seconds between two looks at who has ended


def _usual_environment():
    """The environment of a program: output in UTF-8 and held back in a buffer, whatever this process was told."""
    # Python takes an empty PYTHONUNBUFFERED for none.
    return {**os.environ, "PYTHONUNBUFFERED": "", "PYTHONIOENCODING": "utf-8:backslashreplace"}


def run_program(name: str, *args: str, timeout: float | None = None) -> str:
    """Run a script of `programs/` in an interpreter and a folder of its own: what it printed.

    Raises RuntimeError with what it wrote to the error stream where it fails.
    """
    done = run_python(str(PROGRAMS / name), *args, timeout=timeout)
    if done.returncode:
        raise RuntimeError(f"{name} ended with exit code {done.returncode}:\n{done.stderr}")
    return done.stdout


def run_python(*args: str, timeout: float | None = None) -> subprocess.CompletedProcess[str]:
    """Run a fresh interpreter in a folder of its own, which is gone after: the finished process, with what it wrote as text.

    However it ends, by an interrupt too, what it has started ends with it; not so on Windows, which knows no groups.
    Raises subprocess.TimeoutExpired where it does not end in `timeout` seconds (None: computed).
    """
    need_processes()
    limit = limits.for_run(least=60) if timeout is None else timeout
    command, how = [sys.executable, *args], {"env": _usual_environment(), **_PIPES}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        with subprocess.Popen(command, cwd=folder, start_new_session=True, **how) as program:
            try:
                written = program.communicate(timeout=limit)
            finally:
                program.kill()
                child.kill_group(program.pid)
        return subprocess.CompletedProcess(command, program.returncode, *written)


class Apart(NamedTuple):
    """What separate programs did: the number in the file, seconds, and the Fate of each that did not die, by letter."""

    found: int
    elapsed: float
    fates: dict[str, Fate]


def add_apart(
    kind: str, count: int, results: int, work: float, death: int, deadline: float, stop: Stop = None
) -> Apart:
    """Let `count` programs add to one file under a lock of `kind`; the first dies in update number `death`: Apart.

    Those that have not ended after `deadline` seconds are ended. Raises RuntimeError where a program fails.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        total = Path(folder, "total.txt")
        total.write_text("0")
        job = [str(part) for part in (PROGRAMS / SCRIPT, total, kind, results, work)]
        commands = [[sys.executable, *job, str(at)] for at in (death, *[0] * (count - 1))]
        elapsed, ends = run_together(commands, deadline, stop)
        fates = {}
        for letter, (code, errors) in zip(LETTERS, ends, strict=False):
            if code == 1:
                raise RuntimeError(f"a program failed: {errors}")
            # None can wait for a dead one: each has a lock of its own, or one that the system frees.
            if code in (0, None):
                fates[letter] = Fate.CUT_OFF if code is None else Fate.FINISHED
        return Apart(int(total.read_text()), elapsed, fates)


def run_together(
    commands: Sequence[list[str]], deadline: float, stop: Stop = None
) -> tuple[float, list[tuple[int | None, str]]]:
    """Start `commands`, wait until each has said "ready", let all go together, and end those that take longer.

    The seconds from there, and for each command its exit code (None: it had to be ended) and what it wrote to its
    error stream.
    """
    need_processes()
    programs: list = []
    # Nobody reads for ever from a program that never gets ready.
    timer = threading.Timer(limits.for_start(len(commands)), _kill, [programs])
    timer.start()
    try:
        how = {"stdin": subprocess.PIPE, "env": _usual_environment(), **_PIPES}
        for command in commands:
            programs.append(subprocess.Popen(command, **how))
        for program in programs:
            program.stdout.readline()
        timer.cancel()
        elapsed, codes = _let_go(programs, deadline, stop)
    finally:
        timer.cancel()
        timer.join()
        _kill(programs)
        errors = [_errors(program) for program in programs]
    return elapsed, list(zip(codes, errors, strict=True))


def _kill(programs):
    for program in programs:
        program.kill()


def _let_go(programs, deadline, stop):
    began = time.perf_counter()
    for program in programs:
        with suppress(OSError):  # it is gone already
            program.stdin.write("go\n")
            program.stdin.flush()
    while any(program.poll() is None for program in programs):
        if (stop and stop.is_set()) or time.perf_counter() - began > deadline:
            break
        time.sleep(_LOOK)
    return time.perf_counter() - began, [program.poll() for program in programs]


def _errors(program):
    """What a program that has ended wrote to its error stream; "" where a child of its own holds the pipes."""
    with suppress(subprocess.TimeoutExpired, OSError, ValueError), program:  # which closes them
        return program.communicate(timeout=limits.for_answer(1))[1]
    return ""
