"""Some processes in the model, moved by hand: one step, back again, or a whole schedule."""

from contextlib import contextmanager
from typing import NamedTuple

from helpers import analysis, events
from helpers.lab import check
from helpers.lab.verdict import account_of, first_of, judged_together, stuck_sentence
from helpers.schedules.tree import Team, after_end
from helpers.schedules.walker import Own, Raised, listening

_MOST_STEPS = 10_000  # of one walk that finishes by itself


class _Situation(NamedTuple):
    """Where all stand: a node each, the things' states, the files' texts; and the step that led here."""

    nodes: tuple
    states: tuple
    texts: tuple
    event: events.Event | None


class Walk:
    """Processes whose next step you choose. `processes` are their letters, `things` what they share.

    Worker, arguments, `team` and `fault` are those of `schedules.explore`; `schedule` is walked at
    once. Raises TypeError or ValueError for what cannot be run.
    """

    def __init__(self, worker=None, *args, processes=2, team=None, fault=None, schedule=""):
        check.processes(processes)
        members = check.members_of(
            [(worker, args)] * processes if team is None else team, processes
        )
        self.workers = tuple(worker for worker, _ in members)
        with listening():
            self._team = Team(members, check.fault(fault, processes), _MOST_STEPS)
            self._team.close()
        self.processes = tuple(self._team.letters)
        self.things = tuple(self._team.things)
        nodes = tuple(tree.root for tree in self._team.trees)
        texts = tuple(thing.text_start() for thing in self.things)
        self._past = [_Situation(nodes, self._team.start(), texts, None)]
        self.go(schedule)

    # ---- moves

    def move(self, letter):
        """The process `letter` does its next step. Raises ScheduleError where it waits or has ended."""
        self.go(self.schedule + check.schedule(letter, len(self.processes)))

    def undo(self):
        """Take the last step back; nothing at the start."""
        if len(self._past) > 1:
            self._past.pop()

    def go(self, schedule):
        """Walk `schedule` from the start; the steps that are the same as now are kept.

        Raises ValueError, or ScheduleError for a step that cannot be done; then nothing has changed.
        """
        schedule = check.schedule(schedule, len(self.processes))
        before = self._past
        try:
            self._past = before[: _common(self.schedule, schedule) + 1]
            with self._working():
                for number in range(len(self._past), len(schedule) + 1):
                    letter = schedule[number - 1]
                    if why := self.why_not(letter):
                        raise check.ScheduleError(schedule, number, letter, why)
                    self._past.append(self._after(letter))
        except BaseException:
            self._past = before
            raise

    def finish(self, letters=None):
        """Let the rest, or the processes `letters`, run in alphabetical order, as far as they can.

        A process that waits in a loop lets the others go first. Raises ValueError after 10,000 steps.
        """
        with self._working():
            while able := [at for at in letters or self.processes if self._goes_on(at)]:
                if len(self._past) > _MOST_STEPS:
                    raise ValueError(
                        f"no end after {_MOST_STEPS:,} steps: does a process loop for ever?"
                    )
                self._past.append(self._after(able[0]))

    def _goes_on(self, letter):
        """Whether a process can move, and would not only repeat what it did."""
        node, place = self._node(letter), self.processes.index(letter)
        if node.end or self._played(place)[1] is events.BLOCKED:
            return False
        return not node.repeats(self._past[-1].states, place)

    @contextmanager
    def _working(self):
        """Workers may go on in here; none is left parked, since the next move may come from another thread."""
        with listening():
            try:
                yield
            finally:
                self._team.close()

    # ---- what there is to see

    @property
    def schedule(self):
        """The steps so far, as letters."""
        return "".join(situation.event.process for situation in self._past[1:])

    @property
    def able(self):
        """The processes that can move."""
        return tuple(letter for letter in self.processes if not self.why_not(letter))

    @property
    def is_over(self):
        """True where nobody can move any more."""
        return not self.able

    def why_not(self, letter):
        """Why a process cannot move: it has ended, or waits; "" where it can."""
        node = self._node(letter)
        if node.end:
            return f"it ended with {node.end.error}" if node.end.error else "it has ended"
        if self._played(self.processes.index(letter))[1] is not events.BLOCKED:
            return ""
        return analysis.why_blocked(self.events, letter)

    @property
    def loops(self):
        """The processes that wait in a loop, each as a sentence, by letter."""
        return {
            letter: f"{letter} {node.loop_words}"
            for place, (letter, node) in enumerate(self._nodes.items())
            if node.repeats(self._past[-1].states, place)
        }

    def line(self, letter):
        """The number of the line where a process stands, from 1 at its worker's `def`; None at its end."""
        node = self._node(letter)
        if node.line is None:
            return None
        return node.line - self.workers[self.processes.index(letter)].__code__.co_firstlineno + 1

    def next_step(self, letter):
        """The step that a process does next: operation, name of the thing, argument; None at its end."""
        node = self._node(letter)
        return (node.step.op, node.thing.name, node.step.arg) if node.step else None

    @property
    def values(self):
        """What the files say now, by their names."""
        return self._team.values(self._past[-1].states)

    @property
    def holders(self):
        """Who holds each shared lock now, by the lock's name: a letter, None, or of a semaphore several as in "A and B"."""
        return {
            thing.name: " and ".join(
                letter for letter, node in self._nodes.items() if node.held.get(number, 0) > 0
            )
            or None
            for number, thing in enumerate(self.things)
            if not thing.is_file
        }

    @property
    def events(self):
        """The steps so far as Events; then, still open, the acquires of those that wait.

        Their times are no times: they count the steps.
        """
        done = [situation.event for situation in self._past[1:]]
        waiting = [
            self._event(letter, node, None, "", "open")
            for place, (letter, node) in enumerate(self._nodes.items())
            if node.step and self._played(place)[1] is events.BLOCKED
        ]
        return tuple(done + waiting)

    @property
    def accounts(self):
        """The account of each file by its name."""
        told = self.events
        pairs = zip(self.things, self._past[-1].texts, strict=True)
        return {
            thing.name: account_of(thing, told, thing.final_text(text))
            for thing, text in pairs
            if thing.is_file
        }

    @property
    def errors(self):
        """How processes died, by letter."""
        ends = {letter: node.end for letter, node in self._nodes.items() if node.end}
        return {letter: end.error for letter, end in ends.items() if end.error}

    @property
    def stuck(self):
        """Why processes wait for ever, where they do: an `analysis.Stuck`, or None."""
        over = [letter for letter, node in self._nodes.items() if node.end]
        return analysis.stuck_after(self.events, self.processes, over) if self.is_over else None

    @property
    def result(self):
        """Verdict and sentence, as for a Run that had gone so far."""
        accounts = self.accounts
        findings = judged_together(self.things, accounts)
        findings += [thing.judge(accounts[thing.name]) for thing in self.things if thing.is_file]
        deaths = {letter: f"{letter} ended with {error}" for letter, error in self.errors.items()}
        if deaths:
            findings.append(("crashed", "; ".join(deaths.values())))
        if stuck := self.stuck:
            findings.append((stuck.verdict, stuck_sentence(stuck, deaths)))
        ended = events.counted(len(self.processes), "process")
        return first_of([*findings, ("correct", f"{ended} ended well")])

    def __repr__(self):
        return f"<Walk {self.schedule or 'at the start'}: {self.result[1]}>"

    # ---- one step

    @property
    def _nodes(self):
        """Where each process stands, by letter."""
        return dict(zip(self.processes, self._past[-1].nodes, strict=True))

    def _node(self, letter):
        return self._past[-1].nodes[self.processes.index(letter)]

    def _played(self, place):
        node, states = self._past[-1].nodes[place], self._past[-1].states
        number = node.step.thing
        return node.play(None if isinstance(number, Own) else states[number], place)

    def _after(self, letter):
        nodes, states, texts, _ = self._past[-1]
        place = self.processes.index(letter)
        node = nodes[place]
        state, given = self._played(place)
        seen, outcome = "", "done"
        if isinstance(given, Raised):
            seen, outcome = given.kind.__name__, "raised"
        elif given is False:
            outcome = "refused"
        if not isinstance(node.step.thing, Own):
            number = node.step.thing
            states = _with(states, number, state)
            if node.thing.is_file and outcome == "done":
                count = self._writes(letter, node) + 1
                seen, text = node.thing.told(
                    texts[number], node.step.op, node.step.arg, letter, count
                )
                texts = _with(texts, number, text)
        event = self._event(letter, node, 2 * len(self._past) + 1, seen, outcome)
        then = node.after(given)
        if then.end:
            states = after_end(self.things, states, place)
        return _Situation(_with(nodes, place, then), states, texts, event)

    def _event(self, letter, node, end, seen, outcome):
        thing, op, arg = node.step
        identity = f"{letter}.{thing.count}" if isinstance(thing, Own) else f"{thing}"
        return events.Event(
            letter,
            node.depth,
            node.thing.name,
            identity,
            op,
            2 * len(self._past),
            end,
            events.asked(node.thing, op, arg, node.held.get(thing)),
            seen,
            outcome,
        )

    def _writes(self, letter, node):
        """How many writes to the node's thing this process has done."""
        return sum(
            event.process == letter and event.thing == node.thing.name and event.outcome == "done"
            for event in (situation.event for situation in self._past[1:])
            if event.op in events.WRITING
        )


def _with(items, place, item):
    return (*items[:place], item, *items[place + 1 :])


def _common(one, other):
    """How many letters two schedules have in common at their front."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
