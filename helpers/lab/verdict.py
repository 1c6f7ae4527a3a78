"""The Run: a frozen record of one experiment, with one verdict and its sentence."""

import signal
from collections import Counter
from dataclasses import dataclass, field
from typing import NamedTuple

from helpers import analysis
from helpers.events import WRITING, Event, Pause, counted
from helpers.lab import check, failed_starts, stacks
from helpers.lab.machine import Machine, fork_note

# Where several fit, the first counts.
VERDICTS = (
    "stopped",
    "deadlock",
    "orphaned_lock",
    "timed_out",
    "crashed",
    "corrupted",
    "broken_invariant",
    "lost_updates",
    "correct",
)

_TRACES = {
    "updates": analysis.trace_updates,
    "records": analysis.trace_records,
}  # by a resource's kind
_WINDOWS_ERRORS = 0xC0000000  # from here on, an exit code is one of Windows' NTSTATUS errors


class Crash(NamedTuple):
    """How a process died: by a signal or an exception, and what it held. `trace` is its traceback.

    `exit_code` is None where the process never came to be, `at_start` says that it died before its worker began.
    `cause` names what was found in its way then, beside the worker: a moved folder, a file that shadows a module.
    """

    process: str
    exit_code: int | None
    error: str = ""
    message: str = ""
    trace: str = ""
    held: tuple[str, ...] = ()
    at_start: bool = False
    cause: str = ""

    @property
    def is_killed(self):
        """Whether a signal ended it, or Windows did, after an error such as a wrong memory access."""
        return self.exit_code is not None and not 0 <= self.exit_code < _WINDOWS_ERRORS

    @property
    def sentence(self):
        return crash_sentence([self.process], self)


def crash_sentence(processes, crash):
    """What befell the processes with these letters, all of which died like `crash`."""
    if crash.error:
        say = f"ended with {crash.error}: {crash.message or 'no message'}"
        say = failed_starts.failed_start(crash.error, crash.message) if crash.at_start else say
    elif crash.exit_code < 0:
        was = "was" if len(processes) == 1 else "were"
        say = f"{was} killed by {_signal_name(-crash.exit_code)}"
    else:
        say = f"ended with exit code {crash.exit_code}"
        say = f"could not start: {say}" if crash.at_start else say
    if crash.cause:
        say += f"; {crash.cause}"
    if crash.held:
        say += (
            f" and held {_listed([analysis.lock_words(name) for name in crash.held])} when it died"
        )
    return f"{_listed(processes)} {say}"


def _crashes_sentence(crashes):
    """All deaths in one sentence; starts that failed for one reason are told together."""
    groups = {}
    for crash in crashes:
        key = crash._replace(process="", trace="") if crash.at_start else crash
        groups.setdefault(key, []).append(crash.process)
    return "; ".join(crash_sentence(names, crash) for crash, names in groups.items())


def _signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


@dataclass(frozen=True)
class Run:
    """What happened in one run, free of any process or file.

    `worker` is the worker's name, `parameters` what it was given. `events` are all recorded steps,
    `started` the stamp in ns at which the processes were let go, `elapsed` the seconds from there
    to the last one's end. `accounts` holds the account of each counter by its name, `crashes` the
    processes that died, `notes` sentences that go with the result. By letter, `returned` holds what
    each worker gave back, `startup` the start and end of each process's start-up, in seconds since
    the first one's, `pids` the process ids. `schedule` is the order of all steps of a stepped run, "" for a free one.
    `stuck` says why processes waited for ever, or is None; `places` at which line of its worker each one
    stood when the run had to be ended, by letter, where the system tells it. `pauses` are those that the
    processes asked for, ordered by their start, `limit` the seconds after which the run would have been ended (if it
    never began: those that its processes had to get ready).
    """

    worker: str
    parameters: dict
    machine: Machine
    processes: tuple[str, ...]
    events: tuple[Event, ...]
    started: int
    elapsed: float
    verdict: str
    sentence: str
    accounts: dict[str, analysis.Account] = field(default_factory=dict)
    crashes: tuple[Crash, ...] = ()
    notes: tuple[str, ...] = ()
    returned: dict[str, object] = field(default_factory=dict)
    startup: dict[str, tuple[float, float]] = field(default_factory=dict)
    schedule: str = ""
    pids: dict[str, int] = field(default_factory=dict)
    stuck: analysis.Stuck | None = None
    places: dict[str, stacks.Place] = field(default_factory=dict)
    pauses: tuple[Pause, ...] = ()
    limit: float | None = None

    @property
    def circle(self):
        """The circular wait of a deadlock, such as ("A", "left", "B", "right"); () in any other run.

        Also () where the deadlock is about permits and has none.
        """
        return self.stuck.circle if self.stuck else ()

    @property
    def account(self):
        """The account of the first counter. Raises LookupError where the run had none."""
        for account in self.accounts.values():
            return account
        raise LookupError("this run had no counter")

    def __str__(self):
        order = [f"order {self.schedule}"] if self.schedule else []
        return " · ".join([self.sentence, *order, *self.notes])

    def __repr__(self):
        return f"<Run {self.worker}: {self.verdict}. {self}>"


