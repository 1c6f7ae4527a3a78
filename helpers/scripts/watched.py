"""`watch`: run a script of one's own, see what its processes shared, and be told where they can collide."""

import os
import re
import tempfile
from bisect import bisect
from collections import defaultdict, namedtuple
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from helpers import analysis
from helpers.events import listed
from helpers.lab.verdict import stuck_sentence
from helpers.scripts.forced_order import Keeper, read_order
from helpers.scripts.races import Races
from helpers.scripts.running import Ended, run_script

_SPOILS = {
    "lost update": "loses an update",
    "check then act": "acts on what is no longer so",
    "torn record": "tears a record",
    "half written": "reads what is half written",
    "overwritten": "overwrites what the other has written",
}
_LONGEST = 60  # letters of a file that a sentence quotes


class Sleep(namedtuple("Sleep", "process task seconds line held")):
    """A `time.sleep` of a script: who, in its how manieth task if it is a pool's, how many seconds, at which Line, and the names
    of the locks held meanwhile."""


@dataclass(frozen=True, repr=False)
class Watched(Ended):
    """A run of a script: how it Ended, who did what, and where its processes can collide.

    With an order, `kept` says how far that was kept, and `says` has the text of each file, and the last value of each Value, that
    several processes used.
    """

    script: str
    args: tuple = ()
    start_method: str | None = None
    kept: str = ""
    says: tuple[tuple[str, str], ...] = ()

    @property
    def processes(self):
        """The letters of its lanes: P for the script's own process, then A, B and so on in the order of their starts."""
        return tuple(journal.letter for journal in self.recording.lanes)

    @property
    def methods(self):
        """The start methods that it used."""
        used = (name for journal in self.recording.lanes for (name,) in journal.notes["method"])
        return tuple(dict.fromkeys(used))

    @cached_property
    def races(self):
        """What is read from its steps: a Races."""
        return Races(self.recording)

    @property
    def events(self):
        """All recorded steps on files, tables, values, locks and hand-overs, in the order of their starts in each process."""
        return self.races.events

    @property
    def collisions(self):
        """Where two processes can come into each other's way, the worst first."""
        return self.races.collisions

    @property
    def colliding(self):
        """The accesses of the worst collision: the letter and the start of each."""
        worst = self.collisions[:1]
        return {(a.process, a.start) for each in worst for a in (*each.first, *each.other)}

    @property
    def crossings(self):
        """Circles of locks that have not met in this run; () where one has."""
        return () if self.stuck else self.races.crossings

    @property
    def kept_locks(self):
        """Locks that a process had when it ended, and that others wait for."""
        return () if self.ended else self.races.kept_locks

    @property
    def order(self):
        """An order of steps that does the harm, as `watch(..., order=...)` takes it; "" where none is known."""
        return next((found.order for found in (*self.collisions, *self.crossings)), "")

    @cached_property
    def pauses(self):
        """The script's sleeps, a Sleep for each."""
        found = []
        for journal in self.recording.lanes:
            tasks = [step.end for step in journal.steps if step.is_task and step.end]
            for _, start, end, seconds, line in journal.notes["pause"]:
                spans = self.races.held(journal.letter, start, end)
                locks = sorted({s.lock for s in spans if s.identity.startswith("lock ")})
                task = bisect(tasks, start)
                found.append(Sleep(journal.letter, task, seconds, line, tuple(locks)))
        return tuple(found)

    @cached_property
    def deaths(self):
        """How processes failed that the script has started, in words."""
        lanes = (journal for journal in self.recording.lanes if journal.letter != "P")
        return tuple(_death_words(j) for j in lanes if j.code or j.notes["error"])

    @cached_property
    def unseen(self):
        """What was not recorded, in words."""
        at, lanes = defaultdict(dict), self.recording.lanes
        for journal in lanes:
            for what, line in journal.notes["note"]:
                at[what][str(line)] = None
            for pid, line in journal.notes["ran"]:
                if line and all(pid != lane.pid for lane in lanes):
                    at["a program started by subprocess"][str(line)] = None
        return tuple(f"{what} ({listed(lines)})" for what, lines in at.items())

    @property
    def verdict(self):
        """In one word, as a Run has it: "correct", "lost_updates" (also where it only may), "deadlock", "crashed" and so on."""
        stuck = self.stuck.verdict if self.stuck else ""
        crashed = "crashed" if self.exit_code or self.deaths else ""
        lost = "lost_updates" if self.collisions or self.crossings else ""
        kept = "orphaned_lock" if self.kept_locks else "correct"
        return stuck or self.ended.replace(" ", "_") or crashed or lost or kept

    @cached_property
    def sentence(self):
        """How it ended, and what may happen another time."""
        return " ".join(filter(None, _sentences(self)))

    def __str__(self):
        return self.sentence

    def __repr__(self):
        return f"<Watched {self.script}: {self.sentence}>"


def watch(script, *args, order="", start_method=None, limit=None, stop=None):
    """Run a script with its arguments as `python my_program.py` would, and record what its processes share: a Watched.

    `watch("-m", "package")` runs a package, as Python does.

    `start_method` stands in for Python's default where the script sets none, `limit` is in seconds (None: as this machine was
    of late). With an `order` such as "A5 B5 B9 A9" the processes take these steps one after the other: A is the first process
    that was started, P the script's own, 5 a line. What is not in the order is done when it comes, and after its end all run free.
    Raises FileNotFoundError where there is no such script, OrderError where the order cannot be read.
    """
    path = _file_of(script, args)
    steps = read_order(order, path)
    with tempfile.TemporaryDirectory(prefix="watched-", ignore_cleanup_errors=True) as folder:
        keeper = Keeper(steps, folder) if steps else None
        command = [str(script), *map(str, args)]
        ended = run_script(command, folder, start_method, limit, stop, keeper)
        ended.recording.script = os.path.abspath(path)
        more = {"script": str(script), "args": args, "start_method": start_method}
        if keeper:
            more |= {"kept": keeper.end_words(ended), "says": tuple(_says(ended.recording))}
    return Watched(**vars(ended), **more)


