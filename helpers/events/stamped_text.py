"""Text that is made of writes with ids: which records came through whole."""

import re
from typing import NamedTuple

from helpers.events.things import stamp

STAMP_WIDTH = len(stamp("A", 0, ""))
_ID = re.compile(r"[A-Z-]\.\d{4} ")


class Sorted(NamedTuple):
    """Records by what became of them: each is the tuple of its stamped writes."""

    kept: tuple
    torn: tuple
    lost: tuple


def records(writes):
    """The records that a process's stamped `writes` make up, each the tuple of its writes; the last may be open."""
    found, parts = [], []
    for write in writes:
        parts.append(write)
        if write.endswith("\n"):
            found.append(tuple(parts))
            parts = []
    return [*found, tuple(parts)] if parts else found


def sort_records(text, records):
    """What became of `records` in `text`: a Sorted. Kept are those that stand there as a line of their own.

    Lost are those of which no id is left; all others are torn. A record without its end does not count.
    """
    lines, ids = set(text.splitlines(keepends=True)), set(_ID.findall(text))
    kept, torn, lost = [], [], []
    for record in records:
        if not record[-1].endswith("\n"):
            continue
        is_there = any(write[:STAMP_WIDTH] in ids for write in record)
        kind = kept if "".join(record) in lines else torn if is_there else lost
        kind.append(record)
    return Sorted(tuple(kept), tuple(torn), tuple(lost))


def pieces(line):
    """The writes that a line is made of: pairs of a process and what it wrote there; "" where no id tells who."""
    found, at = [], 0
    for match in [*_ID.finditer(line), None]:
        end = match.start() if match else len(line)
        if end > at:
            found.append(_piece(line[at:end]))
        at = end
    return found


def _piece(text):
    return (text[0], text[STAMP_WIDTH:]) if _ID.match(text) else ("", text)


def renamed(text, names):
    """`text` with other letters in its ids: a dict from old to new."""
    return _ID.sub(lambda found: names[found[0][0]] + found[0][1:], text)


def laid(text, written, place):
    """`text` after `written` was put at `place`, in characters; None: at the end."""
    if place is None:
        return text + written
    return text[:place].ljust(place, "\0") + written + text[place + len(written) :]
