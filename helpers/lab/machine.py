"""The machine a run happens on: cores, quota, start methods, and a fork server that is warm."""

import multiprocessing
import os
import platform
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from helpers.child import SAFE_PATH
from helpers.refused import explained, has_processes, need_processes

ROOT = Path(__file__).resolve().parents[2]
_warmth: dict = {"late": None, "refused": ""}
_environment = threading.RLock()


class Machine(NamedTuple):
    """Where a run happened: usable cores, quota in cores (None: no limit known), and what ran it."""

    cores: int
    quota: float | None
    start_method: str
    system: str
    python: str

    @classmethod
    def here(cls, start_method: str) -> "Machine":
        system, python = platform.system(), platform.python_version()
        return cls(usable_cores(), cpu_quota(), start_method, system, python)


def usable_cores() -> int:
    """How many cores this process may use; a quota can allow less, see cpu_quota."""
    if hasattr(os, "process_cpu_count"):  # Python 3.13
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_quota(root: str | Path = "/sys/fs/cgroup") -> float | None:
    """The limit of a Linux control group, in cores (0.5 is half a core), or None.

    Source: cpu.max of version 2, cpu.cfs_quota_us of version 1.
    """
    for names in (["cpu.max"], ["cpu/cpu.cfs_quota_us", "cpu/cpu.cfs_period_us"]):
        with suppress(OSError, ValueError):  # no such file; "max": no limit
            quota, period = " ".join(Path(root, name).read_text() for name in names).split()
            return int(quota) / int(period) if int(quota) > 0 else None
    return None


def start_methods() -> list[str]:
    """The start methods of this system, its own default first; none where there are no processes."""
    return multiprocessing.get_all_start_methods() if has_processes() else []


def default_start_method() -> str:
    """COURSE_START_METHOD, else forkserver where it can be started, else spawn. Fork is never a default."""
    if chosen := os.environ.get("COURSE_START_METHOD"):
        return checked_start_method(chosen, "COURSE_START_METHOD")
    return "forkserver" if "forkserver" in start_methods() and not not_warmed() else "spawn"


def checked_start_method(method: str | None, name: str = "start_method") -> str:
    """`method` itself, or the default for None. Raises ValueError where this system has no such."""
    if method is None:
        return default_start_method()
    need_processes()
    if method not in start_methods():
        choices = " or ".join(start_methods())
        raise ValueError(f"{name}={method!r}: on {platform.system()} choose {choices}")
    return method


def warm() -> None:
    """Start the fork server with the lab's modules loaded, so that children start fast.

    Call it before any other process starts: the fork server loads modules only once. Does nothing
    where there is no fork server. A second call does nothing. Raises nothing: where the system
    refuses a fork server, spawn is the default from now on, and `not_warmed` says why.
    """
    if _warmth["late"] is not None or "forkserver" not in start_methods():
        return
    from multiprocessing import forkserver

    _warmth["late"] = forkserver._forkserver._forkserver_pid is not None  # type: ignore[attr-defined]
    multiprocessing.get_context("forkserver").set_forkserver_preload(preloaded())
    try:
        with root_in_path(), explained("folder"):
            forkserver.ensure_running()
    except (OSError, RuntimeError) as error:
        _warmth["refused"] = getattr(error, "strerror", None) or str(error)


def preloaded() -> list[str]:
    """The modules that a fork server loads for its children."""
    workers = sorted(path.stem for path in (ROOT / "helpers" / "workers").glob("[!_]*.py"))
    return ["helpers.child", "helpers.resources", *(f"helpers.workers.{name}" for name in workers)]


def not_warmed() -> str:
    """Why `warm` could not start the fork server; "" where it could, or was not called."""
    return _warmth["refused"]


def warmed_too_late() -> bool:
    """True where another fork server process had started before `warm` was called."""
    return bool(_warmth["late"])


@contextmanager
def root_in_path() -> Iterator[None]:
    """Python processes that start meanwhile find the course's modules before any others of those names.

    A spawned child gets sys.path as it is here. The fork server does not, and a failing preload is
    silent; it would also look in its own folder first, where a learner's signal.py may be.
    """
    changed = {
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")])),
        "PYTHONSAFEPATH": os.environ.get("PYTHONSAFEPATH") or SAFE_PATH,
    }
    with _environment:
        before = {name: os.environ[name] for name in changed if name in os.environ}
        os.environ.update(changed)
        sys.path.insert(0, str(ROOT))
        try:
            yield
        finally:
            sys.path.remove(str(ROOT))
            for name in changed:
                del os.environ[name]
            os.environ.update(before)


def starting(method: str) -> AbstractContextManager:
    """Round the start of processes: the course comes first on their path.

    No DeprecationWarning for fork, which `fork_note` replaces.
    """
    if method != "fork":
        return root_in_path()
    return warnings.catch_warnings(action="ignore", category=DeprecationWarning)


def fork_note(method: str) -> tuple[str, ...]:
    """The sentence of warning for fork, as a tuple of notes; empty for the other methods."""
    threads = threading.active_count()
    if method != "fork" or threads == 1:
        return ()
    say = f"fork copied a program with {threads} threads"
    return (f"{say}: a lock that one of them held stays held for ever",)
