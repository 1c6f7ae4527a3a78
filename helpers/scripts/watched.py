"""`watch`: run a script of one's own, see what its processes shared, and be told where they can collide."""

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from helpers import analysis
from helpers.events import listed
from helpers.lab.verdict import stuck_sentence
from helpers.scripts import races
from helpers.scripts.forced_order import Keeper, end_words, read_order
from helpers.scripts.races import signalling
from helpers.scripts.reading import Line, Recording
from helpers.scripts.running import is_freed, run_script, temporary_folder

_SPOILS = {
    "lost update": "loses an update",
    "check then act": "acts on what is no longer so",
    "torn record": "tears a record",
    "half written": "reads what is half written",
    "overwritten": "overwrites what the other has written",
}
_WAITS = {"join": "the end of {}", "receive": "something from {}", "collect": "{}"}
_LONGEST = 60  # letters of a file that a sentence quotes


class Sleep(NamedTuple):
    """A `time.sleep` of a script: who, how many seconds, at which Line, and the names of the locks held meanwhile."""

    process: str
    seconds: float
    line: Line
    held: tuple[str, ...]


@dataclass(frozen=True)
class Watched:
    """A run of a script: how it ended, who did what, and where its processes can collide.

    `exit_code` is None where it had to be ended, `ended` says why that was, "" where it ended by itself; `output` and `errors`
    are what it wrote, `elapsed` and `limit` seconds. With an order, `kept` says how far that was kept, and `says` has the
    text of each file, and the last value of each Value, that several processes used.
    """

    script: str
    exit_code: int | None
    ended: str
    stuck: analysis.Stuck | None
    output: str
    errors: str
    elapsed: float
    limit: float
    recording: Recording
    waits: tuple = ()
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
        used = (method for journal in self.recording.lanes for method in journal.methods)
        return tuple(dict.fromkeys(used))

    @cached_property
    def events(self):
        """All recorded steps on files, tables, values, locks and hand-overs, as Events."""
        return self.recording.events

    @property
    def lines(self):
        """By (letter, index) of a step, the Lines that asked for it and that did it, None where it was no line of the script."""
        return self.recording.event_lines

    @cached_property
    def held(self):
        """By (letter, index) of a step, the names of the locks that its process held."""
        held = analysis.locks_held(self.recording.lock_events)
        found, now = {}, defaultdict(tuple)
        for event in sorted(self.events, key=lambda event: (event.process, event.index)):
            if event in held:
                now[event.process] = tuple(sorted(t.shared for t in held[event].values()))
            found[event.process, event.index] = now[event.process]
        return found

    @cached_property
    def collisions(self):
        """Where two processes can come into each other's way, the worst first."""
        return tuple(races.collisions(self.recording))

    @cached_property
    def crossings(self):
        """Circles of locks that have not met in this run; () where one has."""
        return () if self.stuck else tuple(races.crossings(self.recording))

    @cached_property
    def kept_locks(self):
        """Locks that a process had when it ended, and that others wait for: (its letter, the lock's name, the Line that took it)."""
        return () if self.stuck or self.ended else tuple(_kept_locks(self.recording))

    @property
    def order(self):
        """An order of steps that does the harm, as `watch(..., order=...)` takes it; "" where none is known."""
        return next((found.order for found in (*self.collisions, *self.crossings)), "")

    @cached_property
    def orders(self):
        """Orders that bring a process in between a read and a write of another one, whether a lock forbids that or not."""
        return tuple(races.forced_orders(self.recording))

    @cached_property
    def pauses(self):
        """The script's sleeps, a Sleep for each."""
        spans = self.recording.holds
        return tuple(
            Sleep(
                j.letter,
                seconds,
                line,
                tuple(
                    sorted(
                        {s.lock for s in spans if s.process == j.letter and _lasts(s, start, end)}
                    )
                ),
            )
            for j in self.recording.lanes
            for start, end, seconds, line in j.pauses
        )

    @cached_property
    def deaths(self):
        """How processes failed that the script has started, in words."""
        return tuple(
            _death_words(j)
            for j in self.recording.lanes
            if j.letter != "P" and (j.code or j.errors)
        )

    @cached_property
    def unseen(self):
        """What was not recorded, in words."""
        at = defaultdict(dict)
        for journal in self.recording.lanes:
            for what, line in journal.notes:
                at[what][str(line)] = None
        return tuple(f"{what} ({listed(lines)})" for what, lines in at.items())

    @property
    def verdict(self):
        """In one word, as a Run has it: "correct", "lost_updates" (also where it only may), "deadlock", "crashed" and so on."""
        if self.stuck:
            return self.stuck.verdict
        if self.ended:
            return self.ended.replace(" ", "_")
        if self.exit_code or self.deaths:
            return "crashed"
        if self.collisions or self.crossings:
            return "lost_updates"
        return "orphaned_lock" if self.kept_locks else "correct"

    @cached_property
    def sentence(self):
        """How it ended, and what may happen another time."""
        return " ".join(filter(None, _sentences(self)))

    def __str__(self):
        return self.sentence

    def __repr__(self):
        return f"<Watched {self.script}: {self.sentence}>"


def _lasts(span, start, end):
    return span.start <= start and (span.end is None or span.end >= end)


