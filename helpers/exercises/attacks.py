"""The attacks that exercises share: every order in the model, a fault at each step, one after the other, at full speed.

The order that goes wrong in the model is taken by real processes, before the learner's eyes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import chain, compress, groupby
from typing import NamedTuple

from helpers import analysis, lab
from helpers.events import InjectedFault, counted
from helpers.exercises import findings
from helpers.exercises.answers import hangs, own_lock
from helpers.exercises.findings import UNHELD, Failure, Stopped, Unfinished, first
from helpers.lab import limits
from helpers.resources import Lock
from helpers.resources.stand_ins import FaultyCounterFile
from helpers.schedules import Outcome, explore
from helpers.workers.contention import come_second

LIMIT = 50_000  # situations that one question may need: the model's patience knows no clock
# Seconds for one question, more on a slow machine, and at most what the lab takes: a worker hangs that waits for what is no step.
_LEAST, _MOST = 20.0, 600.0
_BROKEN_OFF = f"InjectedFault: {InjectedFault()}"


# ---- every order in the model


class Question(NamedTuple):
    """One exploration: each order of a team, a list of (worker, args), must end as `holds` says.

    `explain(answer, team, run)` says what is wrong with a real run that took an order which does not. Orders in which a
    process is refused more than `tries` times are not followed. `judge(exploration)` yields the Failure that
    only all orders together show, such as what lies under the lock in some of them.
    """

    team: list
    holds: Callable[[Outcome], bool]
    explain: Callable
    fault: tuple | None = None
    tries: int = 3
    judge: Callable | None = None


def in_every_order(answer, questions):
    """The Failure for the first of the questions with an order that goes wrong, shown by real processes.

    Raises Unfinished where a question could not be answered and no other one shows a Failure.
    """
    unfinished = []
    with lab.ProcessSet(1) as child:
        for question in questions:
            try:
                yield from answer.named(question.team, _found(answer, question, child))
            except Unfinished as error:
                unfinished.append(error)
    if unfinished:
        raise unfinished[0]


def _found(answer, question, child):
    answer.take(question.team, question.fault)
    if answer.order:
        return
    how = {"holds": question.holds, "fault": question.fault, "tries": question.tries}
    how |= {"history": question.judge is not None, "limit": LIMIT, "within": child}
    how["deadline"] = min(limits.for_run(least=_LEAST), _MOST)
    found = explore(team=question.team, processes=len(question.team), **how)
    answer.tried.orders += found.schedules
    answer.tried.faults += found.schedules if question.fault else 0
    if found.ended == "stopped":
        raise Stopped
    if found.ended == "failed":
        yield f"crashed: While the check tried every order, {found.reason}."
    if found.ended == "timed out":
        yield f"waits_elsewhere: The orders cannot be tried one by one: {found.reason}. Wait only for what is passed to the function."
    # Where each process died before its first step, that is what to tell.
    if found.doubt and not (found.failing and not found.failing.schedule):
        yield f"unsteady: The orders cannot be tried one by one: {found.doubt}."
    if found.failing and found.failing.verdict != "livelock":
        yield _shown(answer, question, found.failing, found.turning_point(found.failing))
    if found.ended == "waits in a loop":
        yield f"never_ends: In some order it never ends: {found.reason}. What it waits for may never come: look again each time, and wait only for what is passed."
    if found.ended != "complete":
        raise Unfinished(f"not every order could be tried: {found.reason}")
    if not found.schedules:
        yield f"tries_too_often: In every order a process is refused a lock more than {counted(question.tries, 'time')}, so none could be followed to its end. Do not ask again and again for a lock that is not free: wait for it."
    if question.judge:
        yield from question.judge(found)


def _shown(answer, question, outcome, turning):
    """The Failure for an outcome: real processes take its order, and their run explains it.

    After step number `turning` of it nothing leads to a right end.
    """
    team = question.team
    try:
        run = answer.run(team=team, schedule=outcome.schedule, fault=question.fault)
    except lab.ScheduleError as error:
        return _not_confirmed(outcome, f"real processes could not take it: {error}")
    if run.verdict == "timed_out" and outcome.verdict == "ended":
        say = "the machine was too busy to show an order that goes wrong"
        raise Unfinished(f"{say}: {run.sentence}")
    # Who waits for ever, who died (not who ended well and kept a lock), what the files say.
    verdict = run.verdict if run.verdict in findings.STUCK else "ended"
    deaths = sum(crash.exit_code != 0 for crash in run.crashes)
    modelled = outcome.verdict, len(outcome.errors), outcome.values
    if (verdict, deaths, findings.observed(run)) != modelled:
        return _not_confirmed(outcome, "real processes took it, and it ended differently", run)
    steps = findings.in_steps(run)
    why = analysis.explain(steps, turning, _lines(team, steps, run, outcome))
    explained = first(question.explain(answer, team, run), run=run)
    return explained._replace(schedule=outcome.schedule, why=why)


def _lines(team, steps, run, outcome):
    """For each of the `steps` of a run that took the order of an outcome, the line of the learner's file, or None."""
    done, waiting = steps[: len(outcome.lines)], steps[len(outcome.lines) :]
    if "".join(step.process for step in done) != outcome.schedule:
        return ()  # not every step was recorded
    hers = set(compress(run.processes, (isinstance(worker, lab.WorkerFile) for worker, _ in team)))
    places = (run.places.get(step.process) for step in waiting)
    lines = [*outcome.lines, *(place and place.line for place in places)]
    return [line if step.process in hers else None for step, line in zip(steps, lines, strict=True)]