def judged(trial, seats, things, machine):
    """The Run of an ended trial: its events read from the tapes, its resources judged."""
    events = _in_order(event for seat in seats for event in seat.tape.events(seat.name))
    dropped = sum((Counter(seat.tape.dropped()) for seat in seats), Counter())
    accounts = {thing.name: _account(thing, events, dropped) for thing in things if thing.is_file}
    crashes = tuple(crash for seat in seats if (crash := _crash(seat, not trial.started)))
    sums = judged_together(things, accounts)
    findings = [*sums, *(thing.judge(accounts[thing.name]) for thing in things if thing.is_file)]
    findings.append(("correct", f"{counted(len(seats), 'process')} ended well"))
    threaded = [seat.name for seat in seats if seat.tape.is_threaded and not seat.is_over]
    if trial.ended == "stuck" and not (trial.stuck or threaded):  # a stepped run
        over = [seat.name for seat in seats if seat.is_over]
        trial.stuck = analysis.stuck_after(events, [seat.name for seat in seats], over)
    verdict, sentence = first_of([*findings, *_ways_out(trial, seats, events, crashes)])
    return Run(
        worker=check.worker_name(trial.team),
        parameters=check.parameters(trial.team),
        machine=machine,
        processes=tuple(seat.name for seat in seats),
        events=events,
        started=trial.started,
        elapsed=trial.elapsed,
        verdict=verdict,
        sentence=sentence,
        accounts=accounts,
        crashes=crashes,
        notes=(
            *fork_note(machine.start_method),
            *_tape_notes(dropped.total(), sum(seat.tape.dropped_pauses() for seat in seats)),
            *_threads_note(threaded if verdict == "timed_out" else ()),
            *(say for wrong, say in sums if wrong != "correct" and say != sentence),
        ),
        returned={seat.name: seat.said[1] for seat in seats if seat.said[0] == "done"},
        startup=_startup(seats),
        schedule=trial.order,
        pids={seat.name: seat.process.pid for seat in seats if seat.is_started},
        stuck=trial.stuck,
        places=trial.places,
        pauses=_in_order(pause for seat in seats for pause in seat.tape.pauses(seat.name)),
        limit=trial.limit,
    )


def _startup(seats):
    first = seats[0].began
    return {s.name: (s.began - first, s.ready - first) for s in seats if s.ready}


def _ways_out(trial, seats, events, crashes):
    """(verdict, sentence) for each way in which processes did not end well: died, stuck, cut off."""
    if crashes:
        yield "crashed", _crashes_sentence(crashes)
    if trial.stuck:
        deaths = {crash.process: crash.sentence for crash in crashes}
        yield trial.stuck.verdict, stuck_sentence(trial.stuck, deaths)
    if trial.ended in ("stopped", "timed_out") or (trial.ended == "stuck" and not trial.stuck):
        ending = "timed_out" if trial.ended == "stuck" else trial.ended
        yield ending, _ending(trial, seats, events, crashes)


def _in_order(records):
    """Events or pauses, ordered by their start."""
    return tuple(sorted(records, key=lambda record: record.start))


def first_of(findings):
    """Of several (verdict, sentence) the one that counts."""
    return min(findings, key=lambda finding: VERDICTS.index(finding[0]))


