"""A result as the plain data of the timeline that a page walks through: worked out here once, sent once as JSON.

`payload` gives a dict with these keys; a time is in the `unit`, "ms" since the start or "step", and None where it never came.

    version, alt, unit, end, colours, note     `note` says what is left out, "" where nothing is
    processes, locks, words                    letters; words and shade of each lock; what boxes and windows are called
    files      {name, expected, values}        `values` are [time, value]
    updates    [process, start, end, label, kind, rival, built on, file, line, text]   places in lists, -1 for none
    holds      [process, start, end, lock, lane]       and `waits` likewise
    steps      [time, process, words, update]  in the order of time
    gone       [process, words]                those that were killed, or ended and kept something
    beside                                     whether the picture shows other things, and has to stay in sight
"""

import re
from bisect import bisect_left
from collections import defaultdict
from typing import NamedTuple

from helpers import analysis, lab
from helpers.analysis import Account, step_words
from helpers.events import listed, split_stamp
from helpers.pictures import alt_text, drawable, style
from helpers.pictures.run_picture import end_of, spans_in_lanes
from helpers.pictures.step_table import names_in
from helpers.pictures.wait_for_graph import ways_out
from helpers.schedules import Exploration, Walk
from helpers.scripts import Watched
from helpers.scripts.lanes import SHOWN
from helpers.scripts.races import WRITES

VERSION = 1
MOST = 2000  # updates, and for each four steps: of more, only every second, third and so on is sent
_LOST, _KEPT, _LOOK = range(3)
_WORDS = {_KEPT: "kept update", _LOST: "lost update"}
_WORDS |= {"one": "is between read and write", "many": "are between read and write"}
_WATCHED = {
    _KEPT: "writes",
    _LOST: "these collide",
    _LOOK: "reads",
    "one": "is at an access",
    "many": "are at an access",
}
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_COLOURS = {"kept": style.KEPT, "lost": style.LOST, "wait": style.WAIT, "good": style.GOOD}
_COLUMN = 1_000_000  # ns: a step of those that were taken in turn is as long as a millisecond


class _Told(NamedTuple):
    """What a payload is made of: events whose stamps are ns on the timeline, and `at`, which puts any other stamp there."""

    result: object
    processes: tuple
    events: list
    at: object
    unit: str
    end: float
    gone: dict
    lines: dict  # by (letter, index) of a step: the number of its line


def payload(result):
    """The data of a result's timeline, a dict for JSON; None for a result that has none."""
    told = _told(result)
    if told is None:
        return None
    # A result with a run of its own may be drawn as that run: then its alt text says so.
    is_same = told.result is result or alt_text(told.result) in alt_text(result)
    alt = (
        f"The order {told.result.schedule}, step by step"
        if isinstance(told.result, Walk)
        else alt_text(told.result)
    )
    return {**_Data(told).as_dict(), "alt": alt, "beside": not is_same}


def _told(result):
    if isinstance(result, Exploration):
        result = result.failing_walk
    run = getattr(result, "run", result)
    if isinstance(run, lab.Run) and drawable(run):
        gone = ways_out(run)
        if run.schedule:
            return _in_turn(run, run.events, gone)
        at = lambda stamp: stamp - run.started
        events = [e._replace(start=at(e.start), end=e.end and at(e.end)) for e in run.events]
        return _Told(run, run.processes, events, at, "ms", end_of(run), gone, {})
    if isinstance(result, Walk) and result.schedule:
        return _in_turn(result, result.events, result.errors, result.lines)
    if isinstance(result, Watched) and drawable(result):
        lines = {key: line.number for key, (line, _) in result.lines.items() if line}
        shown = [e for e in result.events if e.op in SHOWN and e.shared != "the terminal"]
        told, seen = _in_turn(result, shown, {}, lines), {event.process for event in shown}
        return told._replace(processes=[name for name in result.processes if name in seen])
    return None


def _in_turn(result, events, gone, lines=None):
    """Steps that were taken in turn, each in a column of its own: the same in columns."""
    events = sorted(events, key=lambda event: event.start)
    starts = [event.start for event in events]

    def at(stamp):
        return bisect_left(starts, stamp) * _COLUMN

    moved = []
    for event in events:
        start, end = at(event.start), event.end and max(at(event.end), at(event.start) + _COLUMN)
        if event.op == "release":  # a hold lasts until the step is over that ends it
            start = end or start
        moved.append(event._replace(start=start, end=end))
    end = max(len(events), 1)
    return _Told(result, result.processes, moved, at, "step", end, gone, lines or {})