def _not_confirmed(outcome, what, run=None):
    reason = f"In the model this order goes wrong; {what}. So the function also does something that is not a step. Use only what is passed to it."
    return Failure("not_confirmed", reason, run, outcome.schedule)


def pauses(found, seconds):
    """For `Question.judge`: the locks held in each of A's pauses of so many seconds, for each way that A can take."""
    for way in found.pauses["A"]:
        yield [held for asked, held in way if asked == seconds]


# ---- an exception in place of a step: it must come out, and leave no lock behind


def _break_off_each_step(answer, team, may_end_with):
    """For each of A's steps but releases, an exception in its place.

    Alone it must come out; then the others must go on, and whoever just waits for one of A's locks gets it.
    The others may die of what `may_end_with(error)` says.
    """
    run = findings.heeded(lab.run(team=team, processes=len(team), schedule=""))
    yield from findings.about(findings.death(run), run=run)
    # The others may try for a lock again and again, which is not followed for ever. A plain wait shows who kept it.
    visited = [team[0], *_visitors(team[0])]

    def comes_out(outcome):
        return outcome.verdict == "ended" and outcome.errors == (_BROKEN_OFF,)

    def harms_nobody(outcome):
        errors = [error for error in outcome.errors if error != _BROKEN_OFF]
        return outcome.verdict == "ended" and all(map(may_end_with, errors))

    ends = (team[:1], comes_out), (team, harms_nobody), (visited, harms_nobody)
    steps = [e.index for e in run.events if e.process == "A" and e.op != "release"]
    questions = [Question(*end, _bad_end, ("A", step)) for step in steps for end in ends]
    yield from in_every_order(answer, questions)


def _visitors(member):
    """For each lock among a member's arguments, somebody who just waits for it."""
    return [(come_second, (arg, 0)) for arg in dict.fromkeys(member[1]) if isinstance(arg, Lock)]


def _bad_end(answer, team, run):
    step = next(event for event in run.events if event.seen == InjectedFault.__name__)
    where = f"n exception in place of {step.process}'s {step.op} of {step.shared!r}"
    if run.verdict in ("deadlock", "orphaned_lock"):
        yield f"exception_keeps_lock: A{where} leaves the lock held: whoever wants it next waits for ever."
    if any(words in crash.message for crash in run.crashes for words in UNHELD):
        yield f"released_unheld: After a{where} a lock was released that was not held. Do not give back what you did not get."
    yield f"hides_the_fault: A{where} did not come out. Let it through."


def _break_off_otherwise(answer, member, name):
    """A's second write of the counter file of that `name` raises what no Fault of the model raises.

    `member` is A, a worker and its arguments. An answer that catches some kinds of errors only, on its way out or
    for good, is found by another kind. Then somebody waits for each of A's locks, who just waits and does not try
    again and again.
    """
    worker, args = member
    start = next(file.start for file in args if getattr(file, "name", "") == name)
    for error in (SystemExit, OSError, ValueError):
        faulty = FaultyCounterFile(name, start, error=error)
        broken = tuple(faulty if getattr(file, "name", "") == name else file for file in args)
        run = answer.run(team=[(worker, broken), *_visitors(member)], schedule="")
        findings.in_time(run)
        where = f"{error.__name__} in place of A's second write of {name!r}"
        if run.verdict == "orphaned_lock":
            kind = "exit" if error is SystemExit else "exception"
            why = " SystemExit is not an Exception." if error is SystemExit else ""
            say = f"{where} leaves the lock held: {run.sentence}.{why} Look at every way out."
            yield Failure(f"{kind}_keeps_lock", say, run)
        if not any((one.process, one.error) == ("A", error.__name__) for one in run.crashes):
            yield Failure("hides_the_fault", f"{where} did not come out. Let it through.", run)


