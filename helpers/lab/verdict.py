"""The Run: a frozen record of one experiment, with one verdict and its sentence."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from helpers import analysis
from helpers.events import WRITING, Event, Pause, SharedObject, counted, listed
from helpers.lab import check
from helpers.lab.child_processes import ChildProcess, Place, State
from helpers.lab.fates import Crash, crashes_sentence, in_the_way
from helpers.lab.machine import Machine, fork_note
from helpers.lab.watch import Ending, Trial

if TYPE_CHECKING:
    from helpers.resources import Shared

# By a resource's kind.
_TRACES: dict = {"updates": analysis.trace_updates, "records": analysis.trace_records}


class Verdict(StrEnum):
    """What a run comes to, a str such as "correct". Where several fit, the first counts."""

    STOPPED = "stopped"
    DEADLOCK = "deadlock"
    ORPHANED_LOCK = "orphaned_lock"
    TIMED_OUT = "timed_out"
    CRASHED = "crashed"
    CORRUPTED = "corrupted"
    BROKEN_INVARIANT = "broken_invariant"
    LOST_UPDATES = "lost_updates"
    CORRECT = "correct"

    __repr__ = str.__repr__  # as a cell shows it


_ORDER: list[str] = list(Verdict)
Finding = tuple[str, str]  # a verdict and its sentence
Account = analysis.Account | analysis.Records  # of a number, of a text


@dataclass(frozen=True)
class Run:
    """What happened in one run, free of any process or file.

    `worker` is the worker's name, `parameters` what it was given. `events` are all recorded steps,
    `started` the stamp in ns at which the processes were let go, `elapsed` the seconds from there
    to the last one's end. `accounts` holds the account of each counter by its name, `crashes` the
    processes that died, `notes` sentences that go with the result. By letter, `returned` holds what
    each worker gave back, `startup` the start and end of each process's start-up, in seconds since
    the first one's, `pids` the process ids. `schedule` is the order of all steps of a stepped run, "" for a free one,
    and `code` what stands for that order elsewhere (see `check.code`).
    `stuck` says why processes waited for ever, or is None; `places` at which line of its worker each one
    stood when the run had to be ended, by letter, where the system tells it. `pauses` are those that the
    processes asked for, ordered by their start, `limit` the seconds after which the run would have been ended (if it
    never began: those that its processes had to get ready). `lines` has by letter what `check.step_lines` says of its worker.
    """

    worker: str
    parameters: dict[str, object]
    machine: Machine
    processes: tuple[str, ...]
    events: tuple[Event, ...]
    started: int
    elapsed: float
    verdict: str
    sentence: str
    accounts: dict[str, Account] = field(default_factory=dict)
    crashes: tuple[Crash, ...] = ()
    notes: tuple[str, ...] = ()
    returned: dict[str, object] = field(default_factory=dict)
    startup: dict[str, tuple[float, float]] = field(default_factory=dict)
    schedule: str = ""
    code: str = ""
    pids: dict[str, int] = field(default_factory=dict)
    stuck: analysis.Stuck | None = None
    places: dict[str, Place] = field(default_factory=dict)
    pauses: tuple[Pause, ...] = ()
    limit: float | None = None
    lines: dict[str, dict[str, int]] = field(default_factory=dict)

    @property
    def circle(self) -> tuple[str, ...]:
        """The circular wait of a deadlock, such as ("A", "left", "B", "right"); () in any other run.

        Also () where the deadlock is about permits and has none.
        """
        return self.stuck.circle if self.stuck else ()

    @property
    def account(self) -> Account:
        """The account of the first counter. Raises LookupError where the run had none."""
        for account in self.accounts.values():
            return account
        raise LookupError("this run had no counter")

    def __str__(self) -> str:
        order = [f"order {self.schedule}"] if self.schedule else []
        return " · ".join([self.sentence, *order, *self.notes])

    def __repr__(self) -> str:
        return f"<Run {self.worker}: {self.verdict}. {self}>"


def judged(
    trial: Trial,
    children: Sequence[ChildProcess],
    shared_objects: Sequence[SharedObject],
    machine: Machine,
) -> Run:
    """The Run of an ended trial: its events read from the tapes, its resources judged."""
    events = _in_order(event for each in children for event in each.tape.events(each.name))
    dropped = sum((Counter(each.tape.dropped()) for each in children), Counter())
    accounts = dict(_accounts(shared_objects, events, dropped))
    crashes = tuple(crash for each in children if (crash := _crash(each, not trial.started)))
    first, found, order = children[0].began, (events, accounts, crashes), trial.order
    verdict, sentence, others = _judgement(trial, children, shared_objects, *found)
    return Run(
        worker=check.worker_name(trial.team),
        parameters=check.parameters(trial.team),
        machine=machine,
        processes=tuple(each.name for each in children),
        events=events,
        started=trial.started,
        elapsed=trial.elapsed,
        verdict=Verdict(verdict),
        sentence=sentence,
        accounts=accounts,
        crashes=crashes,
        notes=(*fork_note(machine.start_method), *_notes(children, dropped, verdict), *others),
        returned={each.name: each.returned for each in children if each.state is State.DONE},
        startup={e.name: (e.began - first, e.ready - first) for e in children if e.ready},
        schedule=order,
        code=order and check.code(trial.team, trial.fault, order, events, _out(children)),
        pids={each.name: each.process.pid for each in children},
        stuck=trial.stuck,
        places=trial.places,
        pauses=_in_order(pause for each in children for pause in each.tape.pauses(each.name)),
        limit=trial.limit,
        lines={e.name: check.step_lines(w) for e, (w, _) in zip(children, trial.team, strict=True)},
    )


def _accounts(shared_objects, events, dropped):
    for shared in (shared for shared in shared_objects if shared.is_file):
        unrecorded = sum(dropped[shared.name, op] for op in WRITING)
        yield shared.name, account_of(shared, events, shared.content(), unrecorded)


def _judgement(trial, children, shared_objects, events, accounts, crashes):
    """Verdict and sentence, and what else is wrong with sums over several resources."""
    if trial.ended == Ending.STUCK and not (trial.stuck or _threaded(children)):  # a stepped run
        trial.stuck = analysis.stuck_after(events, [e.name for e in children], _out(children))
    sums = judged_together(shared_objects, accounts)
    alone = [shared.judge(accounts[shared.name]) for shared in shared_objects if shared.is_file]
    well = Verdict.CORRECT, f"{counted(len(children), 'process')} ended well"
    ways_out = _ways_out(trial, children, events, crashes)
    verdict, sentence = first_of([*sums, *alone, well, *ways_out])
    others = (say for wrong, say in sums if wrong != Verdict.CORRECT and say != sentence)
    return verdict, sentence, others


def _out(children):  # those that have ended
    return [each.name for each in children if each.is_over]


def _ways_out(trial, children, events, crashes):
    """(verdict, sentence) for each way in which processes did not end well: died, stuck, cut off."""
    if crashes:
        yield Verdict.CRASHED, crashes_sentence(crashes)
    if trial.stuck:
        deaths = {crash.process: crash.sentence for crash in crashes}
        yield trial.stuck.verdict, stuck_sentence(trial.stuck, deaths)
    if trial.ended == Ending.STOPPED:
        yield Verdict.STOPPED, f"stopped after {trial.elapsed:.1f} s"
    elif trial.ended == Ending.TIMED_OUT or (trial.ended == Ending.STUCK and not trial.stuck):
        yield Verdict.TIMED_OUT, _cut_off(trial, children, events, crashes)


def _in_order(records):
    """Events or pauses, ordered by their start."""
    return tuple(sorted(records, key=lambda record: record.start))


def first_of(findings: Iterable[Finding]) -> Finding:
    """Of several (verdict, sentence) the one that counts."""
    return min(findings, key=lambda finding: _ORDER.index(finding[0]))


def stuck_sentence(stuck: analysis.Stuck, deaths: Mapping[str, str]) -> str:
    """What holds the processes of a `Stuck` up; `deaths` tells how processes died, by letter."""
    if stuck.circle:
        return f"deadlock: {'; '.join(_links(stuck.circle))}"
    if stuck.waits:
        waits = [f"{name} waits for {analysis.lock_words(shared)}" for name, shared in stuck.waits]
        return f"deadlock: {listed(waits)}, and nobody is left who could give a permit back"
    alike: dict = {}
    for orphan in stuck.orphans:
        alike.setdefault(orphan[1:], []).append(orphan)
    return "; ".join(_orphans_sentence(some, deaths) for some in alike.values())


def _links(circle):
    holders = [*circle[2::2], circle[0]]
    for who, lock, holder in zip(circle[::2], circle[1::2], holders, strict=True):
        owner = "it" if holder == who else holder
        yield f"{who} waits for {analysis.lock_words(lock)}, which {owner} holds"


def _orphans_sentence(orphans, deaths):
    """What holds those up who wait for the same lock, which the same processes took with them."""
    orphan, who = orphans[0], listed(orphan.process for orphan in orphans)
    lock = analysis.lock_words(orphan.lock)
    say = f"{who} wait for ever for {lock}" if orphans[1:] else f"{who} waits for ever for {lock}"
    reported = "; ".join(deaths[taker] for taker in orphan.takers if taker in deaths)
    if not orphan.takers:
        return f"{say}, which nobody will release"
    if orphan.is_inferred:
        return f"{say}, which {listed(orphan.takers, 'or')} must have taken with it: {reported}"
    taker = orphan.takers[0]
    if reported:
        return f"{say}, which {taker} took with it: {reported}"
    return f"{say}, which {taker} kept when it ended"


def judged_together(
    shared_objects: Iterable[SharedObject], accounts: Mapping[str, Account]
) -> list[Finding]:
    """Verdict and sentence for each kind of resource that must add up to something."""
    kinds: dict = {}
    for shared in shared_objects:
        if shared.is_file:
            kinds.setdefault(type(shared), []).append(accounts[shared.name])
    return [found for kind, reported in kinds.items() if (found := kind.judge_together(reported))]


def account_of(
    shared: "Shared", events: Sequence[Event], content: str, unrecorded: int = 0
) -> Account:
    """The account of a resource that holds `content` in the end."""
    return _TRACES[shared.kind](events, shared.name, shared.start, content, unrecorded)


def _crash(each, at_start):
    code, raised = each.exit_code, each.raised
    held = each.tape.held() if code else each.tape.kept()
    if code is None or (code == 0 and not held):
        return None
    cause = in_the_way(*raised[:1]) if at_start else ""
    return Crash(each.name, code, *raised, held=held, at_start=at_start, cause=cause)


def _cut_off(trial, children, events, crashes):
    """What the processes were at when the time was over, or when a schedule found none that could go on."""
    if not trial.started:
        late = [each.name for each in children if each.state is State.MOVING]
        return f"{listed(late)} did not get ready in {trial.limit:g} s"
    busy = listed(each.name for each in children if not each.is_over)
    parts = [f"still running after {trial.limit:g} s: {busy}"]
    if trial.ended == Ending.STUCK:
        parts = [f"{busy} could not go on"]
        parts += [f"{e.name} waits to be notified" for e in children if e.state is State.WAITS]
    waiting = {}
    for event in sorted(e for e in events if e.op == "acquire" and e.outcome == "open"):
        waiting.setdefault(event.shared, []).append(event.process)
    for name, who in waiting.items():
        wait = "waits" if len(who) == 1 else "wait"
        say = f"{listed(who)} {wait} for {analysis.lock_words(name)}"
        holders = [each.name for each in children if name in each.tape.held()]
        parts.append(f"{say}, which {listed(holders)} held" if holders else say)
    return "; ".join([*parts, *(crash.sentence for crash in crashes)])


def _threaded(children):
    """The letters of the living processes that have more than one thread."""
    return [each.name for each in children if each.tape.is_threaded and not each.is_over]


def _notes(children, dropped, verdict):
    """Sentences about what the tapes could not hold, and about why a wait cannot be judged."""
    if dropped:
        yield f"{dropped.total()} steps did not fit on the tapes: their updates are counted, but not named"
    if pauses := sum(each.tape.dropped_pauses() for each in children):
        yield f"{counted(pauses, 'pause')} did not fit on the tapes"
    if verdict == Verdict.TIMED_OUT and (names := _threaded(children)):
        was = "has" if len(names) == 1 else "have"
        yield f"{listed(names)} {was} more than one thread: nobody can tell whether it waits for itself"
