"""The ids in front of all that processes write, and text that is made of such writes: which records came through whole."""

import re

START_ID = "-.0000"
_ID = r"[A-Z-]\.\d{4} "  # `re` compiles it when it is first used: most children never do


def stamp(process: str, count: int, content: object) -> str:
    """`content` with the unique id of a process's `count`th write in front, of fixed width to 9999.

    It stands in front so that it tears as the content does: `B.0009 9` written over `A.0010 10`
    leaves `B.0009 90`, an id that is known with a number that was not written.
    """
    return f"{process}.{count:04} {content}"


STAMP_WIDTH = len(stamp("A", 0, ""))


def split_stamp(text: str) -> tuple[str, int | None]:
    """The id in front of `text` and the number behind it; None in place of what is no number."""
    key, _, digits = text.partition(" ")
    return key, int(digits) if digits.removeprefix("-").isdecimal() else None


def records(writes: list[str] | tuple[str, ...]) -> list[tuple[str, ...]]:
    """The records that a process's stamped `writes` make up, each the tuple of its writes; the last may be open."""
    found: list[list[str]] = [[]]
    for write in writes:
        found[-1].append(write)
        if write.endswith("\n"):
            found.append([])
    return [tuple(parts) for parts in found if parts]


def sort_records(text: str, records: list[tuple[str, ...]]) -> tuple:
    """The kept, the torn and the lost ones of `records`: three tuples. Kept are those that are a line of `text`.

    Lost are those of which no id is left; all others are torn. A record without its end does not count.
    """
    lines, ids = set(text.splitlines(keepends=True)), set(re.findall(_ID, text))

    def fate(record):
        is_there = any(write[:STAMP_WIDTH] in ids for write in record)
        return "kept" if "".join(record) in lines else "torn" if is_there else "lost"

    fates = [(fate(record), record) for record in records if record[-1].endswith("\n")]
    return tuple(tuple(r for kind, r in fates if kind == of) for of in ("kept", "torn", "lost"))


def pieces(line: str) -> list[tuple[str, str]]:
    """The writes that a line is made of: pairs of a process and what it wrote there; "" where no id tells who."""
    start, *rest = re.split(f"({_ID})", line)
    found = [("", start)] if start else []
    return found + [(key[0], text) for key, text in zip(rest[::2], rest[1::2], strict=True)]


def renamed(text: str, names: dict[str, str]) -> str:
    """`text` with other letters in its ids: a dict from old to new."""
    return re.sub(_ID, lambda found: names[found[0][0]] + found[0][1:], text)


def laid(text: str, written: str, place: int | None) -> str:
    """`text` after `written` was put at `place`, in characters; None: at the end."""
    if place is None:
        return text + written
    return text[:place].ljust(place, "\0") + written + text[place + len(written) :]
