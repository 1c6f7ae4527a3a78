"""my_survivor.py: PATIENCE, and add_safely(counter, lock, times)."""

from functools import partial

from helpers.analysis import holds
from helpers.events import InjectedFault, counted
from helpers.exercises import attacks, findings, looking
from helpers.exercises.findings import TWO_METHODS, Ask, Exercise, Failure, Unfinished, steps
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
_ALL_TOLD = ((2, 1), (3, 1), (2, 2))  # in the model: so many processes, so many times
_LONG = (7, 1), (2, 2)  # A's times and calls, beside another process
_DEADLY = leave_by_exception_after_acquire, leave_by_sigkill
_KEPT = "RuntimeError: something went wrong"  # how the one dies that keeps the lock in the model


def name_a_patience(answer):
    """PATIENCE must be a number of seconds within its limits."""
    patience = answer.value("PATIENCE")
    if type(patience) not in (int, float) or not _SHORTEST <= patience <= _LONGEST:
        reason = f"PATIENCE must be a number of seconds from {_SHORTEST:g} to {_LONGEST:g}, as in PATIENCE = 0.5."
        yield Failure("bad_patience", reason)


def _team(answer, processes, times, calls=1, kind=Lock, name=_LOCKS[0]):
    args = CounterFile(start=_START), kind(name), times
    return [(answer.worker("add_safely", calls), args)] * processes


def _beside(member):
    """Somebody who adds once to a member's counter, and has all the patience there is."""
    return increment_with_lock, (*member[1][:2], 1, 0)


def _behind(holder, team, *args):
    """A team, and before it A who takes its lock: `holder(lock, *args)`."""
    return [(holder, (team[0][1][1], *args)), *team]


# ---- step by step: in the model, and on real processes


def add_in_turn(answer):
    """One process alone, then two one after the other, called once and twice: nobody is in anybody's way."""

    def bad_turn(team, run):
        yield from _kept(run)
        yield from _bad_end(answer, team, run)

    teams_of = [partial(_team, answer, 2, 2), partial(_team, answer, 2, 7, name=_LOCKS[1])]
    return attacks.in_turn(answer, teams_of, bad_turn)


def add_in_every_order(answer):
    """All orders of two and of three processes, and of many rounds and a second call beside one other process.

    In the model nobody knows how long a holder takes: whoever finds the lock held may get it or give up.
    """
    teams = [_team(answer, *case) for case in _ALL_TOLD]
    teams += [[_beside(one), one] for case in _LONG for one in _team(answer, 1, *case)]
    return attacks.in_every_order(answer, [_every_order(answer, team) for team in teams])


def outlive_a_dead_holder_in_every_order(answer):
    """All orders in which A keeps the lock and dies, early or late: whoever asks then raises TimeoutError."""
    team = _team(answer, 1, _TIMES, name=_LOCKS[1])
    team = _behind(leave_by_exception_after_acquire, team, 0)
    return attacks.in_every_order(answer, [_every_order(answer, team, _KEPT)])


def _every_order(answer, team, *others):
    """A Question: all end, with a TimeoutError or with the `others`, and as many updates are made as fit."""

    def holds(outcome):
        timeouts = [error for error in outcome.errors if _is_timeout(answer, team, error)]
        errors = tuple(sorted([*timeouts, *others]))
        is_fitting = outcome["counter"] - _START in _fitting(team, len(timeouts))
        return is_fitting and (outcome.verdict, outcome.errors) == ("ended", errors)

    return attacks.Question(team, holds, partial(_bad_end, answer))


def add_with_faults(answer):
    """An exception in place of each step but a release, and errors of other kinds in the middle of an update."""
    [member] = _team(answer, 1, 2)
    team = [member, _beside(member)]
    yield from attacks.break_off_each_step(answer, team, partial(_is_timeout, answer, team))
    yield from attacks.break_off_otherwise(answer, member, "counter")


def _is_timeout(answer, team, error):
    """Whether it is a TimeoutError or one of the file's own kinds of it, written out, that names the team's lock."""
    kind, _, message = error.partition(": ")
    return kind in answer.value(looking.TIMEOUTS) and team[-1][1][1].name in message


def _timeouts(answer, team, run):
    """The processes that ended with such an error."""
    errors = [(crash.process, f"{crash.error}: {crash.message}") for crash in run.crashes]
    return [process for process, error in errors if _is_timeout(answer, team, error)]


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
            reason = f"The processes run one after the other, so nobody is in anybody's way, and still {event.process} does not get the lock: {keeper} has not given it back. Look at every way out."
            yield Failure("lock_kept", reason, run)


