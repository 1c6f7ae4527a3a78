"""A result as the plain data of the timeline that a page walks through: worked out here once, sent once as JSON.

`payload` gives a dict with these keys; a time is in the `unit`, "ms" since the start or "step", and None where it never came.

    version, alt, unit, end, colours, note     `note` says what is left out, "" where nothing is
    processes, locks, words                    letters; words and shade of each lock; what boxes and windows are called
    files      {name, expected, values}        `values` are [time, value]
    updates    [process, start, end, label, kind, rival, built on, line, text]   places in lists, -1 for none
    holds      [process, start, end, lock, lane]       and `waits` likewise
    steps      [time, process, words, update]  in the order of time
    gone       [process, words]                those that were killed, or ended and kept something
    beside                                     whether the picture shows other things, and has to stay in sight
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from helpers import analysis, lab
from helpers.analysis import Account, step_words
from helpers.events import Event, listed, split_stamp
from helpers.pictures import alt_text, drawable, style
from helpers.pictures.run_picture import spans_in_lanes
from helpers.pictures.step_table import names_in
from helpers.pictures.timeline import end_of
from helpers.pictures.wait_for_graph import ways_out
from helpers.schedules import Exploration, Walk
from helpers.scripts import Watched
from helpers.scripts.lanes import steps_shown
from helpers.scripts.recorder.journal import WRITES

VERSION = 1
MOST = 2000  # updates, and for each four steps: of more, only every second, third and so on is sent
_LOST, _KEPT, _LOOK = range(3)  # kinds of updates
_BETWEEN, _AT_ACCESS = "between read and write", "at an access"
_WORDS = {_KEPT: "kept update", _LOST: "lost update", "inside": _BETWEEN}
_WATCHED = {_KEPT: "writes", _LOST: "these collide", _LOOK: "reads", "inside": _AT_ACCESS}
_VERBS = {"read": "reads", "look": "looks at"}  # a script's access is else a write
_COLOURS = {"kept": style.KEPT, "lost": style.LOST, "wait": style.WAIT, "good": style.GOOD}
_COLUMN = 1_000_000  # ns: a step of those that were taken in turn is as long as a millisecond
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def payload(result):
    """The data of a result's timeline, a dict for JSON; None for a result that has none."""
    told = _told(result)
    if told is None:
        return None
    alt = alt_text(told.result)
    if isinstance(told.result, Walk):
        alt = f"The order {told.result.schedule}, step by step."
    # A result with a run of its own may be drawn as that run: then its alt text says so.
    is_same = told.result is result or alt in alt_text(result)
    return {**told.as_dict(), "alt": alt, "beside": not is_same}


def _told(result):
    if isinstance(result, Exploration):
        result = result.failing_walk
    run = getattr(result, "run", result)
    if isinstance(run, lab.Run) and drawable(run):
        return _told_of_run(run)
    if isinstance(result, Walk) and result.schedule:
        return _in_turn(result, result.processes, result.events, result.errors, result.lines)
    if isinstance(result, Watched) and drawable(result):
        steps = steps_shown(result)
        lines = {(step.process, step.index): step.line.number for step in steps if step.line}
        shown = [Event(*(getattr(step, name) for name in Event._fields)) for step in steps]
        seen = {event.process for event in shown}
        processes = [name for name in result.processes if name in seen]
        return _in_turn(result, processes, shown, {}, lines)
    return None


def _told_of_run(run):
    lines = {(e.process, e.index): run.lines.get(e.process, {}).get(e.op) for e in run.events}
    if run.schedule:
        return _in_turn(run, run.processes, run.events, ways_out(run), lines)

    def at(stamp):
        return stamp and stamp - run.started

    events = [e._replace(start=at(e.start), end=at(e.end)) for e in run.events]
    return _Told(run, run.processes, events, at, "ms", end_of(run), ways_out(run), lines)


def _in_turn(result, processes, events, gone, lines):
    """Steps that were taken in turn: each in a column of its own."""
    events = sorted(events, key=lambda event: event.start)
    starts = [event.start for event in events]

    def at(stamp):
        return stamp and bisect_left(starts, stamp) * _COLUMN

    moved = []
    for event in events:
        start, end = at(event.start), event.end and max(at(event.end), at(event.start) + _COLUMN)
        if event.op == "release":  # a hold lasts until the step is over that ends it
            start = end or start
        moved.append(event._replace(start=start, end=end))
    end = max(len(events), 1)
    return _Told(result, processes, moved, at, "step", end, gone, lines)