def _file_of(script, args):
    """The file that Python runs first: the script, or the main one of a folder or of a package behind -m."""
    path = Path(script) if script != "-m" else Path(*"".join(args[:1]).split("."))
    for found in path, path / "__main__.py", path.with_suffix(".py"):
        if found.is_file():
            return found
    raise FileNotFoundError(f"there is no script {path} in {Path.cwd()}")


def _says(recording):
    """What each datum says in the end that several processes used, as far as it is a short text or a plain value."""
    users, steps = defaultdict(set), recording.events
    last = {s.thing: s.seen for s in sorted(steps, key=lambda s: s.start) if s.op == "write"}
    for step in steps:
        users[step.thing].add(step.process)
    for thing in (thing for thing, processes in users.items() if len(processes) > 1):
        if thing.kind == "value" and last.get(thing):
            yield thing.name, last[thing]
        elif thing.kind == "file" and Path(thing.key).is_file():
            text = Path(thing.key).read_text(errors="replace")
            yield thing.name, text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


# ---- in words


def _sentences(watched):
    """How it ended, and what may happen another time; with an order, how far it was kept and what that led to."""
    is_bad = bool(watched.ended or watched.exit_code or watched.deaths)
    yield watched.kept
    if watched.kept and watched.says:
        says = (f"{name} says {text.strip() or 'nothing'}" for name, text in watched.says)
        yield f"In the end {'; '.join(says)}."
    if is_bad or not watched.kept:
        yield _end_words(watched)
    if watched.deaths:
        yield f"{'; '.join(watched.deaths)}."
    if watched.kept:
        return
    if watched.collisions:
        yield ("" if is_bad else "It need not. ") + _collision_words(watched.collisions[0])
    yield from map(_crossing_words, watched.crossings)
    for letter, name, line in watched.kept_locks:
        kept = f"{letter} ended and kept {analysis.lock_words(name)}, which it took at {line}"
        yield f"{kept}: whoever wants it after that waits for ever."
    if watched.start_method and {*watched.methods} - {watched.start_method}:
        yield f"The script sets its start method itself: {listed(watched.methods)}."
    if not (is_bad or watched.collisions or watched.crossings or watched.kept_locks):
        yield "Whatever several processes used was kept apart by locks or ordered by hand-overs, as far as it was recorded."


def _end_words(watched):
    waits = "; ".join(step.wait for step in watched.waits)
    if watched.stuck:
        say = stuck_sentence(watched.stuck, {})
        # Whose end it is that somebody waits for needs not be said twice.
        say = re.sub(r"(the end of \w+), which \w+ holds", r"\1", say)
        return f"{_capital(say)}: {waits}."
    if watched.ended == "timed out":
        return f"This run was ended after {watched.limit:g} s{f': {waits}' if waits else ''}."
    if watched.ended:
        return "This run was stopped."
    if watched.exit_code:
        # Of one that a signal has killed, others had the last word.
        last = watched.errors.strip().splitlines()[-1:] if watched.exit_code > 0 else []
        return f"This run ended with exit code {watched.exit_code}{f': {last[0]}' if last else ''}."
    return "This run ended." if watched.deaths else "This run ended right."


def _death_words(journal):
    if not journal.notes["error"]:
        return f"{journal.letter} ended with exit code {journal.code}"
    kind, message, line = journal.notes["error"][-1]
    return f"{journal.letter} died{f' at {line}' if line else ''}: {kind}{f': {message}' if message else ''}"


def _collision_words(collision):
    first, *later = collision.first
    name, held, came = collision.name, _held_words(collision), ""
    if later and collision.came:
        came = f" In this run {collision.other[0].process} did come in between."
    if collision.kind == "torn record":
        say = f"{_write_words(collision.first)} one record of {name} in steps, and no lock keeps the others away from the first to the last{held}"
    elif later:
        looks = "looks at" if collision.kind == "check then act" else "reads"
        say = f"{_write_words(later)} {name}, and no lock keeps the others away from {first.line} on, which {looks} it{held}"
    else:
        say = f"{_write_words([first])} {name}, and no lock keeps {_lines(collision.other)} away"
    return f"{_capital(say)}.{came} An order that {_SPOILS[collision.kind]}: {collision.order}."


def _capital(say):
    return f"{say[0].upper()}{say[1:]}"


def _lines(steps):
    """The lines of some steps: "line 5", "lines 7 and 8"."""
    first, *more = numbers = list(dict.fromkeys(str(step.line.number) for step in steps))
    return f"lines {listed(numbers)}" if more else f"line {first}"


def _write_words(steps):
    lines = _lines(steps)
    return f"{lines} {'write' if lines.startswith('lines') else 'writes'}"


def _held_words(collision):
    """What was held at these accesses, if it was anything: why it does not help."""
    of = collision.locks
    if not any(of):
        return ""
    mine, theirs = (listed(map(analysis.lock_words, names)) if names else "no lock" for names in of)
    one, other = collision.first[0].process, collision.other[0].process
    if mine != theirs:
        return f" ({one} holds {mine}, {other} {theirs})"
    return f" ({one} holds {mine}, but not from the first to the last)"


def _crossing_words(crossing):
    takes = [f"{process} takes {y} after {x} at {line}" for process, x, y, line in crossing.takes]
    return f"{listed(takes)}: they have not met in this run, and where they do, all of them wait for ever. An order that leads there: {crossing.order}."
