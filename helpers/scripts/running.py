"""Run a script as `python my_program.py` would, recorded, within a limit, and leave nothing of it behind."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from helpers import analysis
from helpers.events.tape import NO_STATE
from helpers.lab import limits
from helpers.refused import need_processes
from helpers.scripts.reading import Recording, state_of

HOOK = Path(__file__).parent / "hook"
_LOOK = 0.01  # seconds between two looks at the run
_STILL = 0.05  # seconds without a step of anybody, before an unseen taker is looked for
_PATIENCE = 10.0
_MOST_OUTPUT = 1_000_000  # characters that are kept of what a script prints


class Ended(NamedTuple):
    """How a script ended: its exit code, None where it had to be ended, and why that was: "", "stuck", "timed out" or "stopped".

    `waits` has the step that each process was waiting in then, by letter.
    """

    exit_code: int | None
    ended: str
    stuck: analysis.Stuck | None
    output: str
    errors: str
    elapsed: float
    limit: float
    recording: Recording
    waits: tuple = ()


def run_script(command, folder, start_method=None, limit=None, stop=None, keeper=None):
    """Run a Python with the arguments `command`, recorded in `folder`: an Ended.

    `limit` in seconds (None: as measured), `keeper` the Keeper of an order. Nothing that it has started lives on.
    """
    need_processes()
    recording = Recording(folder)
    environment = _environment(folder, start_method)
    with Path(folder, "output").open("wb+") as output, Path(folder, "errors").open("wb+") as errors:
        files = {"stdin": subprocess.DEVNULL, "stdout": output, "stderr": errors}
        started, command = time.perf_counter(), [sys.executable, *command]
        since = time.time() - 1  # the system's own account of starts may be that much off
        with subprocess.Popen(command, start_new_session=True, env=environment, **files) as program:
            try:
                run = _Run(program, recording, limit, stop, keeper)
                run.follow()
            finally:
                _end(program, recording, since)
        elapsed = time.perf_counter() - started
        said = [_text(file) for file in (output, errors)]
    recording.read()
    for journal in recording.journals.values():
        for path in journal.temporary:  # of those that have been ended
            shutil.rmtree(path, ignore_errors=True)
    code = program.returncode if not run.why else None
    return Ended(code, run.why, run.stuck, *said, elapsed, run.limit, recording, run.waits)


def _environment(folder, start_method):
    path = os.pathsep.join(filter(None, [str(HOOK), os.environ.get("PYTHONPATH")]))
    own = {
        "COURSE_WATCHED": str(folder),
        "COURSE_WATCHED_AS": "P",
        "COURSE_WATCHED_METHOD": start_method or "",
    }
    return {**os.environ, **own, "PYTHONPATH": path}


class _Run:
    """One run, followed until it ends or has to be ended."""

    def __init__(self, program, recording, limit, stop, keeper):
        self._program, self._recording, self._stop = program, recording, stop
        self._given, self._keeper = limit, keeper
        self.limit = limit or limits.for_run()
        self.why, self.stuck, self.waits = "", None, ()
        self._before, self._moved = {}, time.perf_counter()

    def follow(self):
        """Look at the processes until the script has ended, waits for ever, or its time is over."""
        began = time.perf_counter()
        while self._program.poll() is None and not self.why:
            time.sleep(_LOOK)
            self._recording.read()
            if self._given is None:
                self.limit = limits.for_run(_asked(self._recording.lanes))
            self.stuck = self._look()
            if self.stuck:
                self.why = "stuck"
            elif self._stop is not None and self._stop.is_set():
                self.why = "stopped"
            elif time.perf_counter() - began > self.limit:
                self.why = "timed out"
        if self.why:
            self.waits = tuple(
                (j.letter, j.waits) for j in self._recording.lanes if _is_alive(j.pid) and j.waits
            )

    def _look(self):
        lanes = self._recording.lanes
        over = [j.letter for j in lanes if not _is_alive(j.pid)]
        things = self._recording.things
        if self._keeper:
            self._keeper.look(lanes, over, things, self._recording.starting)
        now = {j.letter: state_of(j, things, j.letter in over) for j in lanes}
        # One that is being started has written nothing yet, and may let the others go on.
        now |= dict.fromkeys(self._recording.starting, NO_STATE)
        before, self._before = self._before, now
        at = time.perf_counter()
        self._moved = at if before != now else self._moved
        freed = frozenset(key for key in things if key[0] == "process" or is_freed(things[key]))
        is_still = at - self._moved >= _STILL
        return analysis.find_stuck(before, now, over, is_still, freed, others_may_go_on=True)


def _asked(lanes):
    """How many seconds of pauses the script has asked for.

    A line that pauses again and again may be waiting for something that never comes: it gets _PATIENCE seconds for that.
    """
    of = defaultdict(list)
    for journal in lanes:
        for _, _, seconds, line in journal.pauses:
            of[journal.letter, line].append(seconds)
    return sum(max(*asked, min(sum(asked), _PATIENCE)) for asked in of.values())


def is_freed(thing):
    """Whether the system frees a lock when its holder dies: one on a file, or of a database."""
    return (
        thing.kind == "lock"
        and ("/" in thing.identity or ":" in thing.identity)
        and not thing.identity.startswith("/mp")
    )


def _is_alive(pid):
    import psutil  # ipykernel brings it along; a browser has none, and no processes

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _text(file):
    file.seek(0)
    data = file.read(_MOST_OUTPUT + 1)
    text = data[:_MOST_OUTPUT].decode(errors="replace")
    return text + "\n[the rest is not shown]\n" if len(data) > _MOST_OUTPUT else text


def _end(program, recording, since):
    """End the script and all that it started; what tracks its locks goes last, for it removes those that are left."""
    import psutil

    killed = []
    for is_last in False, True:
        for process in _left(recording, since, program.pid):
            with suppress(psutil.Error):
                is_tracker = any("resource_tracker" in word for word in process.cmdline())
                if is_last and is_tracker:
                    psutil.wait_procs([process], timeout=limits.for_answer(1))
                if is_last or not is_tracker:
                    process.kill()
                    killed.append(process.pid)
        program.kill()
        with suppress(OSError, AttributeError):
            if is_last:
                os.killpg(program.pid, signal.SIGKILL)
    program.wait()
    until = time.perf_counter() + limits.for_answer(1)
    while any(map(_is_alive, killed)) and time.perf_counter() < until:
        time.sleep(_LOOK)


def _left(recording, since, group):
    """All processes of the run: its folder is in their environment, they are in its group, or it has noted their number."""
    import psutil

    found, journals = [], recording.read().journals.values()
    noted = {pid for journal in journals for pid in (journal.pid, *journal.programs)}
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            is_noted = process.pid in noted and process.create_time() >= since
            is_in_group = hasattr(os, "getpgid") and os.getpgid(process.pid) == group
            if is_noted or is_in_group or _is_own(process, recording.folder):
                found.append(process)
    return found


def _is_own(process, folder):
    return process.environ().get("COURSE_WATCHED") == str(folder)


def temporary_folder():
    """A folder for the records of one run; it is gone after the `with`."""
    return tempfile.TemporaryDirectory(prefix="watched-", ignore_cleanup_errors=True)
