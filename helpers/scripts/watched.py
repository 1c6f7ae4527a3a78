"""`watch`: run a script of one's own, see what its processes shared, and be told where they can collide."""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from helpers import analysis
from helpers.events import listed
from helpers.lab.verdict import stuck_sentence
from helpers.scripts import races
from helpers.scripts.orders import Keeper, end_words, read_order
from helpers.scripts.reading import Line, Thing
from helpers.scripts.running import run_script, temporary_folder

_SPOILS = {
    "lost update": "loses an update",
    "check then act": "acts on what is no longer so",
    "half written": "reads what is half written",
    "overwritten": "overwrites what the other has written",
}


class Slow(NamedTuple):
    """A `time.sleep` of a script: who, how many seconds, at which Line, and the names of the locks held meanwhile."""

    process: str
    seconds: float
    line: Line
    held: tuple[str, ...]


@dataclass(frozen=True)
class Watched:
    """A run of a script: how it ended, who did what, and where its processes can collide.

    `exit_code` is None where it had to be ended, `ended` says why that was, "" where it ended by itself. `processes` are
    the letters of its lanes, P for the script's own process. `events` are all recorded steps on files, tables, values, locks
    and hand-overs, `lines` by (letter, index) the Lines that asked for a step and that did it, `held` the names of the locks that
    were held at it. `deaths` says of children how they failed, `pauses` are the script's sleeps, `orders` those that bring another
    process in between a read and a write, whether a lock forbids it or not. `collisions` and `crossings` are
    what may go wrong, the worst first; `unseen` says what was not recorded.
    """

    script: str
    exit_code: int | None
    ended: str
    sentence: str
    output: str
    errors: str
    processes: tuple[str, ...]
    events: tuple
    lines: dict[tuple[str, int], tuple[Line | None, Line | None]]
    things: tuple[Thing, ...]
    collisions: tuple[races.Collision, ...]
    crossings: tuple[races.Crossing, ...]
    unseen: tuple[str, ...]
    methods: tuple[str, ...]
    started: int
    elapsed: float
    limit: float
    held: dict[tuple[str, int], tuple[str, ...]]
    deaths: tuple[str, ...] = ()
    pauses: tuple["Slow", ...] = ()
    orders: tuple[str, ...] = ()
    stuck: analysis.Stuck | None = None

    @property
    def order(self):
        """An order of steps that does the harm, as `watch(..., order=...)` takes it; "" where none is known."""
        return self.collisions[0].order if self.collisions else ""

    def __str__(self):
        return self.sentence

    def __repr__(self):
        return f"<Watched {self.script}: {self.sentence}>"


def watch(script, *args, order="", start_method=None, limit=None, stop=None):
    """Run a script with its arguments as `python my_program.py` would, and record what its processes share: a Watched.

    `start_method` stands in for Python's default where the script sets none, `limit` is in seconds (None: as this machine was
    of late). Raises FileNotFoundError where there is no such script.
    """
    path = Path(script)
    if not path.is_file():
        raise FileNotFoundError(f"there is no script {script} in {Path.cwd()}")
    steps = read_order(order, script)
    with temporary_folder() as folder:
        keeper = Keeper(steps, folder) if steps else None
        ended = run_script([str(path), *map(str, args)], folder, start_method, limit, stop, keeper)
        said = end_words(keeper, steps) if keeper else ""
        if keeper:
            keeper.close()
        return _told(str(script), ended, said)


def _told(script, ended, said):
    recording = ended.recording
    events, lines = recording.events()
    found = races.collisions(recording)
    crossed = races.crossings(recording) if not ended.stuck else []
    started = min((step.start for j in recording.lanes for step in j.steps), default=0)
    return Watched(
        script=script,
        exit_code=ended.code,
        ended=ended.why,
        sentence=" ".join(filter(None, [said, *_sentences(ended, found, crossed)])),
        output=ended.output,
        errors=ended.errors,
        processes=tuple(j.letter for j in recording.lanes),
        events=tuple(events),
        lines=lines,
        things=tuple(recording.things.values()),
        collisions=tuple(found),
        crossings=tuple(crossed),
        unseen=tuple(_unseen(recording)),
        methods=tuple(dict.fromkeys(method for j in recording.lanes for method in j.methods)),
        started=started,
        elapsed=ended.elapsed,
        limit=ended.limit,
        held=_held(events),
        deaths=tuple(_deaths(recording)),
        pauses=tuple(_pauses(recording, events)),
        orders=tuple(races.forced_orders(recording)),
        stuck=ended.stuck,
    )


def _held(events):
    """The names of the locks that were held at each step, by (letter, index)."""
    held = analysis.locks_held(e for e in events if e.identity.startswith("lock "))
    found, now = {}, defaultdict(tuple)
    for event in sorted(events, key=lambda event: (event.process, event.index)):
        if event in held:
            now[event.process] = tuple(sorted(taken.shared for taken in held[event].values()))
        found[event.process, event.index] = now[event.process]
    return found