def _bad_end(answer, team, run):
    """The Failure for a run that did not end with a TimeoutError for each refusal and a fitting number.

    A holder may die.
    """
    is_behind = team[0][0] in _DEADLY
    if is_behind and run.verdict in ("deadlock", "orphaned_lock"):
        reason = f"The holder is dead, and nobody will release the lock. {run.sentence}. Acquire it with timeout=PATIENCE, and give up after that."
        yield Failure("waits_for_ever", reason, run)
    yield from findings.after_a_refusal(run)
    yield from findings.waits_for_ever(run)
    refused = [process for process in run.processes if steps(run, process, outcome="refused")]
    timeouts = _timeouts(answer, team, run)
    if run.verdict != "timed_out":
        yield from _wrong_end_of_a_wait(run, refused, timeouts, _updates(team)[-1])
    may_die = ["A", *refused] if is_behind else refused
    if run.verdict != "crashed" or any(crash.process not in may_die for crash in run.crashes):
        yield from findings.death(run)
    added, fitting = run.account.observed - _START, _fitting(team, len(timeouts))
    if added not in fitting or added != run.account.total:
        say = f"{fitting[0]}" if len(fitting) == 1 else f"{fitting[0]} to {fitting[-1]}"
        reason = f"The file started with {_START} and says {_START + added}; {say} should be added."
        yield from findings.lost_update(run)
        yield Failure("wrong_count", reason, run)
    yield from findings.unreal_update(run, {"counter": 1}, "no_real_update", "Each update adds 1")


def _wrong_end_of_a_wait(run, refused, timeouts, updates):
    """The Failure where a process that was refused the lock did not say so rightly."""
    crashes = {crash.process: crash for crash in run.crashes}
    for process in refused:
        if process in crashes and process not in timeouts:
            reason = f"{process} did not get the lock: it must raise a TimeoutError that names the lock (lock.name). Instead, {crashes[process].sentence}."
            yield Failure("wrong_error", reason, run)
        if process not in crashes and len(steps(run, process, "write")) < updates:
            reason = f"{process} did not get the lock, left out an update, and ended as if all were well. Raise TimeoutError."
            yield Failure("gives_up_silently", reason, run)


# ---- how long it waits: what it asks for, not what a clock says


def wait_as_long_as_said(answer):
    """A is gone with the lock: all that B asks for until it gives up must be PATIENCE seconds.

    Step by step, where a try with a limit is noted with the seconds that it asked for: A takes the lock before
    each of B's tries in turn.
    """
    team = _team(answer, 1, _ROUNDS, calls=2, kind=TimedLock)
    alone = answer.in_turn(team)
    team = _behind(leave_by_exception_after_acquire, team, 0)
    with answer.processes(2) as run:
        for before in (event.index for event in alone.events if event.op == "acquire"):
            how = {"schedule": "B" * before + "A", "fault": ("B", before + _FOLLOWED)}
            done = run(team=team, **how)
            failure = findings.first(findings.in_order(_wrong_wait(answer, team, done, before)))
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
    yield from _bad_end(answer, team, run)
    if _asked(run, before) < 0.95 * answer.value("PATIENCE"):
        reason = f"{_waited(answer, run, before)} A holder that is only slow is not dead: wait for it with timeout=PATIENCE."
        yield Failure("too_impatient", reason, run)
    yield from _too_patient(answer, run, before)


def _asked(run, before=0):
    """The seconds that B asked to wait since it began the step that has so many `before` it."""
    return sum(p.seconds for p in run.pauses if p.process == "B" and p.index > before)


def _too_patient(answer, run, before=0):
    if _asked(run, before) > 1.05 * answer.value("PATIENCE"):
        yield Failure("too_patient", _waited(answer, run, before), run)


def _waited(answer, run, before):
    done = len(steps(run, "B", "write"))
    when = f"After {counted(done, 'update')} of its own, from" if done else "From"
    return f"{when} its first failed try on, B asked for {_asked(run, before):g} s of waiting, and PATIENCE is {answer.value('PATIENCE'):g} s."


def outlive_a_killed_holder(answer):
    """A is killed at full speed while it holds the lock: B and C give up, say so, and change nothing.

    There whoever watches a clock sees time pass.
    """
    team = _behind(leave_by_sigkill, _team(answer, 2, _TIMES, kind=PatientLock), 0.01)
    run = answer.run(team=team, processes=3, start_method=TWO_METHODS[0], asked=_LONGEST)
    yield from _too_patient(answer, run)
    yield from _bad_end(answer, team, run)


def add_beside_a_slow_holder(answer):
    """A holds the lock for a while and lives: B and C wait for it and count right, under two start methods."""
    team = _behind(walk_recursively, _team(answer, 2, _TIMES, kind=ReservedLock), 1, _SLOW)
    for method in TWO_METHODS:
        run = answer.run(team=team, processes=3, start_method=method, asked=_SLOW)
        yield from findings.after_a_refusal(run)
        if _timeouts(answer, team, run):  # it waits as long as said: that was seen before
            raise Unfinished(f"the machine was too busy: {_SLOW:g} s took longer than PATIENCE")
        yield from _bad_end(answer, team, run)


EXERCISE = Exercise(functions=("add_safely",), values=("PATIENCE",), asks=(
    Ask("`PATIENCE` is a number of seconds, 0.25 at least and 1 at most.", name_a_patience),
    Ask("`add_safely` adds 1 to the counter, `times` over, each time with the lock held; with nobody in the way it gives the lock back each time.", add_in_turn),
    Ask("A process that does not get the lock raises a `TimeoutError` that names it (`lock.name`). It never goes on without the lock, and never releases a lock that it does not hold.", add_in_every_order, outlive_a_dead_holder_in_every_order),
    Ask("It waits `PATIENCE` seconds for the lock and no longer.", wait_as_long_as_said, outlive_a_killed_holder),
    Ask("After an exception at any step the lock is free.", add_with_faults),
    Ask("It counts right beside a holder that is only slow.", add_beside_a_slow_holder),
))  # fmt: skip
