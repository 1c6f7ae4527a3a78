"""Scripts and code, run by an interpreter of their own."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from helpers.lab import limits

PROGRAMS = Path(__file__).parents[1] / "programs"


TEXT = {"encoding": "utf-8", "errors": "replace"}  # what programs write into their pipes


def usual_environment():
    """The environment of a program: output in UTF-8 and held back in a buffer, whatever this process was told."""
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return {**usual, "PYTHONIOENCODING": "utf-8:backslashreplace"}


def run_program(name, *args, timeout=None):
    """Run a script of `programs/` in an interpreter and a folder of its own: what it printed.

    Raises RuntimeError with what it wrote to the error stream where it fails.
    """
    return run_script(PROGRAMS / name, *args, timeout=timeout)


def run_script(path, *args, timeout=None):
    """The same for a script anywhere."""
    done = run_python(str(path), *args, timeout=timeout)
    if done.returncode:
        raise RuntimeError(f"{path.name} ended with exit code {done.returncode}:\n{done.stderr}")
    return done.stdout


def run_python(*args, timeout=None):
    """Run a fresh interpreter in a folder of its own, which is gone after: the finished process.

    Raises subprocess.TimeoutExpired where it does not end in `timeout` seconds (None: computed).
    """
    command = [sys.executable, *args]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        return subprocess.run(
            command,
            cwd=folder,
            env=usual_environment(),
            capture_output=True,
            **TEXT,
            timeout=limits.for_run(least=60) if timeout is None else timeout,
            check=False,
        )