def _deaths(recording):
    return [_death_words(j) for j in recording.lanes if j.letter != "P" and (j.code or j.errors)]


def _pauses(recording, events):
    spans = analysis.holds(e for e in events if e.identity.startswith("lock "))
    for journal in recording.lanes:
        mine = [span for span in spans if span.process == journal.letter]
        for start, end, seconds, line in journal.pauses:
            held = {span.lock for span in mine if span.start <= start and (span.end is None or span.end >= end)}
            yield Slow(journal.letter, seconds, line, tuple(sorted(held)))


def _unseen(recording):
    at = defaultdict(list)
    for journal in recording.lanes:
        for what, line in journal.notes:
            if line and str(line) not in at[what]:
                at[what].append(str(line))
    return [f"{what} ({listed(lines)})" for what, lines in at.items()]


# ---- in words


def _sentences(ended, found, crossed):
    """How it ended, and what may happen another time."""
    yield _end_words(ended)
    died = _deaths(ended.recording)
    if died:
        yield f"{'; '.join(died)}."
    is_bad = bool(ended.why or ended.code or died)
    if found:
        yield _collision_words(found[0]) if is_bad else f"It need not. {_collision_words(found[0])}"
    for crossing in crossed:
        yield _crossing_words(crossing)
    if not is_bad and not found and not crossed:
        yield "Nothing that its processes shared was open to another one at the wrong moment, as far as it was recorded."


def _end_words(ended):
    if ended.stuck:
        where = [_waits_at(letter, step, ended.recording) for letter, step in ended.waits if step.op in ("acquire", "join")]
        return f"{_stuck_words(ended)}: {'; '.join(where)}." if where else f"{_stuck_words(ended)}."
    if ended.why == "timed out":
        where = [_waits_at(letter, step, ended.recording) for letter, step in ended.waits]
        tail = f": {'; '.join(where)}" if where else ""
        return f"This run was ended after {ended.limit:g} s{tail}."
    if ended.why:
        return "This run was stopped."
    if ended.code:
        last = ended.errors.strip().splitlines()[-1:] or [""]
        return f"This run ended with exit code {ended.code}{f': {last[0]}' if last[0] else ''}."
    if any(j.code or j.errors for j in ended.recording.lanes):
        return "This run ended."
    return "This run ended right."


def _death_words(journal):
    if not journal.errors:
        return f"{journal.letter} ended with exit code {journal.code}"
    kind, message, line = journal.errors[-1]
    return f"{journal.letter} died{f' at {line}' if line else ''}: {kind}{f': {message}' if message else ''}"


def _stuck_words(ended):
    return stuck_sentence(ended.stuck, {}).capitalize()


def _waits_at(letter, step, recording):
    name = recording.things[step.thing].name
    at = f" at {step.done}" if step.done else ""
    words = {"join": f"the end of {name}", "acquire": analysis.lock_words(name), "receive": f"something from {name}", "collect": "results"}
    return f"{letter} waits{at} for {words.get(step.op, name)}"


def _collision_words(collision):
    first, *later = collision.first
    writes, verb = _lines_words(later or [first])
    writes = writes[0].upper() + writes[1:]
    if collision.kind in ("lost update", "check then act"):
        looks = "looks at" if collision.kind == "check then act" else "reads"
        say = f"{writes} {verb} {collision.name}, and no lock keeps the others away from {first.line} on, which {looks} it"
        say += _held_words(collision)
    else:
        others, _ = _lines_words(collision.other)
        say = f"{writes} {verb} {collision.name}, and no lock keeps {others} away"
    return f"{say}. An order that {_SPOILS[collision.kind]}: {collision.order}."


def _lines_words(accesses):
    """The lines of some writes, with their verb: ("lines 7 and 8", "write")."""
    lines = list(dict.fromkeys(access.line for access in accesses))
    if len(lines) == 1:
        return f"{lines[0]}", "writes"
    return f"lines {listed(str(line.number) for line in lines)}", "write"


def _held_words(collision):
    """What was held at these accesses, if it was anything: why it does not help."""
    one, other = (sorted(set(sum(locks, ()))) for locks in (collision.locks_of_first, collision.locks_of_other))
    if not one and not other:
        return ""
    mine, theirs = (listed(map(analysis.lock_words, names)) if names else "no lock" for names in (one, other))
    who = collision.first[0].process, collision.other[0].process
    if one == other:
        return f" ({who[0]} holds {mine} at each of them, but not from the first to the last)"
    return f" ({who[0]} holds {mine}, {who[1]} {theirs})"


def _crossing_words(crossing):
    parts = [f"{line} takes {y} after {x}" for _, x, y, line in crossing.takes]
    return f"{', '.join(parts)}: they have not met yet, and where they do, each waits for the other for ever."

