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

from helpers.resources.system_locks import LockedFile

VERSION = 1  # of the lines that are written; those of a later one are left alone
LIMIT = 5  # seconds to wait for another kernel that writes


class Entries(NamedTuple):
    """What the record holds: entries in the order of writing, and how many lines are damaged, or of a newer version."""

    found: list[dict[str, Any]]
    damaged: int = 0
    newer: int = 0

    def __str__(self) -> str:
        say = [f"{self.damaged} damaged"] if self.damaged else []
        say += [f"{self.newer} from a newer version of the course"] if self.newer else []
        return f"Lines of your record that were skipped: {', '.join(say)}." if say else ""


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
            _append(json.dumps(entry, ensure_ascii=False).encode())
    except OSError as error:
        why = error.strerror or error
        return f"Not noted in your record, {path()}: {why}. The lesson goes on without it."
    return ""


def entries() -> Entries:
    """What the record holds by now."""
    try:
        lines = path().read_bytes().splitlines()
    except FileNotFoundError:
        return Entries([])
    read = [_entry(line) for line in lines if line.strip()]
    known = [entry for entry in read if entry and entry["v"] <= VERSION]
    damaged = read.count(None)
    return Entries(known, damaged, len(read) - damaged - len(known))


def _entry(line):
    """The entry of a line, None where there is none."""
    try:
        entry = json.loads(line)
        texts = entry["kind"], entry["lesson"], entry["name"], entry["at"]
        return entry if entry["v"] >= 1 and all(isinstance(text, str) for text in texts) else None
    except (ValueError, TypeError, KeyError):
        return None


@contextmanager
def _locked():
    """The record for this process alone. Raises OSError where another one keeps it."""
    lock = LockedFile(path().with_name(f".{path().name}.lock"))
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
