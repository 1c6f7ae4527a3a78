"""What a watched script has recorded, read while it runs and after: lanes, things by name, and Events with their lines."""

import ast
import marshal
from collections import Counter, defaultdict
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from helpers import analysis
from helpers.events import Event
from helpers.events.tape import NO_STATE

# The names under which a script makes what it shares.
_VALUES = frozenset({"Value", "Array", "dict", "list", "Namespace"})
_CALLS = {"lock of": _VALUES}


class Line(NamedTuple):
    """A line of a script: its file, as a path, and its number."""

    file: str
    number: int

    def __str__(self):
        return f"line {self.number}"


class Thing(NamedTuple):
    """What processes share: its kind ("file", "table", "value", "lock", "signal" or "process"), and what it is called.

    `made` is the line that made it, None where that was not seen; `permits` is 0 for what is no semaphore.
    """

    kind: str
    identity: str
    name: str
    made: Line | None = None
    permits: int = 0


class Step(NamedTuple):
    """One record of a step: when, on what, by which line it was `done`, and which one `asked` for it."""

    thread: int
    start: int
    end: int | None
    thing: tuple[str, str]
    op: str
    done: Line | None
    asked: Line | None
    arg: str
    outcome: str
    seen: str
    nth: int = 0


class Journal:
    """One process's records so far: the head of `recorder/journal.py` says what they are.

    `pauses` are (start, end, seconds, Line), `errors` (type, message, Line), `notes` (what was not recorded, Line), `made`
    (key of a thing, name, Line); `held` says how often it holds each lock, `turn` for which position of an order it waits at which
    Line, and `is_alone` whether only its main thread does what the script says. `singles` are queues of tasks for one worker,
    `killed` the exit codes of children that a signal has killed, by letter, and `temporary` folders that multiprocessing has made.
    """

    def __init__(self, path):
        self.letter, self.pid, self.main, self.code, self.turn = path.stem, None, None, None, None
        self.steps, self.pauses, self.errors, self.notes = [], [], [], []
        self.made, self.methods, self.pairs, self.singles = [], [], [], []
        self.programs = []
        self.things, self.lines, self.held, self.is_alone, self.count = (
            {},
            {0: None},
            Counter(),
            True,
            0,
        )
        self.killed, self.temporary = {}, []
        self._path, self._at, self._open = path, 0, defaultdict(list)

    def read(self):
        """Take in what was written since; only whole records count."""
        with self._path.open("rb") as file:
            file.seek(self._at)
            data = memoryview(file.read())
        while len(data) >= 4 and len(data) >= (size := 4 + int.from_bytes(data[:4], "little")):
            self._take(*marshal.loads(data[4:size]))
            data = data[size:]
            self._at += size
            self.count += 1
        return self

    def _take(self, kind, *record):
        match kind, record:
            case "begin" | "step", [thread, *step]:
                self._take_step(kind, thread, *step)
            case "end", [thread, end, outcome]:
                number = self._open[thread].pop()
                self.steps[number] = self.steps[number]._replace(end=end, outcome=outcome)
                self._note(self.steps[number])
            case "place", [number, file, line]:
                self.lines[number] = Line(file, line)
            case "thing", [number, *key, name, place]:
                self.things[number] = tuple(key)
                self.made.append((tuple(key), name, self.lines[place]))
            case "process", [pid, main]:
                self.pid, self.main = pid, main
            case "turn", [_, _, position, place]:
                self.turn = position, self.lines[place]
            case "pause", [_, *pause, place]:
                self.pauses.append((*pause, self.lines[place]))
            case "error" | "note", [*what, place]:
                (self.errors if kind == "error" else self.notes).append((*what, self.lines[place]))
            case "pair", ends:
                self.pairs.append(ends)
            case "single", [identity]:
                self.singles.append(("signal", identity))
            case "program", [pid]:
                self.programs.append(pid)
            case "method", [name]:
                self.methods.append(name)
            case "death", [letter, code]:
                self.killed[letter] = code
            case "temporary", [folder]:
                self.temporary.append(folder)
            case "exit", [code]:
                self.code = code

    def _take_step(self, kind, thread, start, *more):
        self.turn = None
        if kind == "begin":
            thing, op, place, arg, nth = more
            self._open[thread].append(len(self.steps))
            end, cause, outcome, seen = None, place, "open", ""
        else:
            end, thing, op, place, cause, arg, outcome, seen, nth = more
        lines = self.lines[place], self.lines[cause or place]
        key = self.things[thing]
        self.steps.append(Step(thread, start, end, key, op, *lines, arg, outcome, seen, nth))
        self._note(self.steps[-1])

    def _note(self, step):
        self.is_alone &= step.thread == self.main or step.done is None
        if step.thing[0] == "lock" and step.outcome != "open":
            is_got = step.op == "acquire" and step.outcome == "done"
            self.held[step.thing] += is_got - (step.op == "release")

    @property
    def waits(self):
        """The step that its main thread has begun and not ended, the innermost one, or None."""
        return self.steps[self._open[self.main][-1]] if self._open.get(self.main) else None


