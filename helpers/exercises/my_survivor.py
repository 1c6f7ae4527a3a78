"""my_survivor.py: PATIENCE, and add_safely(counter, lock, times)."""

from helpers.analysis import holds
from helpers.events import InjectedFault
from helpers.exercises import findings, looking
from helpers.exercises.attacks import Workload
from helpers.exercises.findings import TWO_METHODS, Ask, Exercise, Unfinished, steps
from helpers.resources import CounterFile, Lock
from helpers.resources.stand_ins import PatientLock, ReservedLock, TimedLock
from helpers.workers.counter import increment_with_lock
from helpers.workers.crash import leave_by_exception_after_acquire, leave_by_sigkill
from helpers.workers.reentrant import walk_recursively

_LOCKS = "ledger", "till 7"  # no words that an error would say by chance
_SHORTEST, _LONGEST = 0.25, 1.0  # seconds of patience
_SLOW = 0.2  # seconds that the slow holder holds
_START, _TIMES = 9, 3
_ROUNDS = 4  # one in the middle too
_FOLLOWED = 60  # steps of one that finds the lock held: a loop is not followed further
_DEADLY = leave_by_exception_after_acquire, leave_by_sigkill
_KEPT = "RuntimeError: something went wrong"  # how the one dies that keeps the lock in the model


def name_a_patience(answer):
    """PATIENCE must be a number of seconds within its limits."""
    patience = answer.value("PATIENCE")
    if type(patience) not in (int, float) or not _SHORTEST <= patience <= _LONGEST:
        yield f"bad_patience: PATIENCE must be a number of seconds from {_SHORTEST:g} to {_LONGEST:g}, as in PATIENCE = 0.5."


def _team(answer, processes, times, among=list, kind=Lock, calls=1):
    """So many processes that add, `among(team)` others. The name of the lock is another one where `times` is odd."""
    args = CounterFile(start=_START), kind(_LOCKS[times % 2]), times
    return among([(answer.worker("add_safely", calls), args)] * processes)


def _beside(team):
    """The team, and before it somebody who adds once to its counter, and has all the patience there is."""
    return [(increment_with_lock, (*team[0][1][:2], 1, 0)), *team]


def _before(team):
    return _beside(team)[::-1]


def _behind(holder, *args):
    """What puts A before a team, who takes its lock: `holder(lock, *args)`."""
    return lambda team: [(holder, (team[0][1][1], *args)), *team]


_BEHIND_THE_DEAD = _behind(leave_by_exception_after_acquire, 0)
# At full speed; each waits for the holder to come first.
_KILLED = 2, _TIMES, _behind(leave_by_sigkill, 0.01), PatientLock
_SLOW_ONE = 2, _TIMES, _behind(walk_recursively, 1, _SLOW), ReservedLock


# ---- step by step: in the model, and on real processes


class _Adding(Workload):
    """Processes of which each makes its updates, or is refused the lock and raises a TimeoutError. A holder may die.

    In the model nobody knows how long a holder takes: whoever finds the lock held may get it or give up.
    """

    def may_end_with(self, answer, team, error):
        """Whether it is a TimeoutError or one of the file's own kinds of it, written out, that names the team's lock."""
        kind, _, message = error.partition(": ")
        return kind in answer.value(looking.TIMEOUTS) and team[-1][1][1].name in message

    def holds(self, answer, team):
        """All end, with a TimeoutError or as a holder that dies, and as many updates are made as fit."""
        dead = [_KEPT] if team[0][0] in _DEADLY else []

        def is_right(outcome):
            timeouts = [error for error in outcome.errors if self.may_end_with(answer, team, error)]
            errors = tuple(sorted([*timeouts, *dead]))
            is_fitting = outcome["counter"] - _START in _fitting(team, len(timeouts))
            return is_fitting and (outcome.verdict, outcome.errors) == ("ended", errors)

        return is_right

    def timeouts(self, answer, team, run):
        """The processes that ended with such an error."""
        errors = [(crash.process, f"{crash.error}: {crash.message}") for crash in run.crashes]
        return [process for process, error in errors if self.may_end_with(answer, team, error)]

    def bad_end(self, answer, team, run):
        """The Failure for a run that did not end with a TimeoutError for each refusal and a fitting number."""
        holder, timeouts = team[0][0], self.timeouts(answer, team, run)
        is_in_turn = run.schedule and [*run.schedule] == sorted(run.schedule)
        if is_in_turn and holder not in _DEADLY:
            yield from _kept(run)
        if holder in _DEADLY and run.verdict in ("deadlock", "orphaned_lock"):
            yield f"waits_for_ever: The holder is dead, and nobody will release the lock. {run.sentence}. Acquire it with timeout=PATIENCE, and give up after that."
        if holder is leave_by_sigkill:  # at full speed whoever watches a clock sees time pass
            yield from _too_patient(answer, run)
        yield from findings.after_a_refusal(run)
        # It waits as long as said: that was seen before.
        if holder is walk_recursively and timeouts:
            raise Unfinished(f"the machine was too busy: {_SLOW:g} s took longer than PATIENCE")
        yield from findings.waits_for_ever(run)
        refused = [process for process in run.processes if steps(run, process, outcome="refused")]
        if run.verdict != "timed_out":
            yield from _wrong_end_of_a_wait(run, refused, timeouts, _updates(team)[-1])
        may_die = ["A", *refused] if holder in _DEADLY else refused
        if run.verdict != "crashed" or any(crash.process not in may_die for crash in run.crashes):
            yield from findings.death(run)
        added, fitting = run.account.observed - _START, _fitting(team, len(timeouts))
        if added not in fitting or added != run.account.total:
            say = f"{fitting[0]}" if len(fitting) == 1 else f"{fitting[0]} to {fitting[-1]}"
            yield from findings.lost_update(run)
            yield f"wrong_count: The file started with {_START} and says {_START + added}; {say} should be added."
        yield from findings.unreal_update(run, *self.each)


