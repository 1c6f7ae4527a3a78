"""Where processes of a watched script can collide, read from a run that may have ended right.

Two accesses of two processes collide where one of them writes, no lock that both held keeps them apart, and no hand-over
orders them. What a hand-over orders is known by vector clocks (Lamport 1978, Mattern 1989): each process counts its accesses;
what it sends carries what it knows of all counts, and whoever receives it knows that too. For example

    P  writes 0 (its 1st)   starts A and B
    A                       reads (its 1st)    writes (its 2nd)   ends
    B                       reads (its 1st)    writes (its 2nd)   ends
    P                                                             joins both, reads

A knows of P's first access: the two are ordered. Of B's it knows nothing, nor does B of A's: in another run they may come in
any order. P has joined both, so its read comes after all. That one process got a lock after another orders nothing here: the
next time it may be the other way round.

A process that reads and later writes has a window in between. It loses an update where another one writes in its window: a
lock helps only if it is held from the read to the write.
"""

from collections import Counter, defaultdict
from itertools import combinations, permutations
from typing import NamedTuple

from helpers import analysis

WRITES = "write", "append", "empty", "add", "create", "replace", "remove"
_DATA = "file", "table", "value"


class Access(NamedTuple):
    """One access to a datum: its Step, its process, and what this process knew of all processes' accesses then."""

    process: str
    step: object
    knows: dict

    @property
    def number(self):
        """The how manieth access of its process it is."""
        return self.knows[self.process]

    def is_before(self, other):
        """Whether a hand-over, or the process itself, orders it before another one."""
        return other.knows.get(self.process, 0) >= self.number

    @property
    def line(self):
        """The line that asked for it."""
        return self.step.asked or self.step.done


class Window(NamedTuple):
    """From the read of one process to what it then writes there: its accesses in order, the first one is the read."""

    accesses: tuple[Access, ...]

    @property
    def process(self):
        return self.accesses[0].process

    @property
    def read(self):
        return self.accesses[0]

    @property
    def write(self):
        return self.accesses[-1]


class Collision(NamedTuple):
    """Two processes that can come into each other's way at a datum.

    `kind` is "lost update", "check then act", "half written" or "overwritten"; `first` are the accesses of the one that
    is disturbed, `other` those of the one that comes in between. `came` says whether that happened in this run.
    `locks` has what each access held, by its name.
    """

    kind: str
    name: str
    first: tuple[Access, ...]
    other: tuple[Access, ...]
    came: bool
    locks: tuple[tuple[str, ...], ...]

    @property
    def accesses(self):
        """All of them in an order that does the harm."""
        return (self.first[0], *self.other, *self.first[1:])

    @property
    def locks_of_both(self):
        """The names of the locks held at each access of the one that is disturbed, and of the other."""
        middle = 1 + len(self.other)
        return (self.locks[0], *self.locks[middle:]), self.locks[1:middle]

    @property
    def order(self):
        """That order as `watch(order=...)` takes it, such as "A5 B5 B9 A9"."""
        own = self.first[0].line.file
        return " ".join(
            dict.fromkeys(_named(access, self.accesses, own) for access in self.accesses)
        )


def _named(access, others, own):
    line, op = access.line, access.step.op
    kinds = {_kind(a.step.op) for a in others if a.line == line}
    kind = _kind(op) if len(kinds) > 1 or access.step.thing[0] == "value" else ""
    file = "" if line.file == own else f":{line.file.rpartition('/')[2]}:"
    which = f"#{access.step.nth}" if access.step.nth > 1 else ""
    return f"{access.process}{file}{line.number}{kind}{which}"


def _kind(op):
    return "w" if op in WRITES else "r"


class Crossing(NamedTuple):
    """Locks that processes take in a circle, not all at once in this run: (process, held lock, taken lock, line) for each."""

    takes: tuple[tuple, ...]


def accesses(recording):
    """All Accesses to data, by datum, with what each process knew then."""
    clocks = defaultdict(Counter)
    sent, inbox, found = defaultdict(Counter), defaultdict(Counter), defaultdict(list)
    pids = {f"pid {j.pid}": j.letter for j in recording.lanes}
    same = _pairs(recording)
    for *_, journal, step, moment in _moments(recording):
        me = journal.letter
        is_own = (
            step.done is None and step.thread != journal.main
        )  # a thread that multiprocessing runs for itself
        thing = same.get(step.thing, step.thing)
        if moment == "access":
            clocks[me][me] += 1
            found[step.thing].append(Access(me, step, dict(clocks[me])))
        elif step.op == "start":
            clocks[thing[1]] |= clocks[me]
        elif step.op == "join":
            clocks[me] |= clocks[pids.get(thing[1], thing[1])]
        elif step.op == "collect":
            clocks[me] |= inbox[me]
        elif moment == "sent":
            sent[thing] |= clocks[me]
        else:
            (inbox if is_own else clocks)[me] |= sent[thing]
    return found