@dataclass
class _Told:
    """What a payload is made of: events whose stamps are ns on the timeline, and `at`, which puts any other stamp there.

    `lines` has the line of each step that is known, by (letter, index), `gone` words for those that were killed, by letter.
    """

    result: Any
    processes: Sequence[str]
    events: list
    at: Callable
    unit: str
    end: float
    gone: dict
    lines: dict

    def __post_init__(self):
        self._row = {name: row for row, name in enumerate(self.processes)}
        self._shades = style.lock_shades(self.events)
        self._locks = list(self._shades)
        self.updates = []
        self.places = {}  # of an update, by file and key, or by process and index of a step
        self._is_watched = isinstance(self.result, Watched)
        accounts = {} if self._is_watched else self.result.accounts
        self._counters = [a for a in accounts.values() if isinstance(a, Account)]
        most = max((len(account.updates) for account in self._counters), default=0)
        self._thin = max(-(-len(self.events) // (4 * MOST)), -(-most // MOST), 1)

    def as_dict(self):
        files = self._watched() if self._is_watched else [*map(self._file, self._counters)]
        spans = spans_in_lanes(self.events, self.processes)
        return {
            "version": VERSION,
            "unit": self.unit,
            "end": round(self.end, 3),
            "colours": _COLOURS,
            "note": self._note(),
            "processes": self.processes,
            "locks": [self._lock(*shade) for shade in self._shades.values()],
            "words": _WATCHED if self._is_watched else _WORDS,
            "files": files,
            "updates": self.updates,
            "holds": [self._span(*span) for span in spans if not span[1]],
            "waits": [self._span(*span) for span in spans if span[1]],
            "steps": self._steps([span for span, is_wait, _ in spans if is_wait and span.end]),
            "gone": [[self._row[name], words] for name, words in self.gone.items()],
        }

    def _note(self):
        if self._thin == 1:
            return ""
        return (
            f"{len(self.events):,} steps are too many to show: one in {self._thin} of the updates "
            "and of the table's rows is here, and every value, hold and wait."
        )

    @staticmethod
    def _lock(words, shade):
        colour = "#" + "".join(f"{round(255 * part):02x}" for part in shade)
        return {"words": analysis.lock_words(words), "shade": colour, "ink": style.ink_on(shade)}

    def _span(self, span, _, lane):
        when = self._row[span.process], _ms(span.start), _ms(span.end)
        return [*when, self._locks.index(span.identity), lane]

    def _add(self, process, start, end, label, kind, rival=-1, base=-1, line=0, text=""):
        place = self._row[process], _ms(start), _ms(end)
        self.updates.append([*place, label, kind, rival, base, line, text])

    def _file(self, account):
        at, kept = self.at, {update.key for update in account.kept}
        shown = account.updates[:: self._thin]
        place = {update.key: len(self.updates) + n for n, update in enumerate(shown)}
        for u in shown:
            words, kind = f"{u.base if u.origin else 'empty'}→{u.value}", int(u.key in kept)
            rival = place.get(getattr(account.rivals.get(u.key), "key", None), -1)
            base = place.get(split_stamp(u.origin)[0], -1)
            self._add(u.process, at(u.start), at(u.end), words, kind, rival, base)
        self.places |= {(account.name, key): n for key, n in place.items()}
        values = [[_ms(at(u.end)), u.value] for u in account.updates if u.end]
        values = [[0, account.start], *values]
        return {"name": account.name, "expected": account.expected, "values": values}

    # ---- steps

    def _steps(self, waits):
        names = names_in(self.events)[-1]
        rows = sorted((_moment(event), event.start, event) for event in self.events)
        steps = [self._step(at, e, names[e.shared]) for at, _, e in rows[:: self._thin]]
        for wait in waits[:: self._thin] if self.unit == "ms" else ():
            words = f"waits for {analysis.lock_words(wait.lock)}"
            steps.append([_ms(wait.start), self._row[wait.process], words, -1])
        return sorted(steps, key=lambda step: step[0])

    def _step(self, at, event, name):
        own, key = (event.process, event.index), split_stamp(event.seen.partition("<")[0])[0]
        # What a read has seen is another one's update.
        written = -1 if event.op == "read" else self.places.get((event.shared, key), -1)
        update, line = self.places.get(own, written), self.lines.get(own)
        is_lost = not self._is_watched and update >= 0 and self.updates[update][4] == _LOST
        words = self._does(event, name) + (" (gets lost)" if is_lost else "")
        if line and update >= 0:
            self.updates[update][7] = line
        words += f" at line {line}" if line else ""
        return [_ms(at), self._row[event.process], words, update]

    def _does(self, event, name):
        """A step in words. The recorder does not see what a file says, so of a script's access there is only on what."""
        if event.op in ("acquire", "release") or not self._is_watched:
            return step_words(event, name)
        return f"{_VERBS.get(event.op, 'writes')} {event.shared}"

    # ---- a watched script: a box for each access, and those that collide are each other's rivals

    def _watched(self):
        harm = self.result.colliding
        shown = [e for e in self.events[:: self._thin] if e.op not in ("acquire", "release")]
        self.places |= {(event.process, event.index): n for n, event in enumerate(shown)}
        # A step's index is its start.
        collide = [n for n, e in enumerate(shown) if (e.process, e.index) in harm]
        for n, event in enumerate(shown):
            kind = _LOST if n in collide else _KEPT if event.op in WRITES else _LOOK
            others = [m for m in collide if shown[m].process != event.process]
            rival = others[0] if kind == _LOST and others else -1
            line = self.lines.get((event.process, event.index), 0)
            spans = self.result.races.held(event.process, event.index)
            locks = listed(sorted(analysis.lock_words(span.lock) for span in spans) or ["no lock"])
            at = f" at line {line}" if line else ""
            text = f"{event.process} {self._does(event, '')}{at}, and holds {locks}."
            step = event.process, event.start, event.end, f"{line or ''}"
            self._add(*step, kind, rival, line=line, text=text)
        return [*_values(shown)]


def _ms(stamp):
    return None if stamp is None else round(stamp / 1e6, 3)


def _moment(event):
    """When a step has happened: a release at its start, for the next one may have the lock before it is over."""
    return event.start if event.end is None or event.op == "release" else event.end


def _values(accesses):
    """The data of a script of which each value is known as a number."""
    found = defaultdict(list)
    for event in accesses:
        found[event.shared].append((_ms(_moment(event)), event.seen))
    for name, seen in found.items():
        if all(_NUMBER.fullmatch(text) for _, text in seen):
            values = sorted([at, float(text) if "." in text else int(text)] for at, text in seen)
            yield {"name": name, "expected": None, "values": [[0, values[0][1]], *values]}
