"""Why a process could not start, in the words of the lessons."""

import os
import re
import sys
from contextlib import suppress
from multiprocessing import process
from pathlib import Path

from helpers import refused

_ROOT = Path(__file__).resolve().parents[2]

# A pattern for the error's text, and what it means. The first that fits counts.
_REASONS = (
    (
        r"'_thread\.",
        "a lock of threads cannot be sent to another process; pass a multiprocessing.Lock",
    ),
    (
        "SemLock created in a",
        "the lock was made in another context; make the lock and the processes in one",
    ),
    (
        "through inheritance",
        "a lock cannot be sent in a message; it goes to a process with its start, as an argument",
    ),
    ("No module named", "the child did not find a module"),
    ("module '(?!__).* has no attribute", "the worker's module has no function of that name"),
    (  # from 3.14 on, what a child does not find in __main__ is told in the second way
        "pickle|get (attribute|local object)|module '__.*' has no attribute",
        "an argument cannot be sent to another process",
    ),
    (r"No such file or directory: .*\.py'$", "the worker's file is gone"),
    (
        "No such file or directory$",
        "the lock was gone before the child opened it; keep a name for it in the parent",
    ),
)


def failed_start(error, message):
    """The end of a sentence such as "A could not start: why (error: message)"."""
    why = next((meaning for words, meaning in _REASONS if re.search(words, message)), None)
    why = refused.way_out(message) or why
    told = f"{error}: {message}" if message else error
    return f"could not start: {why} ({told})" if why else f"could not start: {told}"


def in_the_way(error=""):
    """What, beside the worker, explains that a child died before its work, by an `error` of that name or none.

    "" where nothing was found: a folder that was moved, or a file that has the name of a module.
    """
    for folder, what in ((_ROOT, "the course's folder"), (process.ORIGINAL_DIR, "the folder")):
        if not os.path.isdir(folder):
            return f"{what} {folder} was moved or deleted: open the course where it is now, and restart the kernel"
    if error in ("", "ImportError", "ModuleNotFoundError", "AttributeError") and (
        found := list(_shadows())
    ):
        files = " and ".join(found)
        return f"perhaps because {files} stands in the way of a module of that name: rename it, and restart the kernel"
    return ""


def _shadows():
    """Paths of files that Python would import in place of modules of its own or of the course."""
    names = sys.stdlib_module_names | {"helpers"}
    library = os.path.dirname(os.__file__)
    before = sys.path[: sys.path.index(library)] if library in sys.path else sys.path[:1]
    folders = dict.fromkeys(os.path.abspath(path or process.ORIGINAL_DIR) for path in before)
    for folder in folders:
        with suppress(OSError):
            yield from (
                os.path.join(folder, entry)
                for entry in sorted(os.listdir(folder))
                if entry.endswith(".py") and entry[:-3] in names
            )