def watch(script, *args, order="", start_method=None, limit=None, stop=None):
    """Run a script with its arguments as `python my_program.py` would, and record what its processes share: a Watched.

    `watch("-m", "package")` runs a package, as Python does.

    `start_method` stands in for Python's default where the script sets none, `limit` is in seconds (None: as this machine was
    of late). With an `order` such as "A5 B5 B9 A9" the processes take these steps one after the other: A is the first process
    that was started, P the script's own, 5 a line. What is not in the order is done when it comes, and after its end all run free.
    Raises FileNotFoundError where there is no such script, OrderError where the order cannot be read.
    """
    steps = read_order(order, _file_of(script, args))
    with temporary_folder() as folder:
        keeper = Keeper(steps, folder) if steps else None
        command = [str(script), *map(str, args)]
        ended = run_script(command, folder, start_method, limit, stop, keeper)
        # Names are read from the script and its folder, which may be another one, or gone, when somebody asks for them.
        ended.recording.events  # noqa: B018
        kept = end_words(keeper, steps, ended) if keeper else ""
        says = tuple(_says(ended.recording)) if keeper else ()
    more = {"args": args, "start_method": start_method, "kept": kept, "says": says}
    return Watched(str(script), **ended._asdict(), **more)


def _file_of(script, args):
    """The file that Python runs first: the script, or the main one of a folder or of a package behind -m."""
    path = Path(script) if script != "-m" else Path(*"".join(args[:1]).split("."))
    for found in path, path / "__main__.py", path.with_suffix(".py"):
        if found.is_file():
            return found
    raise FileNotFoundError(f"there is no script {path} in {Path.cwd()}")


def _kept_locks(recording):
    signals = signalling(recording)
    for journal in recording.lanes:
        for key in (key for key, count in journal.held.items() if count > 0):
            thing = recording.things[key]
            last = [
                s for s in journal.steps if (s.op, s.thing, s.outcome) == ("acquire", key, "done")
            ][-1]
            others = (s for j in recording.lanes if j is not journal for s in j.steps)
            is_wanted = any((s.op, s.thing, s.arg) == ("acquire", key, "") for s in others)
            is_lock = key not in signals and thing.permits <= 1 and not is_freed(thing)
            if journal.letter != "P" and is_wanted and is_lock and last.arg != "try":
                yield journal.letter, thing.name, last.done


def _says(recording):
    """What each datum says in the end that several processes used, as far as it is a short text or a plain value."""
    users, last = defaultdict(set), {}
    for event in sorted(recording.events, key=lambda event: event.start):
        users[event.identity].add(event.process)
        if event.op == "write":
            last[event.identity] = event.seen
    for key, thing in recording.things.items():
        identity = " ".join(key)
        if len(users[identity]) > 1 and thing.kind == "value" and last.get(identity):
            yield thing.name, last[identity]
        elif len(users[identity]) > 1 and thing.kind == "file" and Path(thing.identity).is_file():
            text = Path(thing.identity).read_text(errors="replace")
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
    waits = "; ".join(_waits_words(*each, watched.recording) for each in watched.waits)
    if watched.stuck:
        say = stuck_sentence(watched.stuck, {})
        # Whose end it is that somebody waits for needs not be said twice.
        say = re.sub(r"(the end of \w+), which \w+ holds", r"\1", say)
        return f"{say[0].upper()}{say[1:]}: {waits}."
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
    if not journal.errors:
        return f"{journal.letter} ended with exit code {journal.code}"
    kind, message, line = journal.errors[-1]
    return f"{journal.letter} died{f' at {line}' if line else ''}: {kind}{f': {message}' if message else ''}"


def _waits_words(letter, step, recording):
    name = recording.things[step.thing].name
    what = (
        _WAITS.get(step.op, "{}").format(name)
        if step.op != "acquire"
        else analysis.lock_words(name)
    )
    return f"{letter} waits{f' at {step.done}' if step.done else ''} for {what}"


def _collision_words(collision):
    first, *later = collision.first
    writes, verb = _lines_words(later or [first])
    say = f"{writes[0].upper()}{writes[1:]} {verb} {collision.name}, and no lock"
    if collision.kind == "torn record":
        writes, verb = _lines_words(collision.first)
        say = f"{writes[0].upper()}{writes[1:]} {verb} one record of {collision.name} in steps, and no lock"
        say += f" keeps the others away from the first to the last{_held_words(collision)}"
    elif later:
        looks = "looks at" if collision.kind == "check then act" else "reads"
        say += (
            f" keeps the others away from {first.line} on, which {looks} it{_held_words(collision)}"
        )
    else:
        say += f" keeps {_lines_words(collision.other)[0]} away"
    came = (
        f" In this run {collision.other[0].process} did come in between."
        if collision.came and later
        else ""
    )
    return f"{say}.{came} An order that {_SPOILS[collision.kind]}: {collision.order}."


def _lines_words(accesses):
    """The lines of some writes, with their verb: ("lines 7 and 8", "write")."""
    lines = list(dict.fromkeys(access.line for access in accesses))
    if len(lines) == 1:
        return f"{lines[0]}", "writes"
    return f"lines {listed(str(line.number) for line in lines)}", "write"


def _held_words(collision):
    """What was held at these accesses, if it was anything: why it does not help."""
    of = [sorted({name for held in some for name in held}) for some in collision.locks]
    if of == [[], []]:
        return ""
    mine, theirs = (listed(map(analysis.lock_words, names)) if names else "no lock" for names in of)
    one, other = collision.first[0].process, collision.other[0].process
    if mine != theirs:
        return f" ({one} holds {mine}, {other} {theirs})"
    pairs = zip(collision.first, collision.locks[0], strict=True)
    if bare := [access for access, held in pairs if not held]:
        return f" ({one} holds {mine}, but not at {_lines_words(bare)[0]})"
    return f" ({one} holds {mine} at each of them, but not from the first to the last)"


def _crossing_words(crossing):
    takes = [f"{process} takes {y} after {x} at {line}" for process, x, y, line in crossing.takes]
    return f"{listed(takes)}: they have not met in this run, and where they do, all of them wait for ever. An order that leads there: {crossing.order}."
