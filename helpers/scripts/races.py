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
from collections import Counter, defaultdict, deque, namedtuple
from copy import copy
from dataclasses import replace
from functools import cached_property
from itertools import chain, pairwise, product

from helpers import analysis
from helpers.scripts.recorder.journal import UNFINISHED, order_letter

_READING = "read", "look"
_REPLACING = "write", "empty", "replace", "append"  # these do not look at what was there
_CHANGING = "add", *_REPLACING
_RANK = "lost update", "check then act", "torn record", "half written", "overwritten"
# By the access with which it begins: what others do to it in between, and what that is called.
_IN_BETWEEN = {"read": _CHANGING, "look": _CHANGING, "append": ("append",)}
_KINDS = {"read": "lost update", "look": "check then act", "append": "torn record"}
_RECEIVING = "receive", "collect", "join", "acquire", "look"
_FEW = 6


class Collision(namedtuple("Collision", "kind name first other came order")):
    """Two processes that can come into each other's way at the datum `name`.

    `kind` is one of "lost update", "check then act", "torn record", "half written" and "overwritten"; `first` are the
    accesses of the one that is disturbed, `other` those of the one that comes in between. `came` says whether that happened
    in this run. `order` is one that does the harm, as `watch(order=...)` takes it, such as "A5 B5 B9 A9"; the locks that are
    taken on the way are in it.
    """

    @property
    def locks(self):
        """The names of the locks that were held at accesses of the first one, and of the other."""
        held = ({s.lock for a in some for s in a.guards.values()} for some in self[2:4])
        return tuple(map(sorted, held))


class Crossing(namedtuple("Crossing", "takes order")):
    """Locks that processes take in a circle, not all at once in this run.

    `takes` has for each (process, held lock, taken lock, Line of the latter), `order` lets each take its first one, and
    then ask for its second one.
    """


class _Clocks:
    """What everybody knows of the others, step by step (see above); `signals` are the locks that hand over."""

    def __init__(self, recording, signals):
        self._signals = signals
        self._pids, self._same, self._singles = recording.known_as
        self._clocks, self._sent, self._inbox = (defaultdict(Counter) for _ in range(3))
        # What was known when each task was submitted: it may be sent later.
        self._submitted = defaultdict(deque)
        self._made = {}  # what was known when a file was made that was not there before
        self._who, self._last = {}, {}  # by process and by who it is now: its last access

    def take(self, step):
        """Take in a step; of an access or an acquire it is noted who did it, and what was known then."""
        me = self._who.setdefault(step.process, step.process)
        if step.op == "receive" and step.is_task and step.identity not in self._singles:
            me = self._who[step.process] = f"{step.process} {step.end}"
            self._clocks[me] = self._clocks[step.process] | self._sent[self._thing(step)]
        if step.is_access:
            self._wait_for_file(step, me)
        else:
            self._hand_over(step, me)
        if step.op == "acquire" or step.is_access:
            self._clocks[me][me] += 1
            step.who, step.knows = me, dict(self._clocks[me])

    def _thing(self, step):
        return self._same.get(step.identity, step.identity)

    def _hand_over(self, step, me):
        mine, thing = self._clocks[me], self._thing(step)
        other = self._pids.get(step.thing.key, step.thing.key)  # of a process: its letter
        match step.op:
            case "start":
                self._clocks[other] |= mine
            case "join":
                for each in [each for each in self._clocks if each.split()[0] == other]:
                    mine |= self._clocks[each]
            case "submit":
                self._submitted[step.process].append(Counter(mine))
            case "send" | "release" if step.op == "send" or step.thing in self._signals:
                waiting = self._submitted[step.process]
                is_sent_on = step.is_own and waiting and step.shared == "queue"
                self._sent[thing] |= waiting.popleft() if is_sent_on else mine
            case "receive":
                (self._inbox if step.is_own else self._clocks)[me] |= self._sent[thing]
            case "collect":
                mine |= self._inbox[me]
            case "acquire":
                # Who gets the lock of a condition knows what was notified, also where it need not wait any more.
                mine |= self._sent[thing] | self._sent[f"signal Condition {step.thing.key}"]

    def _wait_for_file(self, step, me):
        """Who looks again and again whether a file is there knows, once it is, what was known when it was made."""
        before, self._last[me] = self._last.get(me), step
        if step.op in ("create", "empty", "replace"):
            self._made.setdefault(step.thing, Counter(self._clocks[me]))
        elif step.op == "look" and step.outcome == "raised":
            self._made.pop(step.thing, None)
        elif step.op == "look" and before and _is_a_miss(before, step):
            self._clocks[me] |= self._made.get(step.thing, Counter())


