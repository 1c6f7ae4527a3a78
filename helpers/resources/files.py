"""What resources in files have in common: names, numbers, and patience with Windows."""

import os
import re
import time

_WINDOWS = os.name == "nt"
_NAME = re.compile("[A-Za-z0-9_ -]{1,40}")  # it becomes a file name, and has to fit on the tape


def checked_name(name):
    """`name` if a file and a tape can bear it. Raises ValueError."""
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise ValueError(f"name={name!r}: choose 1 to 40 letters, digits, spaces, - or _")
    return name


def checked_whole(name, value):
    """`value` if it is a whole number. Raises TypeError."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name}={value!r}: give a whole number")
    return value


def read_text(path):
    with open(path, "rb", buffering=0) as file:
        return file.read().decode(errors="replace")


def patiently(action, limit=1.0):
    """Do `action`; on Windows try again for up to `limit` seconds while somebody has the file open."""
    end = time.perf_counter() + limit
    while True:
        try:
            return action()
        except PermissionError:
            if not _WINDOWS or time.perf_counter() > end:
                raise
            time.sleep(0.001)
