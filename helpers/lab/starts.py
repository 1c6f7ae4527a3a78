"""Why a process could not start, in the words of the lessons."""

import re

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
    told = f"{error}: {message}" if message else error
    return f"could not start: {why} ({told})" if why else f"could not start: {told}"