_ADDING = _Adding(_team, each=({"counter": 1}, "no_real_update", "Each update adds 1"))


def _updates(team):
    """How many updates are asked of each process that counts. The last of a team runs the learner's function."""
    counts = [(worker, args) for worker, args in team if isinstance(args[0], CounterFile)]
    return [args[2] * getattr(worker, "calls", 1) for worker, args in counts]


def _fitting(team, given_up):
    """How many updates may be made where so many gave up: each left out one of its own at least."""
    updates = _updates(team)
    return range(sum(updates) - given_up * updates[-1], sum(updates) - given_up + 1)


def _kept(run):
    """The Failure for a run of one after the other in which somebody was refused the lock."""
    for event in run.events:
        if event.outcome == "refused":
            keeper = [span.process for span in holds(run.events) if span.start < event.start][-1]
            yield f"lock_kept: The processes run one after the other, so nobody is in anybody's way, and still {event.process} does not get the lock: {keeper} has not given it back. Look at every way out."


def _wrong_end_of_a_wait(run, refused, timeouts, updates):
    """The Failure where a process that was refused the lock did not say so rightly."""
    crashes = {crash.process: crash for crash in run.crashes}
    for process in refused:
        if process in crashes and process not in timeouts:
            yield f"wrong_error: {process} did not get the lock: it must raise a TimeoutError that names the lock (lock.name). Instead, {crashes[process].sentence}."
        if process not in crashes and len(steps(run, process, "write")) < updates:
            yield f"gives_up_silently: {process} did not get the lock, left out an update, and ended as if all were well. Raise TimeoutError."


# ---- how long it waits: what it asks for, not what a clock says


def wait_as_long_as_said(answer):
    """A is gone with the lock: all that B asks for until it gives up must be PATIENCE seconds.

    Step by step, where a try with a limit is noted with the seconds that it asked for: A takes the lock before
    each of B's tries in turn.
    """
    team = _team(answer, 1, _ROUNDS, kind=TimedLock, calls=2)
    alone, team = answer.run(team=team, schedule=""), _BEHIND_THE_DEAD(team)
    with answer.processes(2) as run:
        for before in (event.index for event in alone.events if event.op == "acquire"):
            how = {"schedule": "B" * before + "A", "fault": ("B", before + _FOLLOWED)}
            done = run(team=team, **how)
            found = _wrong_wait(answer, team, done, before)
            failure = findings.first(findings.in_order(done, found))
            # Who asks for something else the next time watches a clock, for which no time passes here.
            if failure and _asked(run(team=team, **how), before) == _asked(done, before):
                yield failure


def _wrong_wait(answer, team, run, before):
    """The Failure for a run in which B did not ask for PATIENCE seconds of waiting, or did not survive.

    Of B's steps those `before` lie before the try that A is in the way of. No word of one that was not followed
    to its end: it may watch a clock, for which step by step no time passes.
    """
    if any(event.seen == InjectedFault.__name__ for event in run.events):
        return
    yield from findings.never_ends(run)
    yield from _ADDING.bad_end(answer, team, run)
    if _asked(run, before) < 0.95 * answer.value("PATIENCE"):
        yield f"too_impatient: {_waited(answer, run, before)} A holder that is only slow is not dead: wait for it with timeout=PATIENCE."
    yield from _too_patient(answer, run, before)


def _asked(run, before=0):
    """The seconds that B asked to wait since it began the step that has so many `before` it."""
    return sum(p.seconds for p in run.pauses if p.process == "B" and p.index > before)


def _too_patient(answer, run, before=0):
    if _asked(run, before) > 1.05 * answer.value("PATIENCE"):
        yield f"too_patient: {_waited(answer, run, before)}"


def _waited(answer, run, before):
    return f"From its first failed try on, B asked for {_asked(run, before):g} s of waiting, and PATIENCE is {answer.value('PATIENCE'):g} s."


EXERCISE = Exercise(functions=("add_safely",), values=("PATIENCE",), asks=(
    Ask("`PATIENCE` is a number of seconds, 0.25 at least and 1 at most.", name_a_patience),
    Ask("`add_safely` adds 1 to the counter, `times` over, each time with the lock held; with nobody in the way it gives the lock back each time.", _ADDING.in_turn((2, 2), (2, 7))),
    Ask("A process that does not get the lock raises a `TimeoutError` that names it (`lock.name`). It never goes on without the lock, and never releases a lock that it does not hold.",
        _ADDING.in_every_order((2, 1), (3, 1), (2, 2), (1, 7, _beside), (1, 2, _beside, Lock, 2)), _ADDING.in_every_order((1, _TIMES, _BEHIND_THE_DEAD))),
    Ask("It waits `PATIENCE` seconds for the lock and no longer.", wait_as_long_as_said, _ADDING.in_real_runs(_KILLED, methods=TWO_METHODS[:1], runs=1, asked=_LONGEST)),
    Ask("After an exception at any step the lock is free.", _ADDING.with_faults((1, 2, _before), file="counter")),
    Ask("It counts right beside a holder that is only slow.", _ADDING.in_real_runs(_SLOW_ONE, runs=1, asked=_SLOW)),
))  # fmt: skip
