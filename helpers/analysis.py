"""What the events of a run mean: which updates were kept, which were lost, who held and who waited.

Pure functions over `events.Event` records; times are nanoseconds of the machine's clock.
"""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import NamedTuple

from helpers.events import START_ID, split_stamp


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
    texts = [event.seen for event in events if event.op == "read" and event.outcome == "done"]
    texts.append(final)
    written = {update.key: update for update in _updates(events)}
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
    )


def _updates(events):
    """All writes in the order of their ends, each with the text that its process last saw."""
    last_seen = {}
    updates = []
    for event in sorted(events, key=lambda event: (event.process, event.index)):
        if event.outcome not in ("done", "open"):
            continue
        if event.op in ("write", "fill"):
            key = split_stamp(event.seen)[0] if event.seen else f"{event.process}.open"
            origin = last_seen.get(event.process)
            value = int(event.arg)
            base = value - 1 if origin is None else _number(origin[0])
            began = event.start if origin is None else origin[1]
            text = f"{START_ID} {base}" if origin is None else origin[0]
            updates.append(Update(key, event.process, base, value, text, began, event.end))
            last_seen[event.process] = event.seen, event.start
        elif event.op == "read" and event.outcome == "done":
            last_seen[event.process] = event.seen, event.start
    return sorted(updates, key=lambda update: (update.end is None, update.end or 0))


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


_MOST_TRIED = 20_000


def order_of(events, accounts):
    """An order of a run's finished steps that explains all it saw: a schedule, as letters.

    Time stamps alone do not tell it: a step was done at some moment between its start and its end. So
    this tries the steps in the order of their times, and goes back where a read would not find the
    text that it saw, an acquire no free lock, or the files would not end as their `accounts` say (a
    dict by name). None where it finds no such order.
    """
    last = {name: account.kept[-1].key for name, account in accounts.items() if account.kept}
    steps = {}
    for event in sorted(events, key=lambda event: event.index):
        if event.outcome in ("done", "refused"):
            steps.setdefault(event.process, []).append(event)
    names, start = list(steps), ((0,) * len(steps), ())
    path, tried = [("", start, _choices(steps, names, start))], {start}
    while path and len(tried) < _MOST_TRIED:
        places, contents = path[-1][1]
        is_whole = all(place == len(steps[name]) for name, place in zip(names, places, strict=True))
        if is_whole and all(dict(contents)[name].startswith(key) for name, key in last.items()):
            return "".join(letter for letter, *_ in path)
        for letter, following in path[-1][2]:
            if following not in tried:
                tried.add(following)
                path.append((letter, following, _choices(steps, names, following)))
                break
        else:
            path.pop()
    return None


def _choices(steps, names, situation):
    """The steps that can come next, the likeliest first: letter, and places and contents after it."""
    places, contents = situation
    nexts = [
        (steps[name][place], number)
        for number, (name, place) in enumerate(zip(names, places, strict=True))
        if place < len(steps[name])
    ]
    for event, number in sorted(nexts, key=lambda pair: _moment(pair[0])):
        known = dict(contents)
        if (content := _content_after(event, known.get(event.identity))) is not None:
            known[event.identity] = content
            moved = (*places[:number], places[number] + 1, *places[number + 1 :])
            yield event.process, (moved, tuple(sorted(known.items())))


def _moment(event):
    """When a step was done, doubled: an acquire at its end, a release at its start, else in between."""
    return (
        2 * event.end
        if event.op == "acquire"
        else 2 * event.start
        if event.op == "release"
        else event.start + event.end
    )


def _content_after(event, content):
    """What a file or lock holds after a step that found `content` there; None where it cannot have been so.

    A lock holds the letter of its holder, or "". What nobody has written yet may have been anything.
    """
    if event.outcome == "refused":
        return content or ""
    if event.op == "read":
        return event.seen if content in (None, event.seen) else None
    if event.op == "acquire":
        return event.process if content in (None, "", event.process) else None
    return "" if event.op == "release" else event.seen


class Span(NamedTuple):
    """A time in which one process held, or waited for, one lock. `end` is None where it still does.

    `taken` says for a wait whether the lock was got in the end.
    """

    process: str
    lock: str
    identity: str
    start: int
    end: int | None
    taken: bool = True


def holds(events):
    """All holds of all locks, in the order of their starts; a re-entered lock is one hold."""
    spans = []
    for (process, identity), steps in _lock_steps(events).items():
        depth, began = 0, None
        for step in steps:
            if step.op == "acquire" and step.outcome == "done":
                depth += 1
                began = step.end if depth == 1 else began
            elif step.op == "release" and step.outcome in ("done", "open") and depth:
                depth -= 1
                if depth == 0:
                    spans.append(Span(process, step.thing, identity, began, step.start))
        if depth:
            spans.append(Span(process, steps[-1].thing, identity, began, None))
    return sorted(spans, key=lambda span: span.start)


def waits(events):
    """The time each acquire took, in the order of their starts; open where a process still waits."""
    return sorted(
        (
            Span(e.process, e.thing, e.identity, e.start, e.end, e.outcome == "done")
            for e in events
            if e.op == "acquire"
        ),
        key=lambda span: span.start,
    )


def why_blocked(events, process):
    """Why a process whose acquire is still open cannot go on, in words."""
    wanted = next(wait for wait in waits(events) if wait.process == process and wait.end is None)
    holder = _holders(events).get(wanted.identity)
    if holder is None:
        return f"it waits for {lock_words(wanted.lock)}, which nobody will release"
    return f"it waits for {lock_words(wanted.lock)}, which {holder if holder != process else 'it'} holds"


def circular_wait(events):
    """Processes and locks of one circle in which each waits for the next, or ().

    Of the form ("A", "left", "B", "right"): A waits for the lock "left", which B holds, and so on.
    """
    holders = _holders(events)
    wanted = {wait.process: wait for wait in waits(events) if wait.end is None}
    for process in sorted(wanted):
        circle, at = [], process
        while at in wanted and at not in circle[::2]:
            circle += [at, wanted[at].lock]
            at = holders.get(wanted[at].identity)
        if at == process:
            return tuple(circle)
    return ()


def lock_words(name):
    """A lock in a sentence: one that has only the default name needs none."""
    return "the lock" if name == "lock" else f"lock {name}"


def _holders(events):
    """Who holds which lock in the end: its identity to the letter of its holder."""
    return {span.identity: span.process for span in holds(events) if span.end is None}


def _lock_steps(events):
    steps = defaultdict(list)
    for event in events:
        if event.op in ("acquire", "release"):
            steps[event.process, event.identity].append(event)
    return steps


class Contention(NamedTuple):
    """How much a lock was wanted: number of holds, hold and wait time in seconds, over all processes."""

    holds: int
    hold_time: float
    wait_time: float


def contention(events):
    """Contention over all locks of a run; spans that were still open do not count."""
    held = [span.end - span.start for span in holds(events) if span.end]
    waited = [span.end - span.start for span in waits(events) if span.end]
    return Contention(len(held), sum(held) / 1e9, sum(waited) / 1e9)


def wilson_interval(failures, trials):
    """The failure rates that fit `failures` of `trials`: low and high of Wilson's 95 % interval.

    Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.
    """
    z = 1.96
    rate = failures / trials
    middle = rate + z * z / (2 * trials)
    reach = z * math.sqrt(rate * (1 - rate) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    # Rounding must not push an end of the interval past the rate itself.
    return max(0.0, min(rate, (middle - reach) / scale)), min(
        1.0, max(rate, (middle + reach) / scale)
    )