class Recording:
    """What all processes of a script have recorded in `folder` so far."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.journals: dict[str, Journal] = {}
        self._size, self._sources = (0, 0), {}

    def read(self):
        """Take in what is new in all journals."""
        for path in self.folder.glob("*.log"):
            if path.stem not in self.journals:
                self.journals[path.stem] = Journal(path)
        for journal in self.journals.values():
            journal.read()
        for journal in self.journals.values():
            for letter, code in journal.killed.items():
                self.journals[letter].code = code
        size = (
            sum(len(j.made) for j in self.journals.values()),
            sum(j.count for j in self.journals.values()),
        )
        computed = ("things",), ("_told", "lock_events", "holds")
        for names, before, now in zip(computed, self._size, size, strict=True):
            for name in names if now != before else ():
                self.__dict__.pop(name, None)
        self._size = size
        return self

    @property
    def lanes(self):
        """The journals of the processes, in the order of their starts, the script's own first. Servers are none."""
        return [j for j in self._in_order if j.letter.isalpha() and j.pid]

    @property
    def _in_order(self):
        known = self.journals.values()
        return sorted(known, key=lambda j: (j.letter != "P", len(j.letter), j.letter))

    @property
    def starting(self):
        """The letters of processes that were started and have written nothing yet."""
        return [j.letter for j in self.journals.values() if j.letter.isalpha() and not j.pid]

    @cached_property
    def things(self) -> dict[tuple[str, str], Thing]:
        """All that was shared, by kind and identity, with the names that the script gives it."""
        made, sources = {}, self._sources
        for journal in self._in_order:
            for key, name, line in journal.made:
                known = made.setdefault(key, [name, line, journal.letter])
                if line and not known[1] or ":" in name and ":" not in known[0]:
                    made[key] = [name, line or known[1], journal.letter]
        counts: Counter = Counter()
        found, places, makers = {}, {}, {}
        for key, (name, line, maker) in made.items():
            called, base, item = "", key[1], ""
            if key[0] == "value" and key[1].endswith("]"):  # an item has the name of the whole
                base, _, item = key[1].partition("[")
                line, item = made.get(("value", base), (name, None, ""))[1], f"[{item}"
            if key[0] in ("lock", "value", "signal") and line:
                kind = (
                    name.removeprefix("Manager ")
                    .split(":")[0]
                    .split("[")[0]
                    .removeprefix("threading.")
                )
                group = (
                    line,
                    _CALLS.get(kind, frozenset({kind}) if key[0] != "value" else _VALUES),
                    kind == "lock of",
                )
                nth = places.setdefault((key[0], base), counts[group])
                counts[group] = max(counts[group], nth + 1)
                called = variable(line, nth, sources, group[1])
            found[key] = _thing(key, name, line, called and called + item)
            makers[key] = maker
        return _told_apart(found, makers)

    @property
    def events(self):
        """All steps on what processes share, as Events."""
        return self._told[0]

    @property
    def event_lines(self):
        """By (letter, index) of an Event, the Lines that asked for it and that did it."""
        return self._told[1]

    @cached_property
    def lock_events(self):
        """The Events on locks."""
        return [event for event in self.events if event.identity.startswith("lock ")]

    @cached_property
    def holds(self):
        """All holds of all locks, as `analysis.holds` gives them."""
        return analysis.holds(self.lock_events)

    @cached_property
    def _told(self):
        events, lines = [], {}
        for journal in self.lanes:
            for index, step in enumerate(sorted(journal.steps, key=lambda step: step.start)):
                thing = self.things[step.thing]
                arg = step.arg
                if thing.permits and step.op == "acquire" and not arg:
                    arg = f"of {thing.permits}"
                what = journal.letter, index, thing.name, " ".join(step.thing), step.op
                events.append(Event(*what, step.start, step.end, arg, step.seen, step.outcome))
                lines[journal.letter, index] = step.asked, step.done
        return tuple(events), lines