class Races:
    """What a recorded run shows: which locks each process holds when, what it knows of the others, and so what can collide.

    A semaphore that a process gave back more often than it took it orders, and guards nothing; nor does one with several permits.
    """

    def __init__(self, recording):
        self._recording, self.events = recording, recording.events
        self._locks = [step for step in self.events if step.thing.kind == "lock"]
        self.holds = analysis.holds(self._locks)
        self._signals = {thing for journal in recording.lanes for thing in journal.strays}
        things = self._signals.union(t for t in recording.things.values() if t.permits > 1)
        self._no_guards = {thing.identity for thing in things}
        self._shared = {(s.process, s.identity, s.end) for s in self._locks if s.arg == "shared"}
        files, self._weak = _lock_files(self.events)
        self._spans = defaultdict(lambda: defaultdict(list))
        for span in analysis.holds([*self._locks, *files]):
            self._spans[span.process][span.identity].append(span)
        self.accesses = self._clocked()
        self._kinds = defaultdict(set)  # by line, of all its steps
        for step in self.events:
            self._kinds[step.line].add(order_letter(step.op))

    def _clocked(self):
        """The accesses to each datum by who did them. In each of them it is noted what was held and known then."""
        clocks = _Clocks(self._recording, self._signals)
        found = defaultdict(lambda: defaultdict(list))
        steps = [s for s in self.events if s.outcome == "done" or (s.is_access and s.end)]
        for step in sorted(steps, key=lambda s: s.end if s.op in _RECEIVING else s.start):
            clocks.take(step)
            if step.is_access:
                held = self.held(step.process, step.start)
                step.guards = {s.identity: s for s in held if s.identity not in self._no_guards}
                found[step.thing][step.who].append(step)
        return found

    # ---- locks

    def held(self, process, start, end=None):
        """The Spans of the locks that a process holds from `start` to `end`, or at one moment."""
        for spans in self._spans[process].values():
            at = bisect_right(spans, start, key=lambda span: span.start) - 1
            if at >= 0 and (spans[at].end is None or (end or start) <= spans[at].end):
                yield spans[at]

    def _guards(self, accesses):
        """The locks, by identity, that the process of some accesses holds from the first one to the last."""
        first, last = accesses[0].guards, accesses[-1].guards
        return {lock for lock in first if first[lock] is last.get(lock)} - self._no_guards

    def _are_apart(self, one, other):
        """Whether the accesses are of one process, a hand-over orders them, or a lock lets only one of them be there at a time."""
        common = self._guards(one) & self._guards(other)
        both = one[0], other[0]
        takes = {(s.process, lock, s.guards[lock].start) for lock in common for s in both}
        return one[0].who == other[0].who or _is_ordered(one, other) or bool(takes - self._shared)

    # ---- what collides

    @cached_property
    def collisions(self):
        """The Collisions that the run shows to be possible: of each kind at each datum one, the worst first."""
        data, worst = self.accesses.items(), {}
        found = [(thing, *each) for thing, all_of in data for each in self._possible(all_of)]
        for each in sorted(found, key=_rank):
            worst.setdefault(each[:2], each)
        return tuple(self._collision(*each) for each in worst.values())

    def _collision(self, thing, kind, first, other, came):
        order = self._order(first, other)
        order += self._under_weak_lock(first, other) if thing.identity in self._weak else ""
        return Collision(kind, thing.name, first, self._by_another(first, other), came, order)

    def _possible(self, all_of):
        """All that can collide at one datum: (kind, accesses of the one that is disturbed, of the other, whether it came)."""
        windows = self._windows(all_of)
        each = chain.from_iterable(all_of.values())
        singles = self._few((a,) for a in each if a.outcome == "done" or a.op == "look")
        for first, other in product([*windows, *self._few(_records(all_of)), *singles], singles):
            kind = _kind(*other, *first)
            if kind and not self._are_apart(first, other):
                yield kind, first, self._went_on(first, other, windows), _came(*other, *first)

    def _went_on(self, first, other, windows):
        """What the other one did from there on, or would have: it has a window of its own, or has looked only."""
        [access] = other
        if access.op == "look":
            own = {"process": access.process, "nth": 1, "start": access.start}
            return access, *(replace(act, **own) for act in first[1:])
        if first not in windows:
            return other
        own = next((window for window in windows if access in window), other)
        return other if self._are_apart(first, own) else own

    def _windows(self, all_of):
        """The windows at one datum, each the accesses of one process from a read or look to what it then writes there."""
        return self._few(window for mine in all_of.values() for window in _windows_of(mine))

    def _few(self, found):
        """Of many that look alike, the first and the last ones: thousands of rounds are asked no more than some."""
        alike = defaultdict(list)
        for some in found:
            places = tuple((step.process, step.line, step.op) for step in some)
            alike[places, frozenset(self._guards(some))].append(some)
        groups = alike.values()
        return [x for some in groups for x in some[:_FEW] + some[max(_FEW, len(some) - _FEW) :]]

    def _under_weak_lock(self, first, other):
        """What may follow in an order where two processes have both passed a lock that lets them: the harm under it."""
        races, both = copy(self), (first[0].who, other[0].who)
        races._no_guards = self._no_guards | self._weak
        for all_of in races.accesses.values():
            for kind, mine, theirs, _ in races._possible(all_of):
                if kind == _RANK[0] and (mine[0].who, theirs[0].who) == both:
                    return f" {races._order(mine, theirs)}"
        return ""

    # ---- orders

    @cached_property
    def orders(self):
        """For each datum and two processes, an order in which the second one comes as soon as the first one has read.

        Those that a hand-over orders are left out; whether a lock keeps them apart is not asked.
        """
        found = {}
        for thing, all_of in self.accesses.items():
            for one, other in product(self._windows(all_of), repeat=2):
                key = thing, one[0].process, other[0].process
                if key[1] != key[2] and key not in found and not _is_ordered(one, other):
                    found[key] = self._order(one, other)
        return tuple(found.values())

    def _order(self, first, other):
        """The order in which the `other` one comes after the first access of the first one."""
        mine, theirs = self._with_locks(first, other), self._with_locks(other, first)
        read = mine.index(first[0]) + 1
        return self._written([*mine[:read], *self._by_another(first, theirs), *mine[read:]])

    def _written(self, steps):
        """Steps as an order says them; those in the script itself without their file."""
        script = self._recording.script or steps[0].line.file
        words = (_named(step, self._kinds[step.line], script) for step in steps)
        return " ".join(dict.fromkeys(words))

    def _with_locks(self, accesses, other):
        """Some accesses of one process, and what locks it took on the way from the first to the last, by lines of their own.

        A lock that is held at the first one, and that the `other` process takes too, comes before it: else the other one may
        hold it while it waits for its turn.
        """
        first, last, lines = accesses[0], accesses[-1], {step.line for step in accesses}
        takes = [s for s in self._locks if s.op == "acquire" and s.line and s.line not in lines]
        wanted = {s.identity for s in takes if s.process == other[0].process}
        wanted &= self._guards(accesses[:1])
        takes = [s for s in takes if s.process == first.process and s.start < last.start]
        before = {s.identity: s for s in takes if s.start < first.start and s.identity in wanted}
        between = [s for s in takes if first.start < s.start]
        return sorted([*accesses, *before.values(), *between], key=lambda step: step.start)

    def _by_another(self, first, other):
        """The accesses of the other one, done by another worker of the pool where this run's did both tasks.

        An executor starts the next worker when the ones that it has are busy.
        """
        if first[0].process != other[0].process:
            return other
        starts = {s.thing.key: s.line for s in self.events if s.op == "start"}
        beside = {each for each, line in starts.items() if line == starts[first[0].process]}
        beside.update(s.process for s in self.events if s.is_task)
        workers = sorted(beside, key=lambda each: (len(each), each))
        letter = next((each for each in workers if each != first[0].process), "")
        letter = letter or chr(ord(workers[-1][-1]) + 1)
        return tuple(replace(step, process=letter, nth=1) for step in other)

    # ---- locks that stop others

    @cached_property
    def crossings(self):
        """Circles of locks that processes take one after the other, and have not met in this run: the first Crossing, if any."""
        nested = {}  # by process and the two locks: the acquires of both, and what was held besides
        guards = [s for s in self._locks if s.identity not in self._no_guards]
        for step, held in analysis.locks_held(guards).items():
            if held.get(step.identity) is step and step.arg in ("", "limited"):
                for lock in (lock for lock in held if lock != step.identity):
                    rest = held.keys() - {lock, step.identity}
                    nested.setdefault((step.process, lock, step.identity), (held[lock], step, rest))
        circles = (_circles([each], nested.values()) for each in nested.values())
        if not (circle := next(chain.from_iterable(circles), ())):
            return ()
        takes = tuple((b.process, a.shared, b.shared, b.line) for a, b, _ in circle)
        firsts, seconds, _ = zip(*circle, strict=True)
        return (Crossing(takes, self._written([*firsts, *seconds])),)

    @cached_property
    def kept_locks(self):
        """Locks that a process had when it ended, and that others wait for: (its letter, the lock's name, the Line that took it)."""
        return tuple(filter(None, map(self._kept, self.holds)))

    def _kept(self, span):
        takes = [s for s in self._locks if s.op == "acquire" and s.identity == span.identity]
        is_wanted = any(not s.arg for s in takes if s.process != span.process)
        own = [s for s in takes if s.process == span.process and s.outcome == "done"][-1]
        is_guard = span.identity not in self._no_guards and not own.thing.is_freed
        is_kept = span.end is None and span.process != "P" and own.arg != "try"
        return is_kept and is_wanted and is_guard and (span.process, span.lock, own.line)


