"""Which updates of a counter were kept, and which were lost."""

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from helpers.events import START_ID, WRITING, split_stamp

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
    def total(self):
        """How many updates there were, those that found no room on the tape included."""
        return len(self.updates) + self.unrecorded

    @property
    def expected(self):
        """The number that the file would hold if every update had been kept."""
        return (
            self.start
            + sum(update.value - update.base for update in self.updates)
            + self.unrecorded
        )

    @property
    def lost_count(self):
        """How many updates are missing; where the tape was too short, by the numbers alone."""
        return max(self.expected - self.observed, 0) if self.unrecorded else len(self.lost)

    @property
    def kept_count(self):
        """How many updates are not missing; kept + lost = all, also where the tape was too short."""
        return self.total - self.lost_count

    @property
    def writers(self):
        return len({update.process for update in self.updates})


def trace_updates(events, name, start, final, unrecorded=0):
    """The Account of the counter `name` that began at `start` and holds the text `final` at the end.

    `unrecorded` says how many writes found no room on the tapes.
    """
    events = [event for event in events if event.thing == name]
    logs = _logs(events)
    texts = [*(text for log in logs for text in log.texts), final]
    written = {update.key: update for update in _updates(logs)}
    found = {update.key for text in texts if (update := _writer(text, written))}
    # A process that died in a write: the write happened if somebody has seen it.
    updates = [update for update in written.values() if update.end or update.key in found]
    kept, base = _kept(final, written)
    safe = {update.key for update in kept}
    lost = [update for update in updates if update.key not in safe]
    kinds = Counter(_kind(text, written, start) for text in texts)
    return Account(
        name=name,
        start=start,
        base=base,
        observed=_number(final),
        updates=tuple(updates),
        kept=tuple(kept),
        lost=tuple(lost),
        rivals={update.key: _rival(update, kept, written) for update in lost},
        resets=kinds["reset"],
        torn=0 if unrecorded else kinds["torn"],
        unrecorded=unrecorded,
        refused=sum(event.seen == _REFUSAL for event in events if event.outcome == "raised"),
    )


def _logs(events):
    """What each process did, step by step."""
    logs = {}
    for event in sorted(events, key=lambda event: (event.process, event.index)):
        logs.setdefault(event.process, _Log()).note(event)
    return list(logs.values())


def _updates(logs):
    """All updates in the order of their ends, each with the text that its process last saw."""
    updates = [update for log in logs for update in log.updates]
    return sorted(updates, key=lambda update: (update.end is None, update.end or 0))


def _may_be_done(event):
    """Whether a step in which its process died can have left its number; of an UPDATE that also reads, nothing tells."""
    return event.outcome == "open" and event.op in ("write", "fill")


class _Log:
    """The updates of one process, and the texts that it read and had not written in the same transaction.

    The updates of a transaction count when it is committed.
    """

    def __init__(self):
        self.updates, self.texts = [], []
        self._last_seen = None  # the text that it saw last, and since when
        self._pending = None  # the updates of the transaction that it is in

    def note(self, event):
        if event.outcome == "done" and event.op == "begin":
            self._pending = []
        elif event.op == "commit" and event.outcome in ("done", "open"):
            self.updates += [update._replace(end=event.end) for update in self._pending or ()]
            self._pending = None
        elif event.op == "rollback" and event.outcome in ("done", "open"):
            self._pending = self._last_seen = None
        elif event.op == "read" and event.outcome == "done":
            self._last_seen = event.seen, event.start
            if not self._pending:
                self.texts.append(event.seen)
        elif event.op in WRITING and (event.outcome == "done" or _may_be_done(event)):
            update = self._update(event)
            place = self.updates if self._pending is None else self._pending
            place.append(update)
            self._last_seen = event.seen.partition("<")[0], event.start

    def _update(self, event):
        written, _, origin = event.seen.partition("<")
        key = split_stamp(written)[0] if written else f"{event.process}.open"
        text, began = (origin, event.start) if origin else self._last_seen or (None, event.start)
        value = split_stamp(written)[1] if written else int(event.arg)
        base = value - 1 if text is None else _number(text)
        text = f"{START_ID} {base}" if text is None else text
        return Update(key, event.process, base, value, text, began, event.end)


def _writer(text, written):
    """The update that left `text` in the file, or None."""
    key, number = split_stamp(text)
    update = written.get(key) or written.get(f"{key[:1]}.open")
    return update if update and update.value == number else None


def _kind(text, written, start):
    if not text:
        return "reset"
    if _writer(text, written) or text == f"{START_ID} {start}":
        return "whole"
    return "torn"


def _kept(final, written):
    """The kept updates from first to last, and the number they were added to."""
    kept, text = [], final
    while update := _writer(text, written):
        kept.append(update)
        text = update.origin
    return kept[::-1], _number(text)


def _rival(update, kept, written):
    """The kept update that started from the kept value from which the lost one descends."""
    place = {k.key: i for i, k in enumerate(kept)}
    parent = update
    while parent and parent.key not in place:
        root = parent.origin
        parent = _writer(root, written)
    if parent:
        following = place[parent.key] + 1
        return kept[following] if following < len(kept) else None
    same_start = kept and kept[0].origin == root and root.startswith(START_ID)
    return kept[0] if same_start else None


def _number(text):
    return split_stamp(text)[1] or 0
