"""What runs may leave behind: child processes, the lab's folders, semaphores."""

import multiprocessing
import os
import shutil
import sys
import tempfile
from multiprocessing import forkserver, resource_tracker, util
from pathlib import Path

from helpers.lab import folders

# Semaphores of this run, told apart from those of other programs by their name.
SEMAPHORES = f"/mp-test{os.getpid()}"


def use_private_names():
    """From now on, folders go to a temporary folder of this run's own, and semaphores have its name.

    So what is found there is ours, and nobody else sweeps it.
    """
    private = tempfile.mkdtemp(prefix="tests-")
    for name in ("TMPDIR", "TEMP", "TMP"):
        os.environ[name] = private
    tempfile.tempdir = None
    # It goes after multiprocessing's own temporary folder (priority -100), which is in it.
    util.Finalize(None, shutil.rmtree, (private, True), exitpriority=-101)
    multiprocessing.current_process()._config["semprefix"] = SEMAPHORES


def left_behind():
    """Child processes, folders of the lab and semaphores that there are now."""
    found = {f"child {child.pid}" for child in multiprocessing.active_children()} | lab_folders()
    if sys.platform == "linux":
        found |= {f"child {pid}" for pid in descendants(os.getpid())}
        semaphores = Path("/dev/shm").glob(f"sem.{SEMAPHORES[1:]}*")
        found |= {f"semaphore {path.name}" for path in semaphores}
    return found


def lab_folders():
    """The lab's temporary folders that there are now."""
    paths = Path(tempfile.gettempdir()).glob(f"{folders.PREFIX}*")
    return {f"folder {path.name}" for path in paths}


def is_running(pid):
    """Whether that process runs (Linux); one that has ended, and that nobody has waited for, does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def descendants(pid):
    """All processes below `pid` but the fork server and the resource tracker (Linux)."""
    helpers = {forkserver._forkserver._forkserver_pid, resource_tracker._resource_tracker._pid}
    found = set()
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            children = {int(child) for child in (task / "children").read_text().split()}
        except OSError:  # this thread has just ended
            continue
        found |= children - helpers
        for child in children:
            found |= descendants(child)
    return found
