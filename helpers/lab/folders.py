"""Private temporary folders, and the end of those that a killed kernel left behind."""

import os
import re
import sys
import tempfile
from contextlib import suppress
from functools import cache

from helpers import child
from helpers.refused import explained

PREFIX = "lock-course"


def make_folder() -> str:
    """A new private folder, named by this process and its start time.

    Raises Refused, an OSError that says what to do, where no temporary folder can be used.
    """
    with explained("folder"):
        sweep_once()
        return tempfile.mkdtemp(prefix=f"{PREFIX}-{os.getpid()}-{started(os.getpid())}-")


def sweep_folders() -> int:
    """Remove the folders whose process is gone; gives back how many."""
    with os.scandir(tempfile.gettempdir()) as entries:
        orphans = [entry.path for entry in entries if _is_orphan(entry.name)]
    for path in orphans:
        child.remove(path)
    return len(orphans)


sweep_once = cache(sweep_folders)


def _is_orphan(name):
    made = re.match(rf"{PREFIX}-(\d+)-(\w+)-", name)
    return made is not None and started(int(made[1])) != made[2]


def started(pid: int) -> str:
    """When process `pid` was started, as a number of its own system; "gone" where there is none.

    With the process id it names a process for good: ids are used again, start times are not.
    """
    if sys.platform == "linux":  # psutil's would move there whenever somebody sets the clock
        with suppress(OSError), open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[19].decode()  # field 22: proc(5)
        return "gone"
    import psutil  # ipykernel brings it along

    with suppress(psutil.Error):
        return f"{psutil.Process(pid).create_time() * 1e6:.0f}"
    return "gone"
