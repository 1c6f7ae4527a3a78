"""The explorer beside frontrun, which runs the orders of real threads; only the bench needs it."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from bench import schedules
from helpers.resources import CounterFile, Table
from helpers.schedules import explore
from helpers.workers.counter import increment_without_lock
from helpers.workers.table import select_then_update

_BETWEEN_PROCESSES = Path(__file__).with_name("processes_under_frontrun.py")
_SCRIPT = Path(__file__).with_name("under_frontrun.py")
_LIMIT = 60  # seconds for one exploration
_RACES = (
    (schedules.counter, 3, 90, 84),
    (schedules.counter, 4, 2_520, 2_496),
    (schedules.philosophers, 4, 98_184, 24),
)


def measure_beside_frontrun(report):
    """Each race explored by both, to the end: all orders here, those that differ for it there."""
    command = shutil.which("frontrun")
    if command is None:
        print("frontrun is not installed: not compared")
        return
    print(
        "frontrun runs threads in memory, here without replays and without a watch on files.\n"
        "To the end: each interleaving that differs for it, however often it preempts.\n"
        "To its first failure: with its own bound of two preemptions.\n"
        "The start of Python is not in these times."
    )
    for team, count, orders, failing in _RACES:
        name = team.__name__
        theirs = _explored_by(command, name, count)
        if theirs is None:
            continue
        race, first, full = f"{name} of {count}", theirs["first"], theirs["full"]
        ours = schedules.explored(team(count), orders, failing)
        report.note(f"{race}, here: {orders:,} orders, failing: {failing:,}", ours, "ms")
        _note(report, f"{race}, frontrun {theirs['version']}", full)
        _note(report, f"{race}, its first failure", first)
        ratio = full["seconds"] * 1000 / ours
        report.line(f"{race}: frontrun's time over ours", ratio, 20, "x", at_least=True)


def measure_beside_frontrun_s_processes(report):
    """The race on a file and on a row of SQLite; between processes frontrun chooses where SQL runs, and nowhere else."""
    command = shutil.which("frontrun")
    if command is None:
        return
    ours = {
        "text file": explore(increment_without_lock, CounterFile(), 1, 0),
        "SQLite": explore(select_then_update, Table(), 1, 0),
    }
    with tempfile.TemporaryDirectory() as folder:
        words = [str(Path(command).with_name("python")), str(_BETWEEN_PROCESSES), folder]
        beside = os.environ | {"PYTHONPATH": str(_BETWEEN_PROCESSES.parent)}
        done = subprocess.run(words, check=False, capture_output=True, text=True, env=beside)
    if done.returncode:
        print(f"frontrun's processes failed:\n{done.stderr}")
        return
    for race, theirs in json.loads(done.stdout.splitlines()[-1]).items():
        here = ours[race]
        report.note(f"{race}, here: {here.failures} of {here.schedules}", here.elapsed * 1000, "ms")
        found = f"{theirs['failing']} of {theirs['explored']}"
        report.note(f"{race}, frontrun between processes: {found}", theirs["seconds"] * 1000, "ms")


def _note(report, what, found):
    ended = "" if found["seconds"] < _LIMIT else ", not the end"
    tried = f"{found['explored']:,} tried, failing: {found['failing']:,}{ended}"
    report.note(f"{what}: {tried}", found["seconds"] * 1000, "ms")


def _explored_by(command, name, count):
    """What under_frontrun.py told; None where it failed, which is printed."""
    words = [command, "python", str(_SCRIPT), name, str(count), str(_LIMIT)]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    if done.returncode == 0:
        return json.loads(done.stdout.splitlines()[-1])
    print(f"{name} of {count}: frontrun failed, exit code {done.returncode}:\n{done.stderr}")
    return None