def _moments(recording):
    """What happens, in the order of time: accesses and what is sent at their start, what is received at its end."""
    signals, found = _signalling(recording), []
    for journal in recording.lanes:
        for number, step in enumerate(journal.steps):
            if moment := _moment(step, signals):
                at = step.end if moment == "received" else step.start
                found.append((at, journal.letter, number, journal, step, moment))
    return sorted(found, key=lambda entry: entry[:3])


def _moment(step, signals):
    if step.thing[0] in _DATA and step.outcome != "open":
        return "access"
    if step.op in ("send", "start") or (step.op == "release" and step.thing in signals):
        return "sent"
    is_got = step.outcome == "done"
    if is_got and (
        step.op in ("receive", "collect", "join")
        or (step.op == "acquire" and step.thing in signals)
    ):
        return "received"
    return None


def _signalling(recording):
    """The semaphores and locks that some process gave back more often than it took them: they order, and guard nothing."""
    found = set()
    for journal in recording.lanes:
        held = Counter()
        for step in journal.steps:
            if step.thing[0] == "lock" and step.outcome == "done":
                held[step.thing] += {"acquire": 1, "release": -1}.get(step.op, 0)
                if held[step.thing] < 0:
                    found.add(step.thing)
    return found


def _pairs(recording):
    """The two ends of a two-way pipe are one thing: a dict from the one end to the other."""
    return {
        ("signal", one): ("signal", other)
        for j in recording.journals.values()
        for one, other in j.pairs
    }


def collisions(recording):
    """All Collisions that the run shows to be possible, the worst of each pair of lines first."""
    guards = _Guards(recording)
    found = []
    for key, all_of in accesses(recording).items():
        name = recording.things[key].name
        if len({access.process for access in all_of}) < 2:
            continue
        windows = {
            process: list(_windows([a for a in all_of if a.process == process]))
            for process in {a.process for a in all_of}
        }
        for one, other in permutations(windows, 2):
            found += _between(name, windows[one], windows[other], all_of, other, guards)
        found += _apart(name, all_of, guards, key)
    rank = "lost update", "check then act", "half written", "overwritten"
    first = {}
    for each in sorted(
        found, key=lambda c: (rank.index(c.kind), not c.came, c.first[0].step.start)
    ):
        lines = frozenset(access.line for access in each.accesses)
        first.setdefault((each.name, lines), each)
    worst = {}
    for (name, _), each in first.items():
        worst.setdefault((name, each.kind), each)
    return list(worst.values())


def forced_orders(recording):
    """For each datum and two processes, an order in which the second one comes as soon as the first one has read.

    Those that a hand-over orders are left out; whether a lock keeps them apart is not asked.
    """
    for all_of in accesses(recording).values():
        windows = {
            p: list(_windows([a for a in all_of if a.process == p]))
            for p in sorted({a.process for a in all_of})
        }
        for one, other in permutations(windows, 2):
            pairs = ((mine, theirs) for mine in windows[one] for theirs in windows[other])
            free = (
                (m, t)
                for m, t in pairs
                if not t.write.is_before(m.read) and not m.write.is_before(t.read)
            )
            for mine, theirs in free:
                order = (mine.read, *theirs.accesses, *mine.accesses[1:])
                yield " ".join(dict.fromkeys(_named(a, order, mine.read.line.file) for a in order))
                break


def _windows(mine):
    """The Windows of one process at one datum: from the last read, or look, to the writes that follow it in a row."""
    read, writes = None, []
    for access in [*mine, None]:
        op = access.step.op if access else "read"
        is_reading = op in ("read", "look")
        if is_reading and read and writes:
            yield Window((read, *writes))
            read, writes = None, []
        if is_reading:
            # What is read on at once, is one read; a look counts where nothing was read after it.
            is_more = (
                read is not None
                and access is not None
                and read.line == access.line
                and read.step.op == op
            )
            read = read if is_more else access
        elif op in ("write", "empty", "replace", "append") and access.step.outcome == "done":
            writes.append(access)


