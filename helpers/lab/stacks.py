"""Where a stuck process stands in its worker's source: asked from outside, while it is blocked."""

import os
import re
import shutil
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from helpers.child import STACK_SIGNAL, stack_path
from helpers.lab import limits

# As faulthandler and py-spy write a line of a stack, the latest call first.
_FRAME = re.compile(r'File "(?P<file>.+)", line (?P<line>\d+) in (?P<function>\S+)')
_SPIED = re.compile(r"^ +(?P<function>\S+) \((?P<file>.+):(?P<line>\d+)\)", re.MULTILINE)


class Place(NamedTuple):
    """A line of a source: its file, number and function, and what stands there."""

    file: str
    line: int
    function: str
    text: str

    def __repr__(self):
        return f"<line {self.line} of {self.function}: {self.text}>"


def places(seats, files):
    """The Place in its worker's file at which each of the living processes stands, by letter.

    `files` holds the path of each worker's file by letter. Processes that do not answer are left out.
    Where the system has no signal for it (Windows), py-spy is asked if it is installed.
    """
    living = [seat for seat in seats if seat.process.is_alive()]
    if STACK_SIGNAL:
        return _dumped(living, files)
    told = {seat.name: _place(_spied(seat), _SPIED, files[seat.name]) for seat in living}
    return {name: place for name, place in told.items() if place}


def _dumped(seats, files):
    """What faulthandler writes in each process when the signal comes: as soon as all have told it."""
    for seat in seats:
        with suppress(OSError):
            os.kill(seat.process.pid, STACK_SIGNAL)
    end = time.perf_counter() + limits.for_answer(0.2)
    found = {}
    while len(found) < len(seats) and time.perf_counter() < end:
        time.sleep(0.001)
        for seat in seats:
            whole_lines = _text(stack_path(seat.path)).rpartition("\n")[0]
            if place := _place(whole_lines, _FRAME, files[seat.name]):
                found[seat.name] = place
    return found


def _text(path):
    with suppress(OSError):
        return Path(path).read_text(encoding="utf-8", errors="replace")
    return ""


def _spied(seat):
    tool = shutil.which("py-spy")
    if tool is None:
        return ""
    command = [tool, "dump", "--pid", str(seat.process.pid)]
    with suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=limits.for_answer(2),
            check=False,
        )
        return done.stdout
    return ""


def _place(text, frame, path):
    """The latest call in the worker's own file; None where the text tells of none."""
    for match in frame.finditer(text):
        if _same_file(path, match["file"]):
            line = int(match["line"])
            return Place(path, line, match["function"], _source_line(path, line))
    return None


def _same_file(path, told):
    """Whether `told` is the end of `path`; faulthandler writes letters beyond ASCII as \\x and a number."""
    plain = Path(path).as_posix()
    escaped = plain.encode("ascii", "backslashreplace").decode()
    return any(text.endswith(told) for text in (plain, escaped, str(path)))


def _source_line(path, line):
    lines = _text(path).splitlines()
    return lines[line - 1].strip() if line <= len(lines) else ""