def stuck_sentence(stuck, deaths):
    """What holds the processes of a `Stuck` up; `deaths` tells how processes died, by letter."""
    if stuck.circle:
        return f"deadlock: {_listed(_links(stuck.circle))}"
    if stuck.waits:
        waits = [f"{name} waits for {analysis.lock_words(thing)}" for name, thing in stuck.waits]
        return f"deadlock: {_listed(waits)}, and nobody is left who could give a permit back"
    return "; ".join(_orphan_sentence(orphan, deaths) for orphan in stuck.orphans)


def _links(circle):
    holders = [*circle[2::2], circle[0]]
    for who, lock, holder in zip(circle[::2], circle[1::2], holders, strict=True):
        owner = "it" if holder == who else holder
        yield f"{who} waits for {analysis.lock_words(lock)}, which {owner} holds"


def _orphan_sentence(orphan, deaths):
    say = f"{orphan.process} waits for ever for {analysis.lock_words(orphan.lock)}"
    if not orphan.takers:
        return f"{say}, which nobody will release"
    if orphan.by_elimination:
        return f"{say}; by elimination, it went with {_listed(orphan.takers, 'or')}: {_told(orphan, deaths)}"
    taker = orphan.takers[0]
    if taker not in deaths:
        return f"{say}, which {taker} kept when it ended"
    return f"{say}, which {taker} took along: {_told(orphan, deaths)}"


def _told(orphan, deaths):
    return "; ".join(deaths[taker] for taker in orphan.takers if taker in deaths)


def judged_together(things, accounts):
    """Verdict and sentence for each kind of resource that must add up to something."""
    kinds = dict.fromkeys(type(thing) for thing in things if thing.is_file)
    told = {kind: [accounts[t.name] for t in things if type(t) is kind] for kind in kinds}
    return [found for kind in kinds if (found := kind.judge_together(told[kind]))]


def account_of(thing, events, content, unrecorded=0):
    """The account of a resource that holds `content` in the end."""
    return _TRACES[thing.kind](events, thing.name, thing.start, content, unrecorded)


def _account(thing, events, dropped):
    unrecorded = sum(dropped[thing.name, op] for op in WRITING)
    return account_of(thing, events, thing.content(), unrecorded)


def _crash(seat, at_start):
    code = seat.exit_code
    held = seat.tape.held() if code else seat.tape.kept()
    told = seat.said[1:4] if seat.said[0] == "raised" else ()
    if (code is None and not told) or (code == 0 and not held):
        return None
    cause = failed_starts.in_the_way(*told[:1]) if at_start else ""
    return Crash(seat.name, code, *told, held=held, at_start=at_start, cause=cause)


def _ending(trial, seats, events, crashes):
    if trial.ended == "stopped":
        return f"stopped after {trial.elapsed:.1f} s"
    if not trial.started:
        late = [seat.name for seat in seats if seat.is_due("ready")]
        return f"{_listed(late)} did not get ready in {trial.limit:g} s"
    waiting = sorted(e for e in events if e.op == "acquire" and e.outcome == "open")
    busy = [seat.name for seat in seats if seat.is_due("done")]
    parts = [f"still running after {trial.limit:g} s: {_listed(busy)}"]
    if trial.ended == "stuck":
        parts = [f"{_listed(busy)} could not go on"]
        parts += [f"{s.name} waits to be notified" for s in seats if s.said[0] == "waits"]
    for name in dict.fromkeys(event.thing for event in waiting):
        who = [event.process for event in waiting if event.thing == name]
        say = (
            f"{_listed(who)} {'waits' if len(who) == 1 else 'wait'} for {analysis.lock_words(name)}"
        )
        holders = [seat.name for seat in seats if name in seat.tape.held()]
        parts.append(f"{say}, which {_listed(holders)} held" if holders else say)
    return "; ".join([*parts, *(crash.sentence for crash in crashes)])


def _listed(names, word="and"):
    names = list(names)
    return f" {word} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _tape_notes(steps, pauses):
    if steps:
        yield f"{steps} steps found no room on the tapes: their updates are counted, but not named"
    if pauses:
        yield f"{counted(pauses, 'pause')} found no room on the tapes"


def _threads_note(names):
    if names:
        was = "has" if len(names) == 1 else "have"
        yield f"{_listed(names)} {was} more than one thread: nobody can tell whether it waits for itself"