def _is_a_miss(before, look):
    """Whether the access `before` a look was the same look, in vain."""
    return (before.thing, before.line, before.outcome) == (look.thing, look.line, "raised")


def _rank(found):
    _, kind, first, other, came = found
    return _RANK.index(kind), not came, first[0].process == other[0].process, first[0].start


def _windows_of(mine):
    found, read = [], []
    for access in mine:
        if access.op in _READING:
            # What is read on by the same line is one read.
            last = [(step.line, step.op) for step in found[-1]] if found else []
            found += [[access]] if last != [(access.line, access.op)] else []
            read = found[-1] if access.op == "read" else read
        elif found and access.op in _REPLACING and access.outcome == "done":
            # Who looks once more still knows what it has read.
            is_looked_at = found[-1] is not read and len(read) == 1
            for window in [found[-1], read] if is_looked_at else [found[-1]]:
                window.append(access)
    return [tuple(window) for window in found if len(window) > 1]


def _records(all_of):
    """Appends of one process of which the first one does not end its line: between them, another process may append."""
    for mine in all_of.values():
        appends = (a for a in mine if a.op == "append" and a.outcome == "done")
        yield from (pair for pair in pairwise(appends) if pair[0].seen == UNFINISHED)


def _kind(other, one, *later):
    """What happens where the `other` access comes between `one` and those that are `later`, or beside a single one; "" for nothing."""
    ops, in_between = (one.op, other.op), _IN_BETWEEN.get(one.op, ())
    if not later:
        if one.thing.kind == "file" and ops in (("write", "read"), ("empty", "read")):
            return "half written"
        # Twice empty is empty, as with a file that is opened to be locked.
        is_whole = {*ops} <= {"write", "empty", "replace"} and {*ops} != {"empty"}
        return "overwritten" if is_whole else ""
    if ops == ("look", "look"):  # by the same line: it found that it need not act, but might have
        in_between = ("look",) if one.line == other.line else ()
    elif one.op == "look" and later[-1].op == "append":
        return ""
    return _KINDS[one.op] if other.op in in_between else ""


