"""Programs, each run by an interpreter of its own."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from helpers import child
from helpers.lab import limits
from helpers.refused import need_processes

PROGRAMS = Path(__file__).parents[1] / "programs"
_PIPES: dict = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
_PIPES |= {"encoding": "utf-8", "errors": "replace"}


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
