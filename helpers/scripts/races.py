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

A pool's worker does one task after the other, and in another run somebody else might have done the next one: each task
counts as a process of its own, which knows what the worker knew before its first one, and what its message said.

A process that reads and later writes has a window in between. It loses an update where another one writes in its window: a
lock helps only if it is held from the read to the write.
"""

from bisect import bisect_right
from collections import Counter, defaultdict, deque
from itertools import combinations, pairwise, product
from typing import NamedTuple

from helpers import analysis
from helpers.scripts.recorder.journal import UNFINISHED, WRITES

_DATA = "file", "table", "value"
_READING = "read", "look"
_REPLACING = "write", "empty", "replace", "append"  # these do not look at what was there
_CHANGING = "add", *_REPLACING
_RANK = "lost update", "check then act", "torn record", "half written", "overwritten"
_FEW = 6


class Access(NamedTuple):
    """One access to a datum: its process's letter, its Step, who did it and what was known of all accesses then.

    `who` is the process, or one of its tasks; `knows` has a number for each who: so many of its accesses come before.
    """

    process: str
    step: object
    who: str
    knows: dict

    @property
    def line(self):
        """The line that asked for it."""
        return self.step.asked or self.step.done

    def is_before(self, other):
        """Whether a hand-over, or the process itself, orders it before another one."""
        return other.knows.get(self.who, 0) >= self.knows[self.who]


class Collision(NamedTuple):
    """Two processes that can come into each other's way at the datum `name`.

    `kind` is one of "lost update", "check then act", "torn record", "half written" and "overwritten"; `first` are the
    accesses of the one that is disturbed, `other` those of the one that comes in between. `came` says whether that happened
    in this run. `locks` has the names of what was held at each access of the first one, and of the other. `order` is one that
    does the harm, as `watch(order=...)` takes it, such as "A5 B5 B9 A9"; the locks that are taken on the way are in it.
    """

    kind: str
    name: str
    first: tuple[Access, ...]
    other: tuple[Access, ...]
    came: bool
    locks: tuple[tuple[tuple[str, ...], ...], ...]
    order: str

    @property
    def accesses(self):
        """All of them in an order that does the harm."""
        return (self.first[0], *self.other, *self.first[1:])


def _order(first, other, guards):
    """The order in which the `other` one comes after the first access of the first one."""
    mine, theirs = guards.with_locks(first, other), guards.with_locks(other, first)
    theirs = _by_another(first, theirs, guards.workers)
    read = mine.index(first[0]) + 1
    steps, own = (*mine[:read], *theirs, *mine[read:]), first[0].line.file
    return " ".join(dict.fromkeys(_named(step, steps, own) for step in steps))


def _named(access, others, own):
    line, op = access.line, access.step.op
    kinds = {_kind(a.step.op) for a in others if a.line == line}
    kind = _kind(op) if len(kinds) > 1 or access.step.thing[0] == "value" else ""
    file = "" if line.file == own else f":{line.file.rpartition('/')[2]}:"
    which = f"#{access.step.nth}" if access.step.nth > 1 else ""
    return f"{access.process}{file}{line.number}{kind}{which}"


def _kind(op):
    return "w" if op in WRITES else "" if op == "acquire" else "r"


class Crossing(NamedTuple):
    """Locks that processes take in a circle, not all at once in this run.

    `takes` has for each (process, held lock, taken lock, Line of the latter), `order` lets each take its first one, and
    then ask for its second one.
    """

    takes: tuple[tuple, ...]
    order: str


def accesses(recording):
    """All Accesses to data, and acquires of locks, by datum and lock, in the order of time, with what was known then."""
    clocks, sent, inbox = (defaultdict(Counter) for _ in range(3))
    submitted = defaultdict(deque)  # what was known when each task was: it may be sent later
    found, who, pids = defaultdict(list), {}, {f"pid {j.pid}": j.letter for j in recording.lanes}
    same = _pairs(recording)
    singles = {key for j in recording.journals.values() for key in j.singles}
    for *_, journal, step, moment in _moments(recording):
        letter, thing = journal.letter, same.get(step.thing, step.thing)
        me = who.setdefault(letter, letter)
        # A thread that the library runs for itself, or a worker of a pool that gets its next task.
        is_own = step.done is None and step.thread != journal.main
        is_task = step.done is None and not is_own and step.op == "receive" and letter != "P"
        if is_task and step.thing not in singles:
            me = who[letter] = f"{letter} {step.end}"
            clocks[me] = clocks[letter] | sent[thing]
        elif moment == "access":
            clocks[me][me] += 1
            found[step.thing].append(Access(letter, step, me, dict(clocks[me])))
        elif step.op == "start":
            clocks[thing[1]] |= clocks[me]
        elif step.op == "join":
            ended = pids.get(thing[1], thing[1])
            for each in [each for each in clocks if each.split()[0] == ended]:
                clocks[me] |= clocks[each]
        elif step.op == "collect":
            clocks[me] |= inbox[me]
        elif step.op == "submit":
            submitted[letter].append(Counter(clocks[me]))
        elif moment == "sent":
            is_task = is_own and submitted[letter] and recording.things[step.thing].name == "queue"
            sent[thing] |= submitted[letter].popleft() if is_task else clocks[me]
        else:
            # Who gets the lock of a condition knows what was notified, also where it need not wait any more.
            signal = ("signal", f"Condition {thing[1]}") if thing[0] == "lock" else thing
            (inbox if is_own else clocks)[me] |= sent[signal] | sent[thing]
            if thing[0] == "lock":
                clocks[me][me] += 1
                found[step.thing].append(Access(letter, step, me, dict(clocks[me])))
    return found


def _moments(recording):
    """What happens, in the order of time: accesses and what is sent at their start, what is received at its end."""
    signals, found = signalling(recording), []
    for journal in recording.lanes:
        for number, step in enumerate(journal.steps):
            if moment := _moment(step, signals):
                at = step.end if moment == "received" else step.start
                found.append((at, journal.letter, number, journal, step, moment))
    return sorted(found, key=lambda entry: entry[:3])


def _moment(step, signals):
    if step.thing[0] in _DATA and step.outcome != "open":
        return "access"
    if step.op in ("send", "start", "submit") or (step.op == "release" and step.thing in signals):
        return "sent"
    if step.outcome == "done" and step.op in ("receive", "collect", "join", "acquire"):
        return "received"
    return None


def signalling(recording):
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
    guards, worst, found = _Guards(recording), {}, []
    for key, all_of in _data(recording):
        for kind, first, other, came in _possible(key, all_of, guards):
            rank = (
                _RANK.index(kind),
                not came,
                first[0].process == other[0].process,
                first[0].step.start,
            )
            if (key, kind) not in worst or rank < worst[key, kind][0]:
                worst[key, kind] = rank, kind, key, first, other, came
    for _, kind, key, first, other, came in sorted(worst.values(), key=lambda each: each[0]):
        name, order = recording.things[key].name, _order(first, other, guards)
        if " ".join(key) in guards.weak:
            order += _under_weak_lock(recording, first, other)
        locks = tuple(tuple(map(guards.names_at, some)) for some in (first, other))
        other = _by_another(first, other, guards.workers)
        found.append(Collision(kind, name, first, other, came, locks, order))
    return found


def _under_weak_lock(recording, first, other):
    """What may follow in an order where two processes have both passed a lock that lets them: the harm under it."""
    guards = _Guards(recording, with_weak=False)
    for key, all_of in _data(recording):
        for kind, mine, theirs, _ in _possible(key, all_of, guards):
            if kind == _RANK[0] and (mine[0].who, theirs[0].who) == (first[0].who, other[0].who):
                return f" {_order(mine, theirs, guards)}"
    return ""


def _data(recording):
    return [(key, some) for key, some in accesses(recording).items() if key[0] in _DATA]


def _by_another(first, other, workers):
    """The accesses of the other one, done by another worker of the pool where this run's did both tasks.

    An executor starts the next worker when the ones that it has are busy.
    """
    if first[0].process != other[0].process:
        return other
    letter = next((each for each in workers if each != first[0].process), "")
    letter = letter or chr(ord(max(workers)[-1]) + 1)
    return tuple(a._replace(process=letter, step=a.step._replace(nth=1)) for a in other)


def forced_orders(recording):
    """For each datum and two processes, an order in which the second one comes as soon as the first one has read.

    Those that a hand-over orders are left out; whether a lock keeps them apart is not asked.
    """
    guards = _Guards(recording)
    for _, all_of in _data(recording):
        pairs, found = product(_windows(all_of, guards), repeat=2), {}
        for one, other in pairs:
            if one[0].process != other[0].process and not _is_ordered(one, other):
                found.setdefault((one[0].process, other[0].process), _order(one, other, guards))
        yield from found.values()


def _is_ordered(one, other):
    """Whether a hand-over orders all accesses of one before all of another one."""
    return one[-1].is_before(other[0]) or other[-1].is_before(one[0])


def _few(found, guards):
    """Of many that look alike, the first and the last ones: thousands of rounds are asked no more than some."""
    alike = defaultdict(list)
    for some in found:
        alike[tuple((a.process, a.line, a.step.op) for a in some), guards.over(some)].append(some)
    groups = alike.values()
    return [x for some in groups for x in some[:_FEW] + some[max(_FEW, len(some) - _FEW) :]]


def _windows(all_of, guards):
    """The windows at one datum, each the accesses of one process from a read or look to what it then writes there."""
    by = defaultdict(list)
    for access in all_of:
        by[access.who].append(access)
    return _few((window for mine in by.values() for window in _windows_of(mine)), guards)


def _windows_of(mine):
    read, writes = None, []
    for access in [*mine, None]:
        if access and access.step.op not in _READING:
            if access.step.op in _REPLACING and access.step.outcome == "done":
                writes.append(access)
            continue
        if read and writes:
            yield (read, *writes)
        # What is read on by the same line is one read.
        is_more = access and read and (read.line, read.step.op) == (access.line, access.step.op)
        read, writes = read if is_more and not writes else access, []


def _possible(key, all_of, guards):
    """All that can collide at one datum: (kind, accesses of the one that is disturbed, of the other, whether it came)."""
    windows = _windows(all_of, guards)
    done = [a for a in all_of if a.step.outcome == "done"]
    writes = _few([(a,) for a in done if a.step.op in _CHANGING], guards)
    for window, write in product(windows, writes):
        is_look = window[0].step.op == "look"
        if (is_look and window[-1].step.op == "append") or guards.are_apart(window, write):
            continue
        own = next((other for other in windows if write[0] in other), write)
        own = write if guards.are_apart(window, own) else own
        came = window[0].step.start < write[0].step.start < window[-1].step.start
        yield "check then act" if is_look else "lost update", window, own, came
    looks = _few([(a,) for a in all_of if a.step.op == "look"], guards)
    for window, look in product(windows, looks):
        # Who looked by the same line and found that it need not act, might have.
        is_same = (window[0].line, window[0].step.op) == (look[0].line, "look")
        if is_same and not guards.are_apart(window, look):
            at = {"nth": 1, "start": look[0].step.start}
            acts = [
                a._replace(process=look[0].process, step=a.step._replace(**at)) for a in window[1:]
            ]
            yield "check then act", window, (*look, *acts), False
    yield from _torn(done, guards)
    yield from _apart(key, _few([(a,) for a in done], guards), guards)


def _torn(done, guards):
    """Records that are appended in several steps, between which another process may append."""
    appends, by = [a for a in done if a.step.op == "append"], defaultdict(list)
    for access in appends:
        by[access.who].append(access)
    pairs = [pair for mine in by.values() for pair in pairwise(mine)]
    records = _few((pair for pair in pairs if pair[0].step.seen == UNFINISHED), guards)
    for record, other in product(records, _few([(a,) for a in appends], guards)):
        if not guards.are_apart(record, other):
            came = record[0].step.start < other[0].step.start < record[1].step.start
            yield "torn record", record, other, came


def _apart(key, some, guards):
    """Collisions of single accesses: a file that is read while it is written, and what two write."""
    some = [each for each in some if each[0].step.op in ("read", *_REPLACING)]
    for one, other in combinations(some, 2):
        if guards.are_apart(one, other):
            continue
        [first], [second] = sorted((one, other), key=lambda each: each[0].step.op == "read")
        ops = first.step.op, second.step.op
        came = first.step.start <= second.step.start <= (first.step.end or first.step.start)
        if ops == (
            "empty",
            "empty",
        ):  # twice empty is empty, as with a file that is opened to be locked
            continue
        if "read" not in ops and "append" not in ops:
            yield "overwritten", (first,), (second,), came
        elif key[0] == "file" and ops in (("write", "read"), ("empty", "read")):
            yield "half written", (first,), (second,), came


class _Guards:
    """Which locks guarded which accesses."""

    def __init__(self, recording, with_weak=True):
        self.names = {" ".join(key): thing.name for key, thing in recording.things.items()}
        signals = {" ".join(key) for key in signalling(recording)}
        many = {" ".join(key) for key, thing in recording.things.items() if thing.permits > 1}
        events = list(recording.events)
        own, self.weak = _lock_files(events)
        out = signals | many | (set() if with_weak else self.weak)
        self._shared = {
            (e.process, e.identity) for e in events if e.op == "acquire" and e.arg == "shared"
        }
        spans = analysis.holds(recording.lock_events + own)
        self._takes = {
            j.letter: [s for s in j.steps if s.op == "acquire" and s.done] for j in recording.lanes
        }
        # Those who get the tasks of a pool.
        self.workers = [
            j.letter
            for j in recording.lanes
            if j.letter != "P"
            and any(s.op == "receive" and s.done is None and s.thread == j.main for s in j.steps)
        ]
        self._spans = defaultdict(lambda: defaultdict(list))
        for span in spans:
            if span.identity not in out:
                self._spans[span.process][span.identity].append(span)

    def over(self, accesses):
        """The locks that the process of some accesses holds from the first one to the last, by identity."""
        start, end = accesses[0].step.start, accesses[-1].step.end or accesses[-1].step.start
        held = self._spans[accesses[0].process]
        return frozenset(lock for lock, spans in held.items() if _covers(spans, start, end))

    def are_apart(self, one, other):
        """Whether the accesses are of one process, a hand-over orders them, or a lock lets only one of them be there at a time."""
        if one[0].who == other[0].who or _is_ordered(one, other):
            return True
        common = self.over(one) & self.over(other)
        both = one[0].process, other[0].process
        return any(not all((process, lock) in self._shared for process in both) for lock in common)

    def with_locks(self, accesses, other):
        """Some accesses of one process, and what locks it took on the way from the first to the last, by lines of their own.

        A lock that is held at the first one, and that the `other` process takes too, comes before it: else the other one may
        hold it while it waits for its turn.
        """
        one, last, lines = accesses[0], accesses[-1], {access.line for access in accesses}
        before = [s for s in self._takes[one.process] if s.start < one.step.start]
        takes = [s for s in self._takes[one.process] if one.step.start < s.start < last.step.start]
        both = {s.thing for s in self._takes[other[0].process]}
        held = {s.thing: s for s in before if " ".join(s.thing) in self.over((one,))}
        takes += [s for thing, s in held.items() if thing in both]
        takes = [one._replace(step=step) for step in takes if step.done not in lines]
        return tuple(sorted((*accesses, *takes), key=lambda access: access.step.start))

    def names_at(self, access):
        """The names of the locks held at one access."""
        return tuple(sorted(self.names.get(lock, lock) for lock in self.over((access,))))


def _covers(spans, start, end):
    """Whether one of some spans, in the order of their starts, lasts from `start` to `end`."""
    at = bisect_right(spans, start, key=lambda span: span.start)
    return at > 0 and (spans[at - 1].end is None or end <= spans[at - 1].end)


def _lock_files(events):
    """Files that serve as locks, made by one step and removed by another one: their holds, as Events of a lock, and which are weak.

    Where a step makes them that fails if they are there, that lets only one pass. Where two steps do it, a look and a
    write, the lock is weak: what lies under it is as safe as these two. So they are told, and it is not.
    """
    done = [e for e in events if e.identity.startswith("file ") and e.outcome == "done"]
    did, found = defaultdict(set), []
    for event in events:
        did[event.identity].add(event.op)
    weak = {
        e.identity for e in done if "create" not in did[e.identity] and "look" in did[e.identity]
    }
    for event in done:
        makes = "empty" if event.identity in weak else "create"
        is_lock = did[event.identity] >= {makes, "remove"} and "read" not in did[event.identity]
        if is_lock and event.op in (makes, "remove"):
            op = "release" if event.op == "remove" else "acquire"
            found.append(event._replace(op=op, arg=""))
    return found, weak


def crossings(recording):
    """Circles of locks that processes take one after the other, and have not met in this run: the first Crossing, if any."""
    taken = {
        (access.process, access.step.start): access
        for key, some in accesses(recording).items()
        if key[0] == "lock"
        for access in some
    }
    signals = signalling(recording) | {k for k, t in recording.things.items() if t.permits > 1}
    nested = {}  # by process and the two locks: the acquires of both, and what was held besides
    for journal in recording.lanes:
        held, depth = {}, Counter()
        for step in (each for each in journal.steps if each.thing not in signals):
            now = taken.get((journal.letter, step.start))
            depth[step.thing] += (now is not None) - (step.op == "release")
            if step.op == "release" and depth[step.thing] <= 0:
                held.pop(step.thing, None)
            elif now and depth[step.thing] == 1:
                for other in held if not step.arg else ():
                    rest = {key for key in held if key != other}
                    nested.setdefault((now.process, other, step.thing), (held[other], now, rest))
                held[step.thing] = now
    circle = next(filter(None, (_circle([each], nested.values()) for each in nested.values())), [])
    if not circle:
        return []
    names = {key: thing.name for key, thing in recording.things.items()}
    takes = [(b.process, names[a.step.thing], names[b.step.thing], b.line) for a, b, _ in circle]
    steps = [*(each[0] for each in circle), *(each[1] for each in circle)]
    return [Crossing(tuple(takes), " ".join(_named(a, steps, steps[0].line.file) for a in steps))]


def _circle(path, nested):
    """The nested acquires after `path` that lead back to its first lock, all of other processes, or []."""
    if path[-1][1].step.thing == path[0][0].step.thing:
        return path
    for each in nested:
        is_next = each[0].step.thing == path[-1][1].step.thing
        may_meet = is_next and all(_may_meet(each, other) for other in path)
        if may_meet and (found := _circle([*path, each], nested)):
            return found
    return []


def _may_meet(one, other):
    """Whether two processes may be between their two acquires at one time: nothing orders them, no outer lock keeps them apart."""
    is_other = one[0].who != other[0].who and not one[2] & other[2]
    return is_other and not _is_ordered(one[:2], other[:2])
