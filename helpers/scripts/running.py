"""Run a script as `python my_program.py` would, recorded, within a limit, and leave nothing of it behind."""

import os
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from helpers import analysis, child
from helpers.lab import limits
from helpers.lab.watch import Watch
from helpers.refused import need_processes
from helpers.scripts.reading import Recording, Step

HOOK = Path(__file__).parent / "hook"
_LOOK = 0.01  # seconds between two looks at the run
_PATIENCE = 10.0
_MOST_OUTPUT = 1_000_000  # characters that are kept of what a script prints
# A program that removes what killed processes of the script leave, when it is told that all are over. If it hears of our end
# instead, by its input, it ends the script's group first and removes the records, too.
_GUARD = """import os, shutil, signal, sys
from _multiprocessing import sem_unlink
is_over = sys.stdin.readline()
if not is_over:
    getattr(os, "killpg", os.kill)(int(sys.argv[1]), getattr(signal, "SIGKILL", signal.SIGTERM))
for line in open(sys.argv[2] + "/temporary"):
    kind, _, name = line[:-1].partition(" ")
    try:
        shutil.rmtree(name, True) if kind == "folder" else sem_unlink(name)
    except OSError:
        pass
is_over or shutil.rmtree(sys.argv[2], True)"""


@dataclass(frozen=True)
class Ended:
    """How a script ended: its exit code, None where it had to be ended, and why that was: "", "stuck", "timed out" or "stopped".

    `output` and `errors` are what it wrote, `limit` is in seconds. `waits` has the Step that each process was waiting in then.
    """

    recording: Recording
    exit_code: int | None
    ended: str
    limit: float
    stuck: analysis.Stuck | None
    waits: tuple[Step, ...]
    output: str
    errors: str


def run_script(command, folder, start_method=None, limit=None, stop=None, keeper=None):
    """Run a Python with the arguments `command`, recorded in `folder`: an Ended.

    `limit` in seconds (None: as measured), `keeper` the Keeper of an order. Nothing that it has started lives on; where this process
    is killed itself, its group ends with it.
    """
    need_processes()
    recording = Recording(folder)
    Path(folder, "temporary").touch()
    path = os.pathsep.join(filter(None, [str(HOOK), os.environ.get("PYTHONPATH")]))
    own = {"COURSE_WATCHED": f"{folder}", "COURSE_WATCHED_AS": "P", "PYTHONPATH": path}
    how = {"start_new_session": True, "stdin": subprocess.DEVNULL}
    how["env"] = {**os.environ, **own, "COURSE_WATCHED_METHOD": start_method or ""}
    with Path(folder, "output").open("wb+") as output, Path(folder, "errors").open("wb+") as errors:
        since = time.time() - 1  # the system's own account of starts may be that much off
        command = [sys.executable, *command]
        program = subprocess.Popen(command, stdout=output, stderr=errors, **how)
        with program, ExitStack() as last:  # in turn: all are ended, what they left goes
            last.callback(program.kill)  # where no guard could be started
            last.enter_context(_guarded(program.pid, folder))
            last.callback(_end, program, recording, since)
            why, *more = _followed(program, recording, limit, stop, keeper)
        said = map(_text, (output, errors))
        code = None if why else program.returncode
        return Ended(recording.read(), code, why, *more, *said)


@contextmanager
def _guarded(*what):
    """While this lasts, a script and its records are gone as soon as this process is; then what was left behind is gone."""
    command = [sys.executable, "-I", "-S", "-c", _GUARD, *map(str, what)]
    how = {"stdin": subprocess.PIPE, "start_new_session": True}
    with subprocess.Popen(command, **how) as guard:
        try:
            yield
        finally:
            guard.communicate(b"all are over\n")  # what is forked meanwhile keeps its input open


def _followed(program, recording, given, stop, keeper):
    """Look at a script until it has ended, waits for ever, or its time is over: what an Ended has of that."""
    began, limit, freed = time.perf_counter(), given or limits.for_run(), set()
    watch = Watch((), freed)
    while program.poll() is None:
        time.sleep(_LOOK)
        # Asked before its records are read: of one that has ended since, the last of them would be missing.
        for journal in recording.processes:  # one that is being started has no number yet
            journal.is_over = bool(journal.pid) and not _is_alive(journal.pid)
        processes = recording.read().processes
        limit = given or limits.for_run(_asked(processes))
        if keeper:
            keeper.look(processes)
        freed.update(identity for identity, thing in recording.things.items() if thing.is_freed)
        over = [journal.letter for journal in processes if journal.is_over]
        stuck = watch.compare(over, {j.letter: j.state for j in processes}, others_may_go_on=True)
        why = "timed out" if time.perf_counter() - began > limit else ""
        why = "stuck" if stuck else "stopped" if stop and stop.is_set() else why
        if why:
            waits = tuple(j.waits for j in processes if j.waits and not j.is_over)
            return why, limit, stuck, waits
    return "", limit, None, ()


def _asked(processes):
    """How many seconds of pauses the script has asked for.

    A line that pauses again and again may be waiting for something that never comes: it gets _PATIENCE seconds for that.
    """
    of = defaultdict(list)
    for journal in processes:
        for _, _, _, seconds, line in journal.notes["pause"]:
            of[journal.letter, line].append(seconds)
    return sum(max(*asked, min(sum(asked), _PATIENCE)) for asked in of.values())


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
    """End the script and all that it started, and what those start meanwhile.

    What tracks its locks goes last: as soon as it is the only one left, it removes them, and ends.
    """
    program.kill()
    wait = limits.for_answer(1)
    until, others = time.perf_counter() + wait, True
    while others and time.perf_counter() < until:
        trackers, others = _left(recording, since, program.pid)
        _kill(others)
    until = time.perf_counter() + wait
    while any(_is_alive(tracker.pid) for tracker in trackers) and time.perf_counter() < until:
        time.sleep(_LOOK)
    _kill(trackers)
    child.kill_group(program.pid)
    program.wait()


def _kill(processes):
    import psutil

    for process in processes:
        with suppress(psutil.Error):
            process.kill()


def _left(recording, since, group):
    """All living processes of the run, in two lists: those that track locks, and all others.

    Its folder is in their environment, they are in its group, it has noted their number, or they print where it prints. The
    last is all that tells of a program of a child that was killed while it started it.
    """
    import psutil

    trackers, others = [], []
    folder, journals = f"{recording.folder}", recording.read().journals.values()
    noted = {pid for j in journals for pid in (j.pid, *(pid for pid, _ in j.notes["ran"]))}
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            is_ours = hasattr(os, "getpgid") and os.getpgid(process.pid) == group
            if not is_ours and process.create_time() >= since:
                is_ours = process.pid in noted or _prints_into(folder, process)
            is_ours = is_ours or process.environ().get("COURSE_WATCHED") == folder
            if is_ours and process.status() != psutil.STATUS_ZOMBIE:
                is_tracker = any("resource_tracker" in word for word in process.cmdline())
                (trackers if is_tracker else others).append(process)
    return trackers, others


def _prints_into(folder, process):
    """Whether what a process prints goes to a file of a folder. (Windows can take for ever to tell.)

    This process, and whatever it forks meanwhile, has these files open as well, but does not print there.
    """
    files = process.open_files() if os.name == "posix" else ()
    is_other = process.pid != os.getpid()
    return is_other and any(f.fd in (1, 2) and f.path.startswith(folder + os.sep) for f in files)