def _thing(key, name, line, called):
    kind, identity = key
    what, _, value = name.partition(":")
    permits = int(value) if what in ("Semaphore", "BoundedSemaphore") and value else 0
    if what == "lock of":
        called = f"the lock of {called}" if called else "the lock of a value"
    if kind == "file":
        called = _shortened(name)
    elif kind == "table":
        file, _, table = name.rpartition(": ")
        called = f"table {table} in {_shortened(file)}"
    elif not called:
        called = (
            f"the {_worded(what)} made at {line}"
            if line
            else _worded(name if kind != "lock" else what)
        )
    return Thing(kind, identity, called, line, permits)


def _shortened(path):
    """A path as the reader knows it: from the working folder, where it lies there."""
    full = Path(path)
    return (
        str(full.relative_to(Path.cwd()))
        if full.is_absolute() and full.is_relative_to(Path.cwd())
        else path
    )


def _worded(kind):
    words = {
        "Lock": "lock",
        "RLock": "RLock",
        "Condition": "condition",
        "Event": "event",
        "Barrier": "barrier",
    }
    return words.get(kind, kind)


def _told_apart(things, makers):
    """Locks of one name are told apart by who made them, or by numbers."""
    alike = defaultdict(list)
    for key, thing in things.items():
        if thing.kind in ("lock", "value"):
            alike[thing.kind, thing.name].append(key)
    for keys in alike.values():
        own = [makers[key] for key in keys]
        for number, key in enumerate(keys, 1):
            name = things[key].name
            if len(keys) > 1 and len({*own}) == len(keys):
                things[key] = things[key]._replace(name=f"{name} ({makers[key]}'s own)")
            elif len(keys) > 1:
                things[key] = things[key]._replace(name=f"{name} ({number})")
    return things


def variable(line, nth, sources, calls=frozenset()):
    """The variable that the script's line gives to the `nth` thing that it makes by one of `calls`, "" where it gives it to none.

    For example, `a, b = Lock(), Lock()` calls the second one b, and `forks = [Lock() for _ in range(5)]` calls it forks[1].
    """
    if line.file not in sources:
        try:
            sources[line.file] = ast.parse(Path(line.file).read_bytes())
        except (OSError, SyntaxError, ValueError):
            sources[line.file] = ast.parse("")
    names = []
    for node in ast.walk(sources[line.file]):
        is_made = isinstance(node, ast.Assign | ast.AnnAssign) and node.value
        if is_made and node.lineno <= line.number <= (node.end_lineno or 0):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            names += _names(target, node.value, calls, nth)
    return names[nth % len(names)] if names else ""  # a line that runs again makes them again


def _names(target: Any, value: Any, calls: frozenset, nth: int) -> list[str]:
    """The names that an assignment gives to what it makes by these calls; to the first ones, of what may be many."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = zip(target.elts, value.elts, strict=False)
        return [ast.unparse(name) for name, made in pairs if _makes(made, calls)]
    if isinstance(value, ast.Call):
        return [ast.unparse(target)] if _makes(value, calls) else []
    if any(_makes(node, calls) for node in ast.walk(value)):
        return [f"{ast.unparse(target)}[{number}]" for number in range(nth + 1)]
    return []


def _makes(value, calls):
    """Whether an expression is a call of one of these names, such as `mp.Lock()`."""
    return isinstance(value, ast.Call) and ast.unparse(value.func).rpartition(".")[2] in calls


def state_of(journal, things, over):
    """Where a process stands now, as `analysis.find_stuck` asks: what it holds and what it waits for.

    Each process holds its own life until it has ended: who joins it waits for that.
    """
    held, taken = set(), {}
    strays = set()
    for key, count in journal.held.items():
        permits = things[key].permits if key in things else 0
        if permits:
            taken[key] = permits, count
        if count > 0:
            held.add(key)
        elif count < 0 and not permits:
            strays.add(key)
    if not over:
        held.add(("process", journal.letter))
    step = journal.waits
    is_wait = step is not None and step.op in ("acquire", "join") and step.arg in ("", "again")
    if not is_wait or not journal.is_alone:
        return NO_STATE._replace(
            counter=journal.count, held=frozenset(held), strays=frozenset(strays), taken=taken
        )
    name = things[step.thing].name
    name = f"the end of {name}" if step.op == "join" else name
    what = {
        "wanted": step.thing,
        "name": name,
        "is_again": step.arg == "again",
        "touched": step.thing,
    }
    return NO_STATE._replace(
        counter=journal.count, held=frozenset(held), strays=frozenset(strays), taken=taken, **what
    )
