"""Some processes in the model, moved by hand: one step, back again, or a whole schedule."""

import os
from itertools import pairwise
from typing import Any, NamedTuple

from helpers import analysis
from helpers.events import BLOCKED, WRITING, Event, counted
from helpers.lab import check
from helpers.lab.verdict import account_of, first_of, judged_together, stuck_sentence
from helpers.schedules.tree import Node, Team, outcome_of

_MOST = 10_000  # of one walk that finishes by itself


class _Situation(NamedTuple):
    """The node of each process by letter, the shared objects' states, the files' texts by name; and the step that led here."""

    nodes: dict[str, Node]
    states: tuple
    texts: dict[str, Any]
    event: Event | None


class Walk:
    """Processes whose next step you choose. `processes` are their letters, `shared_objects` what they share.

    Worker, arguments, `team` and `fault` are those of `schedules.explore`; `schedule` is walked at
    once. Raises TypeError or ValueError for what cannot be run.
    """

    def __init__(self, worker=None, *args, processes=2, team=None, fault=None, schedule=""):
        check.processes(processes)
        team = [(worker, args)] * processes if team is None else team
        self._members = check.members_of(team, processes)
        self.workers = tuple(worker for worker, _ in self._members)
        self._team = Team(self._members, check.fault(fault, processes))
        self.processes = tuple(self._team.letters)
        self.shared_objects = tuple(self._team.shared_objects)
        with self._team.at_work():
            roots = [tree.root for tree in self._team.trees]
        nodes = dict(zip(self.processes, roots, strict=True))
        texts = {file.name: file.text_start() for file in self._team.files.values()}
        self._past = [_Situation(nodes, self._team.start(), texts, None)]
        self.go(schedule)

    # ---- moves

    def move(self, letter: str) -> None:
        """The process `letter` takes its next step. Raises ScheduleError where it waits or has ended."""
        self.go(self.schedule + check.schedule(letter, self._members))

    def undo(self) -> None:
        """Take the last step back; nothing at the start."""
        if len(self._past) > 1:
            self._past.pop()

    def go(self, schedule: str) -> None:
        """Walk `schedule` from the start, or that of a code; the steps that are the same as now are kept.

        Raises ValueError, or ScheduleError for a step that cannot be done; then nothing has changed.
        """
        schedule = check.schedule(schedule, self._members, self._team.fault)
        before = self._past
        try:
            self._past = before[: len(os.path.commonprefix([self.schedule, schedule])) + 1]
            with self._team.at_work():
                for number in range(len(self._past), len(schedule) + 1):
                    letter = schedule[number - 1]
                    if why := self.why_not(letter):
                        raise check.ScheduleError(schedule, number, letter, why)
                    self._past.append(self._after(letter))
            schedule.confirm(self._done, self._out)
        except BaseException:
            self._past = before
            raise

    def finish(self, letters: str | None = None) -> None:
        """Let the rest, or the processes `letters`, run in alphabetical order, as far as they can.

        A process that waits in a loop lets the others go first. Raises ValueError after 10,000 steps.
        """
        with self._team.at_work():
            while letter := next(filter(self._goes_on, letters or self.processes), ""):
                if len(self._past) > _MOST:
                    raise ValueError(f"no end after {_MOST:,} steps: does a process loop for ever?")
                self._past.append(self._after(letter))

    def _goes_on(self, letter):
        """Whether a process can move, and would not only repeat what it did."""
        return not (self._node(letter).end or self._is_blocked(letter) or self._repeats(letter))

    # ---- what there is to see

    @property
    def schedule(self) -> str:
        """The steps so far, as letters."""
        return "".join(event.process for event in self._done)

    @property
    def code(self) -> str:
        """The code of the steps so far, see `check.code`; "" at the start."""
        return check.code(self._members, self._team.fault, self.schedule, self._done, self._out)

    @property
    def able(self) -> tuple[str, ...]:
        """The processes that can move."""
        return tuple(letter for letter in self.processes if not self.why_not(letter))

    @property
    def is_over(self) -> bool:
        """True where nobody can move any more."""
        return not self.able

    def why_not(self, letter: str) -> str:
        """Why a process cannot move: it has ended, or waits; "" where it can."""
        node = self._node(letter)
        if node.end:
            return f"it ended with {node.end.error}" if node.end.error else "it has ended"
        return analysis.why_blocked(self.events, letter) if self._is_blocked(letter) else ""

    @property
    def loops(self) -> dict[str, str]:
        """The processes that wait in a loop, each as a sentence, by letter."""
        waiting = filter(self._repeats, self.processes)
        return {letter: f"{letter} {self._node(letter).loop_words}" for letter in waiting}

    def line(self, letter: str) -> int | None:
        """The number of the line where a process stands, from 1 at its worker's `def`; None at its end."""
        return self._line(self._past[-1], letter)

    def _line(self, situation, letter):
        line = situation.nodes[letter].line
        return line and line - self.workers[self._place(letter)].__code__.co_firstlineno + 1

    @property
    def lines(self) -> dict[tuple[str, int], int | None]:
        """By (letter, index) of each step so far, the line that took it, counted as in `line`."""
        steps = pairwise(self._past)
        taken = ((then.event, self._line(before, then.event.process)) for before, then in steps)
        return {(event.process, event.index): line for event, line in taken}

    def next_step(self, letter: str) -> tuple[str, str, Any] | None:
        """The step that a process does next: operation, name of the shared object, argument; None at its end."""
        node = self._node(letter)
        return (node.step.op, node.shared.name, node.step.arg) if node.step else None

    @property
    def values(self) -> dict[str, Any]:
        """What the files say now, by their names."""
        return self._team.values(self._past[-1].states)

    @property
    def holders(self) -> dict[str, str | None]:
        """Who holds each shared lock now, by the lock's name: a letter, None, or of a semaphore several as in "A and B"."""
        found, nodes = {}, self._past[-1].nodes.items()
        for number, shared in enumerate(self.shared_objects):
            if not shared.is_file:
                letters = [letter for letter, node in nodes if node.held.get(number, 0) > 0]
                found[shared.name] = " and ".join(letters) or None
        return found

    @property
    def events(self) -> tuple[Event, ...]:
        """The steps so far as Events; then, still open, the acquires of those that wait.

        Their times are no times: they count the steps.
        """
        waiting = filter(self._is_blocked, self.processes)
        start = 2 * len(self._past)
        return (*self._done, *(self._node(at).event(at, start, None) for at in waiting))

    @property
    def accounts(self) -> dict[str, analysis.Account | analysis.Records]:
        """The account of each file by its name."""
        reported, texts = self.events, self._past[-1].texts
        files = self._team.files.values()
        return {f.name: account_of(f, reported, f.final_text(texts[f.name])) for f in files}

    @property
    def errors(self) -> dict[str, str]:
        """How processes died, by letter."""
        nodes = self._past[-1].nodes.items()
        return {letter: node.end.error for letter, node in nodes if node.end and node.end.error}

    @property
    def stuck(self) -> analysis.Stuck | None:
        """Why processes wait for ever, where they do."""
        out = self._out
        return analysis.stuck_after(self.events, self.processes, out) if self.is_over else None

    @property
    def result(self) -> tuple[str, str]:
        """Verdict and sentence, as for a Run that had gone so far."""
        accounts = self.accounts
        findings = judged_together(self.shared_objects, accounts)
        findings += [file.judge(accounts[file.name]) for file in self._team.files.values()]
        deaths = {letter: f"{letter} ended with {error}" for letter, error in self.errors.items()}
        if deaths:
            findings.append(("crashed", "; ".join(deaths.values())))
        if stuck := self.stuck:
            findings.append((stuck.verdict, stuck_sentence(stuck, deaths)))
        ended = counted(len(self.processes), "process")
        return first_of([*findings, ("correct", f"{ended} ended well")])

    def __repr__(self):
        return f"<Walk {self.schedule or 'at the start'}: {self.result[1]}>"

    # ---- one step

    @property
    def _done(self):
        """The events of the steps so far."""
        return [situation.event for situation in self._past[1:]]

    @property
    def _out(self):  # those that have ended
        return [letter for letter in self.processes if self._node(letter).end]

    def _node(self, letter):
        return self._past[-1].nodes[letter]

    def _place(self, letter):
        return self.processes.index(letter)

    def _is_blocked(self, letter):
        node, states = self._node(letter), self._past[-1].states
        return bool(node.step) and node.play(states, self._place(letter))[1] is BLOCKED

    def _repeats(self, letter):
        return self._node(letter).repeats(self._past[-1].states, self._place(letter))

    def _after(self, letter):
        nodes, states, texts, _ = self._past[-1]
        node, start = nodes[letter], 2 * len(self._past)
        then, states = node.moved(states, self._place(letter))
        seen, outcome = "", outcome_of(then.given)
        if outcome == "raised":
            seen = then.given.kind.__name__
        elif outcome == "done" and node.shared.is_file:
            name, op, arg = node.shared.name, node.step.op, node.step.arg
            wrote = [e for e in self._done if e.op in WRITING and e.outcome == "done"]
            count = 1 + sum((e.process, e.shared) == (letter, name) for e in wrote)
            seen, text = node.shared.reported(texts[name], op, arg, letter, count)
            texts = texts | {name: text}
        if then.end:
            texts = {f.name: f.left(texts[f.name], letter) for f in self._team.files.values()}
        event = node.event(letter, start, start + 1, seen, outcome)
        return _Situation(nodes | {letter: then}, states, texts, event)