class _Data:
    """The payload in the making."""

    def __init__(self, told):
        self.told = told
        self._row = {name: row for row, name in enumerate(told.processes)}
        self._shades = style.lock_shades(told.events)
        self._locks = list(self._shades)
        self.updates, self.places = (
            [],
            {},
        )  # by file and key, or by process and index of a step: an update's place
        self._thin = max(-(-len(told.events) // (4 * MOST)), 1)

    def as_dict(self):
        told = self.told
        is_watched = isinstance(told.result, Watched)
        accounts = {} if is_watched else told.result.accounts
        counters = [a for a in accounts.values() if isinstance(a, Account)]
        self._thin = max(self._thin, -(-max((len(a.updates) for a in counters), default=0) // MOST))
        files = (
            self._watched() if is_watched else [*map(self._file, range(len(counters)), counters)]
        )
        spans = [*spans_in_lanes(told.events, told.processes)]
        return {
            "version": VERSION,
            "unit": told.unit,
            "end": round(told.end, 3),
            "colours": _COLOURS,
            "note": self._note(),
            "processes": told.processes,
            "locks": [self._lock(*shade) for shade in self._shades.values()],
            "words": _WATCHED if is_watched else _WORDS,
            "files": files,
            "updates": self.updates,
            "holds": [self._span(*span) for span in spans if not span[1]],
            "waits": [self._span(*span) for span in spans if span[1]],
            "steps": self._steps([span for span, is_wait, _ in spans if is_wait and span.end]),
            "gone": [[self._row[name], words] for name, words in told.gone.items()],
        }

    def _ms(self, stamp):
        return None if stamp is None else round(stamp / 1e6, 3)

    def _note(self):
        if self._thin == 1:
            return ""
        return (
            f"{len(self.told.events):,} steps are too many to show: one in {self._thin} of the updates "
            "and of the table's rows is here, and every value, hold and wait."
        )

    @staticmethod
    def _lock(words, shade):
        colour = "#" + "".join(f"{round(255 * part):02x}" for part in shade)
        return {"words": analysis.lock_words(words), "shade": colour, "ink": style.ink_on(shade)}

    def _span(self, span, _, lane):
        when = self._row[span.process], self._ms(span.start), self._ms(span.end)
        return [*when, self._locks.index(span.identity), lane]

    # ---- counters

    def _file(self, number, account):
        told, kept = self.told, {update.key for update in account.kept}
        shown = account.updates[:: self._thin]
        place = {update.key: len(self.updates) + n for n, update in enumerate(shown)}
        values = [[0, account.start]]
        values += [[self._ms(told.at(u.end)), u.value] for u in account.updates if u.end]
        for update in shown:
            rival = account.rivals.get(update.key)
            base = update.base if update.origin else "empty"
            ends = told.at(update.start), update.end and told.at(update.end)
            self.updates.append([
                self._row[update.process], *map(self._ms, ends), f"{base}→{update.value}", int(update.key in kept),
                place.get(rival.key, -1) if rival else -1, place.get(split_stamp(update.origin)[0], -1), number, 0, "",
            ])  # fmt: skip
        self.places |= {(account.name, key): n for key, n in place.items()}
        return {"name": account.name, "expected": account.expected, "values": values}

    # ---- steps

    def _steps(self, waits):
        told, names = self.told, names_in(self.told.events)[-1]
        rows = [(self._moment(event), event.start, event) for event in told.events]
        rows = sorted(rows, key=lambda row: row[:2])[:: self._thin]
        steps = [self._step(at, event, names[event.shared]) for at, _, event in rows]
        begun = [w for w in waits if told.unit == "ms"][:: self._thin]
        steps += [
            [
                self._ms(w.start),
                self._row[w.process],
                f"waits for {analysis.lock_words(w.lock)}",
                -1,
            ]
            for w in begun
        ]
        return sorted(steps, key=lambda step: step[0])

    @staticmethod
    def _moment(event):
        """When a step has happened: a release at its start, for the next one may have the lock before it is over."""
        return event.start if event.end is None or event.op == "release" else event.end

    def _step(self, at, event, name):
        key = split_stamp(event.seen.partition("<")[0])[0]
        own = (event.process, event.index)
        update = self.places.get(own, self.places.get((event.shared, key), -1))
        if event.op == "read" and own not in self.places:
            update = -1  # it has read what another one wrote
        is_lost = update >= 0 and self.updates[update][4] == _LOST and not self.updates[update][9]
        words = self._does(event, name) + (" (gets lost)" if is_lost else "")
        if line := self.told.lines.get(own):
            words += f" at line {line}"
            if update >= 0:
                self.updates[update][8] = line
        return [self._ms(at), self._row[event.process], words, update]

    def _does(self, event, name):
        """A step in words. The recorder does not see what a file says, so of a script's access there is only on what."""
        if event.op in ("acquire", "release") or not isinstance(self.told.result, Watched):
            return step_words(event, name)
        verb = {"read": "reads", "look": "looks at"}.get(event.op, "writes")
        return f"{verb} {event.shared}"

    # ---- a watched script: a box for each access, and the two that collide are each other's rivals

    def _watched(self):
        watched, shown = self.told.result, []
        first = watched.collisions[0] if watched.collisions else None
        harm = {(a.process, self.told.at(a.step.start)) for a in first.accesses} if first else set()
        for event in self.told.events[:: self._thin]:
            if event.op not in ("acquire", "release"):
                self.places[event.process, event.index] = len(shown)
                shown.append(event)
        for event in shown:
            is_harm = (event.process, event.start) in harm
            kind = _LOST if is_harm else _KEPT if event.op in WRITES else _LOOK
            line = self.told.lines.get((event.process, event.index), 0)
            held = watched.held[event.process, event.index]
            locks = listed(map(analysis.lock_words, held)) if held else "no lock"
            said = f"{event.process} {self._does(event, '')}{f' at line {line}' if line else ''}, and holds {locks}."
            other = [n for n, e in enumerate(shown) if is_harm and e.process != event.process
                     and (e.process, e.start) in harm]  # fmt: skip
            self.updates.append([
                self._row[event.process], self._ms(event.start), self._ms(event.end), f"{line or ''}", kind,
                other[0] if other else -1, -1, 0, line, said,
            ])  # fmt: skip
        return [*self._values(shown)]

    def _values(self, shown):
        """The data of which each value is known as a number."""
        found = defaultdict(list)
        for event in shown:
            found[event.shared].append((self._ms(event.end or event.start), event.seen))
        for name, seen in found.items():
            if all(_NUMBER.fullmatch(text) for _, text in seen):
                values = [[at, float(text) if "." in text else int(text)] for at, text in seen]
                yield {"name": name, "expected": None, "values": [[0, values[0][1]], *values]}
