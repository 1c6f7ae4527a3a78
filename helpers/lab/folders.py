"""Private temporary folders, and the end of those that a killed kernel left behind."""

import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import cache
from typing import Any

from helpers import child
from helpers.refused import explained, need_processes

PREFIX = "lock-course"


def make_folder() -> str:
    """A new private folder, named by this process and its start time.

    Raises Refused, an OSError that says what to do, where no temporary folder can be used.
    """
    with explained("folder"):
        sweep_once()
        return tempfile.mkdtemp(prefix=f"{PREFIX}-{os.getpid()}-{_started(os.getpid())}-")


def sweep_folders() -> int:
    """Remove the folders whose process is gone; gives back how many."""
    with os.scandir(tempfile.gettempdir()) as entries:
        orphans = [entry.path for entry in entries if _is_orphan(entry.name)]
    for path in orphans:
        child.remove(path)
    return len(orphans)


sweep_once = cache(sweep_folders)


def _is_orphan(name):
    parts = name.split("-")
    if not name.startswith(f"{PREFIX}-") or len(parts) < 5 or not parts[2].isdecimal():
        return False
    return _started(int(parts[2])) != parts[3]


def finished(
    command: list[str], timeout: float | None = None, **more: Any
) -> subprocess.CompletedProcess[str]:
    """A program that was run to its end, with what it wrote as text, whatever it wrote. `more` are those of subprocess.Popen.

    However it ends, by an interrupt too, what it has started ends with it; not so on Windows, which knows no groups.
    Raises subprocess.TimeoutExpired where it does not end in `timeout` seconds.
    """
    need_processes()
    how: dict[str, Any] = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
    how |= {"encoding": "utf-8", "errors": "replace", "start_new_session": True} | more
    with subprocess.Popen(command, **how) as program:
        try:
            written = program.communicate(timeout=timeout)
        finally:
            program.kill()
            with suppress(OSError, AttributeError):  # nobody else is in its group
                os.killpg(program.pid, signal.SIGKILL)
    return subprocess.CompletedProcess(command, program.returncode, *written)


def started_ps(pid: int) -> str:
    """As `ps` writes it: in one time zone and one language, whatever this process has."""
    zone = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    reported = finished(["ps", "-o", "lstart=", "-p", str(pid)], env=zone).stdout
    return "".join(filter(str.isalnum, reported)) or "gone"


def _started_linux(pid):
    with suppress(OSError), open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        return file.read().rpartition(")")[2].split()[19]  # field 22, starttime: proc(5)
    return "gone"


def _started_windows(pid):
    import ctypes
    from ctypes import wintypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = wintypes.HANDLE
    query_limited_information = 0x1000
    handle = kernel.OpenProcess(query_limited_information, False, pid)
    if not handle:
        return "gone"
    times = [wintypes.FILETIME() for _ in range(4)]
    reported = kernel.GetProcessTimes(wintypes.HANDLE(handle), *map(ctypes.byref, times))
    kernel.CloseHandle(wintypes.HANDLE(handle))
    return str(times[0].dwHighDateTime << 32 | times[0].dwLowDateTime) if reported else "gone"


_STARTED = {"linux": _started_linux, "win32": _started_windows}


def _started(pid):
    """When process `pid` was started, as a word without "-"; "gone" where there is none.

    With the process id it names a process for good: ids are used again, start times are not.
    """
    return _STARTED.get(sys.platform, started_ps)(pid)
