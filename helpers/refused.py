"""What the operating system refuses, in words: which limit was reached, and what to do."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_FEWER = "run fewer processes at once, or shut down other kernels"
_FILES = f"no more files and pipes can be open (see `ulimit -n`): {_FEWER}, or raise the limit before you start JupyterLab"
# For the number of an error, wherever it comes from.
_LIMITS = {
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.EAGAIN: f"no more processes or threads can be started (see `ulimit -u`, or your container's limit): {_FEWER}",
    errno.ENOMEM: f"there is no memory for another process: {_FEWER}",
}
# For what was asked for, where the number alone does not tell.
_PLACES = {
    "folder": "no temporary folder can be used ({why}): set the environment variable "
    "TMPDIR to a folder with room that you can write to, and restart the kernel",
    "lock": "no lock can be made ({why}): the system keeps locks in /dev/shm, which is full, "
    "read-only or missing. Shut down other kernels; in a container, give /dev/shm more room",
}
_LONG_PATH = (
    "the path of the temporary folder is too long for a socket: set the environment variable TMPDIR to "
    'a shorter one, such as /tmp, and restart the kernel, or use start_method="spawn"'
)
NO_PROCESSES = (
    "this Python runs inside a browser, where there are no processes: `explore`, the scheduler panel, its challenges and "
    "the questions work here; for real runs and checks open the course in JupyterLab on a computer or on Binder"
)
_GONE = "the folder in which this notebook runs was moved or deleted: open the notebook where it is now, and restart the kernel"


class Refused(OSError):
    """The operating system refused something: its text says which limit was reached and what to do."""


class NoProcesses(Refused):
    """There are no processes here: its text says what works without them."""


def has_processes() -> bool:
    """Whether this Python can start processes that share a lock: not so in a browser."""
    with suppress(ImportError):
        import multiprocessing.synchronize

        return bool(multiprocessing.synchronize)
    return False


def need_processes() -> None:
    """Raises NoProcesses where there are none."""
    if not has_processes():
        raise NoProcesses(NO_PROCESSES)


@contextmanager
def explained(place: str = "") -> Iterator[None]:
    """Raise what the system refuses anew as Refused; errors that are none of its refusals stay.

    `place` is "folder" where temporary files are made, "lock" where locks are.
    """
    try:
        yield
    except (OSError, RuntimeError) as error:
        say = "" if isinstance(error, Refused) else way_out(error, place)
        if not say:
            raise
        number = getattr(error, "errno", None)
        raise (Refused(number, say) if number else Refused(say)) from error


def way_out(error: OSError | RuntimeError | str, place: str = "") -> str:
    """What an error, or the text of one, says about the machine, and what to do; "" for any other."""
    text = str(error)
    found = re.search(r"\[Errno (\d+)\]", text)
    number = int(found[1]) if found else None
    if "AF_UNIX path too long" in text:
        return _LONG_PATH
    if "can't start new thread" in text:
        number = errno.EAGAIN
    if number in _LIMITS:
        return _LIMITS[number]
    if number == errno.ENOENT and not _has_folder():
        return _GONE
    if place and isinstance(error, OSError):
        return _PLACES[place].format(why=error.strerror or error)
    return ""


def _has_folder():
    with suppress(FileNotFoundError):
        return bool(os.getcwd())
    return False