def _between(name, windows, theirs, all_of, other, guards):
    """Collisions where `other` writes in a window of one process."""
    writes = [
        a
        for a in all_of
        if a.process == other
        and a.step.op in ("write", "empty", "add", "replace", "append")
        and a.step.outcome == "done"
    ]
    for window in windows:
        is_look = window.read.step.op == "look"
        if is_look and window.write.step.op == "append":
            continue
        for write in writes:
            if write.is_before(window.read) or window.write.is_before(write):
                continue
            if guards.keep_apart(window.accesses, (write,)):
                continue
            own = next((w.accesses for w in theirs if write in w.accesses), (write,))
            if (
                own[0].is_before(window.read)
                or guards.keep_apart(window.accesses, own)
                or window.write.is_before(own[0])
            ):
                own = (write,)
            came = window.read.step.start < write.step.start < window.write.step.start
            kind = "check then act" if is_look else "lost update"
            locks = tuple(guards.names_at(a) for a in (window.read, *own, *window.accesses[1:]))
            yield Collision(kind, name, window.accesses, own, came, locks)
            return


def _apart(name, all_of, guards, key):
    """Collisions of single accesses: a file that is read while it is written, and one that two write."""
    for one, other in combinations(all_of, 2):
        if one.process == other.process or one.is_before(other) or other.is_before(one):
            continue
        ops = {one.step.op, other.step.op}
        if (
            guards.keep_apart((one,), (other,))
            or "look" in ops
            or "raised" in (one.step.outcome, other.step.outcome)
        ):
            continue
        first, second = sorted((one, other), key=lambda a: a.step.op == "read")
        kind = ""
        if ops <= {"write", "empty", "replace"}:
            kind = "overwritten"
        elif key[0] == "file" and first.step.op in ("write", "empty") and second.step.op == "read":
            kind = "half written"
        if kind:
            came = first.step.start <= second.step.start <= (first.step.end or first.step.start)
            yield Collision(
                kind,
                name,
                (first,),
                (second,),
                came,
                tuple(guards.names_at(a) for a in (first, second)),
            )


class _Guards:
    """Which locks guarded which accesses."""

    def __init__(self, recording):
        self.names = {" ".join(key): thing.name for key, thing in recording.things.items()}
        signals = {" ".join(key) for key in _signalling(recording)}
        many = {" ".join(key) for key, thing in recording.things.items() if thing.permits > 1}
        events = list(recording.events)
        own = _lock_files(events)
        self._shared = {
            (e.process, e.identity) for e in events if e.op == "acquire" and e.arg == "shared"
        }
        spans = analysis.holds([e for e in events if e.identity.startswith("lock ")] + own)
        self._spans = defaultdict(list)
        for span in spans:
            if span.identity not in signals | many:
                self._spans[span.process].append(span)

    def over(self, accesses):
        """The locks that the process of some accesses holds from the first one to the last, by identity."""
        start, end = accesses[0].step.start, accesses[-1].step.end or accesses[-1].step.start
        return {
            s.identity
            for s in self._spans[accesses[0].process]
            if s.start <= start and (s.end is None or end <= s.end)
        }

    def keep_apart(self, one, other):
        """Whether a lock lets only one of two processes at these accesses at a time."""
        common = self.over(one) & self.over(other)
        both = one[0].process, other[0].process
        return any(not all((process, lock) in self._shared for process in both) for lock in common)

    def names_at(self, access):
        """The names of the locks held at one access."""
        return tuple(sorted(self.names.get(lock, lock) for lock in self.over((access,))))


def _lock_files(events):
    """Files that serve as locks, made by a step that fails where they are there: their holds, as Events of a lock."""
    ops = {"create": "acquire", "remove": "release"}
    done = [e for e in events if e.identity.startswith("file ") and e.outcome == "done"]
    of = defaultdict(set)
    for event in done:
        of[event.identity].add(event.op)
    serving = {identity for identity, did in of.items() if did >= {*ops} and "read" not in did}
    return [
        event._replace(op=ops[event.op], arg="")
        for event in done
        if event.identity in serving and event.op in ops
    ]


def crossings(recording):
    """Circles of locks that processes take one after the other, which have not met in this run: Crossings."""
    takes = {}
    for journal in recording.lanes:
        held = {}
        for step in journal.steps:
            if step.thing[0] != "lock":
                continue
            if step.op == "acquire" and step.outcome == "done":
                for other in held:
                    if other != step.thing and not step.arg:
                        takes.setdefault((journal.letter, other, step.thing), step.done)
                held[step.thing] = step.done
            elif step.op == "release":
                held.pop(step.thing, None)
    found = []
    for (one, x, y), (other, v, w) in combinations(takes, 2):
        if one != other and (x, y) == (w, v):
            pair = (one, x, y, takes[one, x, y]), (other, v, w, takes[other, v, w])
            found.append(
                Crossing(
                    tuple(
                        (p, recording.things[a].name, recording.things[b].name, line)
                        for p, a, b, line in pair
                    )
                )
            )
    return found[:1]
