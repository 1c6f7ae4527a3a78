"""What a watched script has recorded, read while it runs and after: its processes, their steps with their lines, and things by name."""

import ast
import marshal
import re
from collections import Counter, defaultdict, namedtuple
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from helpers import analysis
from helpers.events.tape import NO_STATE, ProcessState

_WAITS = {"join": "the end of ", "receive": "something from "}
_VALUES = frozenset({"Value", "Array", "dict", "list", "Namespace"})  # calls that make a value
# The key of a lock on a file, or of a database: neither a semaphore's nor that of a manager's lock.
_ON_FILE = re.compile(r"(?!/mp|\S*/listener-).*[/:]")
# What made a thing, by the name that it was recorded under, and the permits of a semaphore.
_CALL = re.compile(r"(Manager |threading\.)?(?P<kind>\w*)((?<=Semaphore):(?P<permits>\d+))?")


class Line(namedtuple("Line", "file number")):
    """A line of a script: its file, as a path, and its number."""

    def __str__(self):
        return f"line {self.number}"


class Thing:
    """What processes share: its kind ("file", "table", "value", "lock", "signal" or "process"), and the `name` that the script gives it.

    `made` is the line that made it, None where that was not seen; `permits` is 0 for what is no semaphore.
    """

    def __init__(self, kind, key):
        self.kind, self.key, self.identity = kind, key, f"{kind} {key}"
        self.name, self.made, self.permits = "", None, 0

    @property
    def is_freed(self):
        """Whether the system frees it when its holder dies: a life, or a lock on a file or of a database."""
        return self.kind == "process" or (self.kind == "lock" and bool(_ON_FILE.match(self.key)))


@dataclass(eq=False)
class Step:
    """One step, with all that an `events.Event` has: by which line it was `done`, and which `line` asked for it.

    `is_own` says whether a thread did it that the library runs for itself, `is_task` whether a pool's worker waits for its next
    task. Of an access, `races` says the rest: `who` did it, the process or one of its tasks; `knows` has a number for each who, so
    many of its accesses come before; `guards` are the Spans of the locks held, by identity.
    """

    process: str
    start: int
    end: int | None
    thing: Thing
    op: str
    done: Line | None
    line: Line | None
    arg: str
    outcome: str
    seen: str
    nth: int
    is_own: bool
    is_task: bool
    who: str = ""
    knows: dict | None = None
    guards: dict | None = None

    shared = property(lambda self: self.thing.name)
    identity = property(lambda self: self.thing.identity)
    index = property(lambda self: self.start)
    is_access = property(lambda self: self.thing.kind in ("file", "table", "value"))

    @property
    def wanted(self):
        """What its process waits for in it, in words."""
        name = analysis.lock_words(self.shared) if self.op == "acquire" else self.shared
        return f"{_WAITS.get(self.op, '')}{name}"

    @property
    def wait(self):
        """How its process waits in it, in words: "B waits at line 5 for lock x"."""
        return f"{self.process} waits{f' at {self.line}' if self.line else ''} for {self.wanted}"

    def is_before(self, other):
        """Whether a hand-over, or the process itself, orders it before another access."""
        return other.knows.get(self.who, 0) >= self.knows[self.who]


