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

from bisect import bisect_right
from collections import Counter, defaultdict
from itertools import combinations, islice, permutations, product
from typing import NamedTuple

from helpers import analysis

WRITES = "write", "append", "empty", "add", "create", "replace", "remove"
_DATA = "file", "table", "value"
_READING = "read", "look"
_REPLACING = "write", "empty", "replace", "append"  # these do not look at what was there
_CHANGING = "add", *_REPLACING
_RANK = "lost update", "check then act", "half written", "overwritten"
_FEW = 12


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


def _order(accesses):
    own = accesses[0].line.file
    return " ".join(dict.fromkeys(_named(access, accesses, own) for access in accesses))


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
    """The Collisions that the run shows to be possible: of each kind at each datum one, the worst first."""
    guards, found = _Guards(recording), []
    for key, all_of in accesses(recording).items():
        windows = _windows_of(all_of, guards)
        for one, other in permutations(windows, 2):
            writes = [a for a in all_of if a.process == other and a.step.op in _CHANGING]
            writes = _few([a for a in writes if a.step.outcome == "done"], guards.look)
            found += [(key, *c) for c in _between(windows[one], windows[other], writes, guards)]
            looks = [a for a in all_of if a.process == other and a.step.op == "look"]
            found += [(key, *c) for c in _looking(windows[one], _few(looks, guards.look), guards)]
        found += [(key, *c) for c in _apart(key, _few(all_of, guards.look), guards)]
    found.sort(key=lambda c: (_RANK.index(c[1]), not c[4], c[2][0].step.start))
    worst = {(key, kind): (key, kind, *more) for key, kind, *more in reversed(found)}
    return [
        Collision(kind, recording.things[key].name, *more, _locks(guards, *more[:2]))
        for key, kind, *more in sorted(worst.values(), key=found.index)
    ]


def _locks(guards, first, other):
    return tuple(guards.names_at(access) for access in (first[0], *other, *first[1:]))


def forced_orders(recording):
    """For each datum and two processes, an order in which the second one comes as soon as the first one has read.

    Those that a hand-over orders are left out; whether a lock keeps them apart is not asked.
    """
    guards = _Guards(recording)
    for all_of in accesses(recording).values():
        windows = _windows_of(all_of, guards)
        for one, other in permutations(sorted(windows), 2):
            pairs = product(windows[one], windows[other])
            free = (
                (m, t)
                for m, t in pairs
                if not (t.write.is_before(m.read) or m.write.is_before(t.read))
            )
            for mine, theirs in islice(free, 1):
                yield _order((mine.read, *theirs.accesses, *mine.accesses[1:]))


def _windows_of(all_of, guards):
    """The Windows of each process at one datum, by its letter."""
    of = defaultdict(list)
    for access in all_of:
        of[access.process].append(access)
    return {process: _few(_windows(mine), guards.look) for process, mine in of.items()}


def _few(found, look):
    """Of many that look alike, the first and the last ones: thousands of rounds are asked no more than some."""
    alike = defaultdict(list)
    for each in found:
        alike[look(each)].append(each)
    groups = alike.values()
    return [x for some in groups for x in some[:_FEW] + some[max(_FEW, len(some) - _FEW) :]]


def _windows(mine):
    """The Windows of one process at one datum: from the last read, or look, to the writes that follow it in a row."""
    read, writes = None, []
    for access in [*mine, None]:
        if access and access.step.op not in _READING:
            if access.step.op in _REPLACING and access.step.outcome == "done":
                writes.append(access)
            continue
        if read and writes:
            yield Window((read, *writes))
            read, writes = None, []
        # What is read on by the same line is one read.
        if access and not (read and (read.line, read.step.op) == (access.line, access.step.op)):
            read = access


def _between(windows, theirs, writes, guards):
    """Collisions where another process, with windows of its own, writes in a window of one process; at most one."""
    for window, write in product(windows, writes):
        is_look = window.read.step.op == "look"
        if is_look and window.write.step.op == "append":
            continue
        if guards.is_kept_apart(window.accesses, (write,)):
            continue
        own = next((w.accesses for w in theirs if write in w.accesses), (write,))
        own = (write,) if guards.is_kept_apart(window.accesses, own) else own
        came = window.read.step.start < write.step.start < window.write.step.start
        yield "check then act" if is_look else "lost update", window.accesses, own, came
        return


def _looking(windows, looks, guards):
    """Collisions where another process looked by the same line, and found that it need not act; at most one."""
    for window, look in product(windows, looks):
        is_same = (window.read.line, window.read.step.op) == (look.line, "look")
        if is_same and not guards.is_kept_apart(window.accesses, (look,)):
            # As it would have acted, had it come in between.
            acts = [
                a._replace(process=look.process, step=a.step._replace(nth=1))
                for a in window.accesses[1:]
            ]
            yield "check then act", window.accesses, (look, *acts), False
            return


def _apart(key, some, guards):
    """Collisions of single accesses: a file that is read while it is written, and what two write."""
    some = [a for a in some if a.step.outcome == "done" and a.step.op in ("read", *_REPLACING)]
    for one, other in combinations(some, 2):
        if one.process == other.process or guards.is_kept_apart((one,), (other,)):
            continue
        first, second = sorted((one, other), key=lambda access: access.step.op == "read")
        ops = first.step.op, second.step.op
        came = first.step.start <= second.step.start <= (first.step.end or first.step.start)
        if "read" not in ops and "append" not in ops:
            yield "overwritten", (first,), (second,), came
        elif key[0] == "file" and ops in (("write", "read"), ("empty", "read")):
            yield "half written", (first,), (second,), came


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
        self._spans = defaultdict(lambda: defaultdict(list))
        for span in spans:
            if span.identity not in signals | many:
                self._spans[span.process][span.identity].append(span)

    def look(self, found):
        """How an Access, or a Window, looks: all that collides of it, collides of those that look like it."""
        some = (found,) if isinstance(found, Access) else found.accesses
        return tuple((a.line, a.process, a.step.op) for a in some), self.over(some)

    def over(self, accesses):
        """The locks that the process of some accesses holds from the first one to the last, by identity."""
        start, end = accesses[0].step.start, accesses[-1].step.end or accesses[-1].step.start
        held = self._spans[accesses[0].process]
        return frozenset(lock for lock, spans in held.items() if _covers(spans, start, end))

    def is_kept_apart(self, one, other):
        """Whether a hand-over orders the accesses of two processes, or a lock lets only one of them be there at a time."""
        if other[-1].is_before(one[0]) or one[-1].is_before(other[0]):
            return True
        common = self.over(one) & self.over(other)
        both = one[0].process, other[0].process
        return any(not all((process, lock) in self._shared for process in both) for lock in common)

    def names_at(self, access):
        """The names of the locks held at one access."""
        return tuple(sorted(self.names.get(lock, lock) for lock in self.over((access,))))


def _covers(spans, start, end):
    """Whether one of some spans, in the order of their starts, lasts from `start` to `end`."""
    at = bisect_right(spans, start, key=lambda span: span.start)
    return at > 0 and (spans[at - 1].end is None or end <= spans[at - 1].end)


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
