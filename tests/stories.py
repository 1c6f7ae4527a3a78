"""Runs told in words, for tests that know every step: `tell("A reads 0 / B reads 0 / A writes 1")`.

Steps follow one another, 1 ms each: `A reads 0` (or `nothing`), `A writes 1`, `A empties`,
`A fills 1`, `A wants lock`, `A takes lock` (a wait since it wanted it, else 0.05 ms),
`A frees lock`. `20 ms` lets time go by; `file 90` puts another number behind the id in the file, as
a torn write does; `file empty` and `file cut` damage all of it.
"""

from collections import Counter

from helpers import analysis, lab
from helpers.events import START_ID, Event, stamp
from helpers.resources import CounterFile

BEGIN = 5_000_000_000  # ns: no run starts at 0
MS = 1_000_000


def in_row(*stories):
    """One story after the other."""
    return " / ".join(stories)


def tell(story, processes="", unrecorded=0):
    """The lab.Run of a story; `processes` names those too that do nothing in it."""
    teller = _Teller()
    for step in filter(str.strip, story.split("/")):
        teller.hear(*step.split())
    return teller.run(processes, unrecorded)


class _Teller:
    def __init__(self):
        self.now, self.text = BEGIN, f"{START_ID} 0"
        self.events, self.wanted = [], {}
        self.steps, self.written = Counter(), Counter()

    def hear(self, who, what, arg=""):
        if what == "ms":
            self.now += int(who) * MS
        elif who == "file":
            damaged = {"empty": "", "cut": self.text[:4]}
            self.text = damaged.get(what, f"{self.text[: len(START_ID)]} {what}")
        elif what in ("writes", "fills"):
            self._write(who, what[:-1], arg)
        else:
            getattr(self, what)(who, arg)

    def reads(self, who, number):
        found = self.text[len(START_ID) + 1 :] or "nothing"
        assert found == number, f"a wrong story: {who} would read {found}"
        self._step(who, "read", seen=self.text)

    def _write(self, who, op, number):
        self.written[who] += 1
        self.text = stamp(who, self.written[who], number)
        self._step(who, op, arg=number, seen=self.text)

    def empties(self, who, _):
        self.text = ""
        self._step(who, "empty")

    def wants(self, who, _):
        self.wanted[who] = self.now
        self.now += MS

    def takes(self, who, lock):
        began = self.wanted.pop(who, self.now)
        self._add(who, "acquire", began, self.now + MS // 20, lock)

    def frees(self, who, lock):
        self._step(who, "release", shared=lock)

    def _step(self, who, op, shared="counter", arg="", seen=""):
        self._add(who, op, self.now, self.now + MS, shared, arg, seen)

    def _add(self, who, op, start, end, shared, arg="", seen="", outcome="done"):
        index = self.steps[who]
        self.steps[who] += 1
        self.events.append(Event(who, index, shared, shared, op, start, end, arg, seen, outcome))
        self.now = end or self.now

    def run(self, processes, unrecorded):
        for who, began in self.wanted.items():
            self._add(who, "acquire", began, None, "lock", outcome="open")
        events = tuple(sorted(self.events, key=lambda event: event.start))
        account = analysis.trace_updates(events, "counter", 0, self.text, unrecorded)
        verdict, sentence = CounterFile().judge(account)
        names = tuple(sorted({*processes, *self.steps}))
        return lab.Run(
            worker="told",
            parameters={},
            machine=lab.Machine.here("spawn"),
            processes=names,
            events=events,
            started=BEGIN,
            elapsed=(self.now - BEGIN) / 1e9,
            verdict=verdict,
            sentence=sentence,
            accounts={"counter": account},
        )


def lock_steps(*steps):
    """Events of steps such as "A acquire", "B acquire a open", "A release 2": one every 10 ns, 5 ns long.

    Words that may follow: open, refused, raised; again, for an acquire of a lock that is held; the lock's name, or
    a number that tells locks called "lock" apart.
    """
    reported = []
    for number, step in enumerate(steps, 1):
        who, op, *more = step.split()
        outcome = next((word for word in more if word in ("open", "refused", "raised")), "done")
        arg = "try" if outcome == "refused" else "again" * ("again" in more)
        lock = next((word for word in more if word not in (outcome, arg)), "lock")
        shared = "lock" if lock.isdecimal() else lock
        end = None if outcome == "open" else 10 * number + 5
        reported.append(Event(who, number, shared, lock, op, 10 * number, end, arg, "", outcome))
    return reported
