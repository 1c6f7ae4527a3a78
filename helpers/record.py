"""The record of a learner's work: one line of JSON for each prediction, answer, check and solved challenge.

It stands beside the notebooks, holds no name and is never sent anywhere. Lines are only ever added, under a lock on a
file, so that two kernels that write at once lose nothing; a line that cannot be read is passed over and stays where it is.
"""

import json
import os
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from helpers.refused import has_processes
from helpers.resources.locks import LockedFile

VERSION = 1  # of the lines that are written; those of a later one are left alone
_NAMES = "kind", "lesson", "name", "at"  # what each entry has, as texts
LIMIT = 5  # seconds to wait for another kernel that writes


class Entries(NamedTuple):
    """What the record holds: entries in the order of writing, and how many lines were skipped.

    `refused` is why the system does not let it be read, "" where it does.
    """

    found: list[dict[str, Any]]
    skipped: int = 0
    refused: str = ""

    def __str__(self) -> str:
        if self.refused:
            return f"Your record, {path()}, cannot be read: {self.refused}."
        say = "Lines of your record that were skipped, because they are damaged or from a newer version"
        return f"{say}: {self.skipped}." if self.skipped else ""


def path() -> Path:
    """The file: my_record.jsonl in the working folder, or what the environment variable COURSE_RECORD says."""
    return Path(os.environ.get("COURSE_RECORD") or "my_record.jsonl")


def note(kind: str, lesson: str, name: str, **what: Any) -> str:
    """Add an entry to the record; a sentence where that was not possible, else "".

    `kind` is "prediction", "answer", "check" or "challenge", `name` tells those of one lesson apart, and
    `what` are plain values. Nothing that was there is lost: not where the disk is full, nor where the file is damaged.
    """
    at = datetime.now(UTC).isoformat(timespec="seconds")
    entry = {"v": VERSION, "at": at, "kind": kind, "lesson": lesson, "name": name, **what}
    try:
        with _locked():
            # Half a surrogate pair, which UTF-8 has no place for, becomes an escape, as JSON has it.
            _append(json.dumps(entry, ensure_ascii=False).encode(errors="backslashreplace"))
    except OSError as error:
        why = error.strerror or error
        return f"Not noted in your record, {path()}: {why}. The lesson goes on without it."
    return ""


def entries() -> Entries:
    """What the record holds by now; nothing where it is not there, or cannot be read."""
    try:
        lines = path().read_bytes().splitlines()
    except FileNotFoundError:
        return Entries([])
    except OSError as error:
        return Entries([], refused=str(error.strerror or error))
    read = [_entry(line) for line in lines if line.strip()]
    return Entries([entry for entry in read if entry], read.count(None))


def _entry(line):
    """The entry of a line, None where there is none, or one of a newer version."""
    try:
        entry = json.loads(line)
        return entry if entry["v"] <= VERSION and _is_whole(entry) else None
    except (ValueError, TypeError, KeyError, RecursionError):  # the last: brackets in brackets
        return None


def _is_whole(entry):
    names = [*_NAMES, "said", "fact"] if entry["kind"] == "prediction" else _NAMES
    return entry["v"] >= 1 and all(isinstance(entry[name], str) for name in names)


@contextmanager
def _locked():
    """The record for this process alone. Raises OSError where another one keeps it."""
    if not has_processes():  # in a browser there is no other one, and its kernel's fcntl is empty
        yield
        return
    real = Path(os.path.realpath(path()))  # links to one record have one lock
    lock = LockedFile(real.with_name(f".{real.name}.lock"))
    if not lock.acquire(timeout=LIMIT):
        raise TimeoutError(None, "another kernel has been writing to it for a long time")
    try:
        yield
    finally:
        lock.release()


def _append(line):
    """Add a line, whole or not at all; what another program broke off before it is closed by a line end first."""
    with open(path(), "ab+", buffering=0) as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - 1, 0))
        data = (b"" if file.read(1) in (b"", b"\n") else b"\n") + line + b"\n"
        try:
            if file.write(data) < len(data):
                raise OSError(None, "the disk is full")
        except OSError:
            file.truncate(size)
            raise