def _came(other, *first):
    """Whether the `other` access came in between in this run."""
    end = first[-1].start if first[1:] else first[0].end
    return other.op != "look" and first[0].start < other.start < end


def _is_ordered(one, other):
    """Whether a hand-over orders all accesses of one before all of another one."""
    return one[-1].is_before(other[0]) or other[-1].is_before(one[0])


def _named(step, kinds, script):
    """A step as an order says it; `kinds` are those of all steps of its line."""
    file, number = step.line
    letter = order_letter(step.op) if len(kinds) > 1 else ""
    where = "" if file == script else f":{file.rpartition('/')[2]}:"
    return f"{step.process}{where}{number}{letter}{f'#{step.nth}' if step.nth > 1 else ''}"


def _lock_files(events):
    """Files that serve as locks, made by one step and removed by another one: their holds, as Steps of a lock, and which are weak.

    Where a step makes them that fails if they are there, that lets only one pass. Where two steps do it, a look and a
    write, the lock is weak: what lies under it is as safe as these two. So they are told, and it is not.
    A file is one that several processes use, and to which none appends; and who removes it is one who makes it.
    """
    did, found, weak = defaultdict(lambda: defaultdict(set)), [], set()
    for step in events:
        did[step.identity][step.process].add(step.op)
    for step in (step for step in events if step.thing.kind == "file" and step.outcome == "done"):
        each = did[step.identity].values()
        ops = set().union(*each)
        is_weak = "create" not in ops and "look" in ops
        makes = "empty" if is_weak else "create"
        is_used = any(mine >= {makes, "remove"} for mine in each) and len(each) > 1
        if is_used and ops.isdisjoint({"read", "append"}):
            weak |= {step.identity} if is_weak else set()
            if step.op in (makes, "remove"):
                op = "release" if step.op == "remove" else "acquire"
                found.append(replace(step, op=op, arg=""))
    return found, weak


def _circles(path, nested):
    """Circles that begin with `path`: nested acquires that lead back to its first lock, all of other processes."""
    if path[-1][1].thing is path[0][0].thing:
        yield path
        return
    for each in nested:
        if each[0].thing is path[-1][1].thing and all(_may_meet(each, other) for other in path):
            yield from _circles([*path, each], nested)


def _may_meet(one, other):
    """Whether two processes may be between their two acquires at one time: nothing orders them, no outer lock keeps them apart."""
    is_other = one[0].who != other[0].who and not one[2] & other[2]
    return is_other and not _is_ordered(one[:2], other[:2])