# ---- all of them for one piece of work


@dataclass
class Workload:
    """What processes do with a learner's function and shared files, and how that must end. Its methods make attacks.

    `team(answer, *case, calls=1)` gives the team of one case, a list of (worker, args), which calls the function so many
    times in a row. Where the files do not say in the end what is `wanted` and no update was lost, `wrong(wanted, run)` is the
    Failure. What `each` update must do is told as to `findings.unreal_update`: the changes by file, the name of the
    Failure, and what is wanted. `judge` looks at each run before its deaths are reported. `ends(team)` is what the files must
    say, by name, after those of a team who run the learner's function, where not each process makes as many updates as its first whole number says.
    """

    team: Callable
    wrong: Callable | None = None
    each: tuple[dict, str, str] | None = None
    judge: Callable = lambda run: ()
    ends: Callable | None = None

    def wanted(self, team):
        """What the files must say in the end, by name."""
        hers = [(worker, args) for worker, args in team if isinstance(worker, lab.WorkerFile)]
        if self.ends:
            return self.ends(hers)
        files = {arg.name: arg.start for _, args in team for arg in args if hasattr(arg, "start")}
        updates = sum(w.calls * next(a for a in args if isinstance(a, int)) for w, args in hers)
        return {name: start + updates * self.each[0][name] for name, start in files.items()}

    def bad_end(self, answer, team, run):
        """What is wrong with a run."""
        yield from findings.after_a_refusal(run)
        yield from findings.waits_for_ever(run)
        yield from self.judge(run)
        yield from findings.death(run)
        if self.each:
            yield from findings.unreal_update(run, *self.each)
        if findings.observed(run) != self.wanted(team):
            yield from findings.lost_update(run)
            yield self.wrong(self.wanted(team), run)

    def holds(self, answer, team):
        """For `Question.holds` of a team: whether everybody ends, nobody with an error, and the files say what is wanted."""
        wanted = "ended", (), self.wanted(team)
        return lambda outcome: (outcome.verdict, outcome.errors, outcome.values) == wanted

    def may_end_with(self, answer, team, error):
        """Whether one of a team may die of that error, "ValueError: why", where another one was broken off."""
        return False

    def question(self, answer, team, **more):
        """The Question whether every order of a team ends as it must."""
        return Question(team, self.holds(answer, team), self.bad_end, **more)

    def in_turn(self, *cases, judge=lambda run: (), alone=own_lock):
        """One process alone, then one after the other, each called once and twice: what goes wrong there needs no special order.

        `judge(run)` looks at each run whose end is right. What each function does `alone(answer, run)` tells whether the
        passed lock is used at all: by one process, so that it need not wait for what is no step.
        """

        def attack(answer):
            def bad_alone(answer, team, run):
                return chain(hangs(answer, run), alone(answer, run))

            def bad_turn(answer, team, run):
                say = "Called twice in a row: " if team[-1][0].calls > 1 else ""
                schedule = "" if run.verdict == "timed_out" else run.schedule
                found = hangs(answer, run), self.bad_end(answer, team, run), judge(run)
                for each in findings.about(*found, run=run):
                    yield each._replace(reason=f"{say}{each.reason}", schedule=schedule)

            teams = [self.team(answer, *case, calls=calls) for case in cases for calls in (1, 2)]
            by_name = groupby(teams, key=lambda team: team[0][0].name)
            yield from answer.in_turn([next(some)[:1] for _, some in by_name], bad_alone)
            yield from answer.in_turn(teams, bad_turn)

        return attack

    def seen_in_turn(self, *cases, bad_end):
        """One run of each case, its processes one after the other, in which `bad_end(answer, team, run)` finds what is wrong."""
        return lambda answer: answer.in_turn([self.team(answer, *case) for case in cases], bad_end)

    def in_every_order(self, *cases, **more):
        """All orders of each case; `more` as for a Question."""
        return lambda answer: in_every_order(
            answer, (self.question(answer, self.team(answer, *case), **more) for case in cases)
        )

    def with_faults(self, *cases, file=""):
        """An exception in place of each step but a release, and errors of other kinds at the second write of a `file`."""

        def attack(answer):
            for team in (self.team(answer, *case) for case in cases):
                may_end_with = partial(self.may_end_with, answer, team)
                yield from _break_off_each_step(answer, team, may_end_with)
                if file:
                    yield from _break_off_otherwise(answer, team[0], file)

        return attack

    def in_real_runs(self, *cases, **how):
        """Some runs at full speed under each of two start methods; `how` as for `Answer.run_teams`."""
        return lambda answer: answer.run_teams(
            [self.team(answer, *case) for case in cases], self.bad_end, **how
        )
