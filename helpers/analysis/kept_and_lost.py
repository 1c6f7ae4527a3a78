"""What became of what processes wrote: updates of a counter and records of a text, kept or lost."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any, NamedTuple

from helpers.events import START_ID, WRITING, Event, split_stamp, stamps

_REFUSAL = "OperationalError"  # sqlite3's, as it stands on a tape


class Update(NamedTuple):
    """One read-modify-write of a counter by one process.

    `key` is the id that its write left in the file, `origin` the text it had read. `base` and
    `value` are the numbers read and written; `start` is when its read began, `end` when its write
    was over (None where the process died in it).
    """

    key: str
    process: str
    base: int
    value: int
    origin: str
    start: int
    end: int | None


@dataclass(frozen=True)
class Account:
    """What became of every update of one counter.

    An update is *kept* when the final text descends from it: walk back from the end along "read
    what that write wrote". All others are *lost*. `kept` runs from first to last. `rivals` gives
    for each lost update the kept one that started from the same kept value, or None where a reset
    or a torn number cut its branch off. `base` is what the kept updates were added to: the start
    value, 0 after a reset, or the torn number, so that observed = base + kept in every run of +1.
    """

    name: str
    start: int
    base: int
    observed: int
    updates: tuple[Update, ...]
    kept: tuple[Update, ...]
    lost: tuple[Update, ...]
    rivals: dict[str, Update | None]
    resets: int
    torn: int
    unrecorded: int = 0
    refused: int = 0

    @property
    def total(self) -> int:
        """How many updates there were, those that found no room on the tape included."""
        return len(self.updates) + self.unrecorded

    @property
    def size(self) -> int:
        """What each update adds; 0 where recorded ones differ, so that of the others it is not known."""
        sizes = {update.value - update.base for update in self.updates} or {1}
        return sizes.pop() if len(sizes) == 1 else 0

    @property
    def expected(self) -> int:
        """The number that the file would hold if every update had been kept."""
        changes = sum(update.value - update.base for update in self.updates)
        return self.start + changes + self.unrecorded * self.size

    @property
    def lost_count(self) -> int:
        """How many updates are missing; where the tape was too short, as far as the numbers alone can tell."""
        if not self.unrecorded:
            return len(self.lost)
        return max((self.expected - self.observed) // self.size, 0) if self.size else 0

    @property
    def none_lost(self) -> str:
        """That no update is missing, in words."""
        is_known = self.size or not self.unrecorded
        return "no update lost" if is_known else "nobody can tell whether an update was lost"

    @property
    def kept_count(self) -> int:
        """How many updates are not missing; kept + lost = all, also where the tape was too short."""
        return self.total - self.lost_count

    @property
    def writers(self) -> int:
        """How many processes made a recorded update."""
        return len({update.process for update in self.updates})


def trace_updates(
    events: Iterable[Event], name: str, start: int, final: str, unrecorded: int = 0
) -> Account:
    """The Account of the counter `name` that began at `start` and holds the text `final` at the end.

    `unrecorded` says how many writes did not fit on the tapes.
    """
    steps = _by_process(events, name)
    logs = [_logged(mine) for mine in steps]
    texts = [*(text for _, texts in logs for text in texts), final]
    written = {update.key: update for updates, _ in logs for update in updates}
    found = {update.key for text in texts if (update := _writer(text, written))}
    # A process that died in a write: the write happened if somebody has seen it.
    updates = [update for update in written.values() if update.end or update.key in found]
    updates.sort(key=lambda update: (update.end is None, update.end or 0))
    kept, base = _kept(final, written)
    following = {update.key: then for update, then in pairwise([*kept, None])}
    lost = [update for update in updates if update.key not in following]
    whole = ("", f"{START_ID} {start}")
    torn = [text for text in texts if text not in whole and not _writer(text, written)]
    return Account(
        name=name,
        start=start,
        base=base,
        observed=_number(final),
        updates=tuple(updates),
        kept=tuple(kept),
        lost=tuple(lost),
        rivals={update.key: _rival(update, kept, following, written) for update in lost},
        resets=texts.count(""),
        torn=0 if unrecorded else len(torn),
        unrecorded=unrecorded,
        refused=sum((e.outcome, e.seen) == ("raised", _REFUSAL) for mine in steps for e in mine),
    )


def _by_process(events, name):
    """The events on `name` of each process, in their order."""
    mine = [event for event in events if event.shared == name]
    mine.sort(key=lambda event: (event.process, event.index))
    return [[*its] for _, its in groupby(mine, key=lambda event: event.process)]


def _logged(events):
    """The updates of one process, and the texts that it read and had not written in the same transaction.

    The updates of a transaction count when it is committed.
    """
    updates, texts = [], []
    last_seen = None  # the text that it saw last, and since when
    pending = None  # the updates of the transaction that it is in
    for event in events:
        # A step in which its process died can have left its number; of an UPDATE that also reads, nothing tells.
        may_be_done = event.outcome == "open" and event.op in ("write", "fill")
        if event.outcome == "done" and event.op == "begin":
            pending = []
        elif event.op == "commit" and event.outcome in ("done", "open"):
            updates += [update._replace(end=event.end) for update in pending or ()]
            pending = None
        elif event.op == "rollback" and event.outcome in ("done", "open"):
            pending = last_seen = None
        elif event.op == "read" and event.outcome == "done":
            last_seen = event.seen, event.start
            texts += [] if pending else [event.seen]
        elif event.op in WRITING and (event.outcome == "done" or may_be_done):
            (updates if pending is None else pending).append(_update(event, last_seen))
            last_seen = event.seen.partition("<")[0], event.start
    return updates, texts


def _update(event, last_seen):
    written, _, origin = event.seen.partition("<")
    key, value = split_stamp(written) if written else (f"{event.process}.open", int(event.arg))
    text, began = (origin, event.start) if origin else last_seen or (None, event.start)
    base = value - 1 if text is None else _number(text)
    text = f"{START_ID} {base}" if text is None else text
    return Update(key, event.process, base, value, text, began, event.end)


def _writer(text, written):
    """The update that left `text` in the file, or None."""
    key, number = split_stamp(text)
    update = written.get(key) or written.get(f"{key[:1]}.open")
    return update if update and update.value == number else None


def _kept(final, written):
    """The kept updates from first to last, and the number they were added to."""
    kept, text = [], final
    while update := _writer(text, written):
        kept.append(update)
        text = update.origin
    return kept[::-1], _number(text)


def _rival(update, kept, following, written):
    """The kept update that started from the kept value from which the lost one descends."""
    text = update.origin
    while (parent := _writer(text, written)) and parent.key not in following:
        text = parent.origin
    if parent:
        return following[parent.key]
    is_same_start = kept and kept[0].origin == text and text.startswith(START_ID)
    return kept[0] if is_same_start else None


def _number(text):
    return split_stamp(text)[1] or 0


@dataclass(frozen=True)
class Records:
    """What became of every record that processes wrote into one text. `text` is the whole text, with the ids.

    A record is what a process wrote up to a newline. It is *kept* if it stands in the text as a line of its
    own, *lost* if nothing is left of it, else *torn*; kept + torn + lost = all. `unrecorded` says how many
    writes did not fit on the tapes: their records are not in here.
    """

    name: str
    text: str
    kept: tuple[tuple[str, ...], ...]
    torn: tuple[tuple[str, ...], ...]
    lost: tuple[tuple[str, ...], ...]
    unrecorded: int = 0

    @property
    def wanted(self) -> int:
        """How many records were written to their end."""
        return len(self.kept) + len(self.torn) + len(self.lost)

    @property
    def observed(self) -> str:
        """What the model says of such a text."""
        return f"{len(self.kept)} kept, {len(self.torn)} torn, {len(self.lost)} lost"

    @property
    def writers(self) -> int:
        """How many processes wrote a record to its end."""
        return len({record[0][0] for record in (*self.kept, *self.torn, *self.lost)})

    @property
    def lines(self) -> list[tuple[list, bool]]:
        """The lines of the text, damaged or not: for each its pieces, pairs of process and text, and whether it is whole."""
        whole = {"".join(record) for record in self.kept}
        lines = self.text.splitlines(keepends=True)
        return [(stamps.pieces(line), line in whole) for line in lines]


def trace_records(
    events: Iterable[Event], name: str, start: Any, final: str, unrecorded: int = 0
) -> Records:
    """The Records of the text `name` that holds `final` at the end; `start` is what it began with."""
    records = []
    for mine in _by_process(events, name):
        writes = [e.seen for e in mine if e.op in WRITING and e.outcome == "done"]
        records += stamps.records(writes)
    kept, torn, lost = stamps.sort_records(final, records)
    return Records(name, final, kept, torn, lost, unrecorded)