class Journal:
    """One process's records so far: the head of `recorder/journal.py` says what they are.

    `notes` has by their kind those that are no steps, with Lines for places, `made` for each thing its name and Line. `held` says
    how often it holds each lock, `strays` are those that it gave back more often than it took them, `turn` for which position of an
    order it waits at which Line; `is_alone` says whether only its main thread does what the script says, `is_over` whether the
    process has ended.
    """

    def __init__(self, path, things):
        self.letter, self.pid, self.main, self.code, self.turn = path.stem, None, None, None, None
        self.steps, self.made, self.notes = [], [], defaultdict(list)
        self.held, self.strays, self.count = Counter(), set(), 0
        self.is_alone, self.is_over = True, False
        self._path, self._at, self._known = path, 0, things
        self._things, self._lines, self._open = {}, {0: None}, defaultdict(list)

    def read(self):
        """Take in what was written since: whether there are new things in it. Only whole records count."""
        with self._path.open("rb") as file:
            file.seek(self._at)
            data = memoryview(file.read())
        known = len(self.made)
        while len(data) >= 4 and len(data) >= (size := 4 + int.from_bytes(data[:4], "little")):
            self._take(*marshal.loads(data[4:size]))
            data = data[size:]
            self._at += size
            self.count += 1
        return len(self.made) > known

    def _take(self, kind, *record):
        match kind, record:
            case "step", _:
                self._hold(self._step(*record))
            case "begin", [thread, start, thing, op, place, arg, nth]:
                step = self._step(thread, start, None, thing, op, place, 0, arg, "open", "", nth)
                self._open[thread].append(step)
            case "end", [thread, end, outcome]:
                step = self._open[thread].pop()
                step.end, step.outcome = end, outcome
                self._hold(step)
            case "place", [number, file, line]:
                self._lines[number] = Line(file, line)
            case "thing", [number, *key, name, place]:
                thing = self._known.setdefault(" ".join(key), Thing(*key))
                self._things[number] = thing
                self.made.append((thing, name, self._lines[place]))
            case "process", [pid, main]:
                self.pid, self.main = pid, main
            case "exit", [code]:
                self.code = code
            case "turn", [*_, position, place]:
                self.turn = position, self._lines[place]
            case "pause" | "error" | "note" | "ran", [*what, place]:
                self.notes[kind].append((*what, self._lines[place]))
            case _:
                self.notes[kind].append(record)

    def _step(self, thread, start, end, thing, op, place, cause, *more):
        self.turn, is_main, line = None, thread == self.main, self._lines[place]
        self.is_alone &= is_main or not line
        is_task = is_main and not line and op == "receive" and self.letter != "P"
        what = start, end, self._things[thing], op, line, self._lines[cause or place], *more
        self.steps.append(Step(self.letter, *what, not is_main and not line, is_task))
        return self.steps[-1]

    def _hold(self, step):
        thing = step.thing
        if thing.kind == "lock":
            is_got = step.op == "acquire" and step.outcome == "done"
            self.held[thing] += is_got - (step.op == "release")
            if self.held[thing] < 0:
                self.strays.add(thing)

    @property
    def waits(self):
        """The step that its main thread has begun and not ended, the innermost one, or None."""
        return self._open[self.main][-1] if self._open[self.main] else None

    @property
    def state(self) -> ProcessState:
        """Where it stands now, as `analysis.find_stuck` asks. Each process holds its own life: who joins it waits for that."""
        held = {thing.identity for thing, count in self.held.items() if count > 0}
        held |= set() if self.is_over else {f"process {self.letter}"}
        strays = {thing.identity for thing in self.strays if not thing.permits}
        taken = {t.identity: (t.permits, n) for t, n in self.held.items() if t.permits}
        step, wait = self.waits, NO_STATE[1:5]
        # Others give up in the end: a database after some seconds.
        is_endless = step and step.op in ("acquire", "join") and step.arg in ("", "again")
        if is_endless and self.is_alone:
            name = step.wanted if step.op == "join" else step.shared
            wait = step.identity, name, step.arg == "again", step.identity
        return ProcessState(self.count, *wait, frozenset(held), frozenset(strays), taken)


class Recording:
    """What all processes of a `script` have recorded in `folder` so far; its `things` are known by their identities."""

    def __init__(self, folder):
        self.folder, self.script = Path(folder), ""
        self.journals: dict[str, Journal] = {}
        self.things: dict[str, Thing] = {}
        self._assigned = cache(_assigned)

    def read(self):
        """Take in what is new in all journals."""
        for path in self.folder.glob("*.log"):
            if path.stem not in self.journals:
                self.journals[path.stem] = Journal(path, self.things)
        is_new = [journal.read() for journal in self.journals.values()]
        for journal in self.journals.values():
            for letter, code in journal.notes["death"]:  # those that a signal has killed
                self.journals[letter].code = code
        if any(is_new):
            self._name_things()
        return self

    @property
    def processes(self):
        """The journals of the processes, in the order of their starts, the script's own first. Servers are none."""
        letters = sorted(filter(str.isalpha, self.journals), key=lambda n: (n != "P", len(n), n))
        return [self.journals[letter] for letter in letters]

    @property
    def lanes(self):
        """Those of the processes that have written something."""
        return [journal for journal in self.processes if journal.pid]

    @property
    def known_as(self):
        """What has two names: processes by "pid 7", of a two-way pipe one end by the other; and queues of tasks for one worker."""
        journals = self.journals.values()
        pids = {f"pid {journal.pid}": journal.letter for journal in journals}
        ends = {f"signal {a}": f"signal {b}" for j in journals for a, b in j.notes["pair"]}
        return pids, ends, {f"signal {tasks}" for j in journals for (tasks,) in j.notes["single"]}

    @property
    def events(self):
        """All steps on what processes share: lane by lane, in the order of their starts."""
        return [s for j in self.lanes for s in sorted(j.steps, key=lambda step: step.start)]

    # ---- names

    def _name_things(self):
        """Give all that was shared the names that the script has for them."""
        said, counts, alike = {}, Counter(), defaultdict(dict)
        for journal in self.processes:
            for thing, name, line in journal.made:
                known, at, _ = said.setdefault(thing, (name, line, journal.letter))
                if (line and not at) or (":" in name and ":" not in known):
                    said[thing] = name, line or at, journal.letter
        for thing, (name, line, _) in said.items():
            base, _, item = thing.key.partition("[")  # an item has the name of the whole
            whole = item and self.things.get(f"value {base}")
            if whole and thing.kind == "value":
                thing.name, thing.made = f"{whole.name}[{item}", whole.made
                continue
            call, is_value = _CALL.match(name), thing.kind == "value" or name == "lock of"
            group = thing.kind, line, _VALUES if is_value else frozenset({call["kind"]})
            is_made = line and thing.kind in ("lock", "value", "signal")
            variable = self._variable(counts[group], *group[1:]) if is_made else ""
            counts[group] += 1
            thing.name, thing.made = _worded(thing, name, line, variable), line
            thing.permits = int(call["permits"] or 0)
        for thing, (*_, maker) in said.items():
            if thing.kind in ("lock", "value"):
                alike[thing.kind, thing.name][thing] = maker
        for makers in alike.values():  # of one name: told apart by who made them, or by numbers
            is_own = len({*makers.values()}) == len(makers)
            for number, (thing, maker) in enumerate(makers.items(), 1):
                if len(makers) > 1:
                    thing.name += f" ({maker}'s own)" if is_own else f" ({number})"

    def _variable(self, nth, line, calls):
        """The variable that the script's line gives to the `nth` thing that it makes by one of `calls`, "" where it gives it to none.

        For example, `a, b = Lock(), Lock()` calls the second one b, and `forks = [Lock() for _ in range(5)]` calls it forks[1].
        """
        at = (pair for lines, *pair in self._assigned(line.file) if line.number in lines)
        made = [(target, value) for target, value in at if _is_made(value, calls)]
        if not made:
            return ""
        target, value = made[nth % len(made)]  # a line that runs again makes them again
        return ast.unparse(target) + ("" if isinstance(value, ast.Call) else f"[{nth}]")


def _assigned(file):
    """All that a file assigns: the range of lines, the target and the value of each."""
    try:
        nodes = ast.walk(ast.parse(Path(file).read_bytes()))
    except (OSError, SyntaxError, ValueError):
        return []
    found = []
    for node in nodes:
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            is_each = isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple)
            sides = (target.elts, node.value.elts) if is_each else ([target], [node.value])
            lines = range(node.lineno, node.end_lineno + 1)
            found += [(lines, *pair) for pair in zip(*sides, strict=False)]
    return found


def _is_made(value, calls):
    """Whether a value is what one of these calls gives, such as `mp.Lock()`, or has it in it."""
    nodes = [value] if isinstance(value, ast.Call) else ast.walk(value)
    made = (ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call))
    return any(name.rpartition(".")[2] in calls for name in made)


def _worded(thing, name, line, variable):
    """What a thing is called that was recorded under this name, and made at this line for this variable."""
    if thing.kind == "file" or (thing.kind == "lock" and thing.is_freed):
        return _shortened(name)
    if thing.kind == "table":
        file, _, table = name.rpartition(": ")
        return f"table {table} in {_shortened(file)}"
    if name == "lock of":
        return f"the lock of {variable or 'a value'}"
    name = re.sub(r":\d+$", "", name)
    name = name.lower() if name in ("Lock", "Semaphore", "Condition", "Event", "Barrier") else name
    return variable or (f"the {name} made at {line}" if line else name)


def _shortened(path):
    """A path as the reader knows it: from the working folder, where it lies there."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path
