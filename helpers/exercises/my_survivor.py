"""my_survivor.py: PATIENCE, and add_safely(counter, lock, times)."""

from dataclasses import replace
from functools import partial

from helpers.analysis import holds
from helpers.events import InjectedFault, counted
from helpers.exercises import looking
from helpers.exercises.checking import Ask, Exercise
from helpers.exercises.every_order import Question, first_failure, in_turn
from helpers.exercises.findings import TWO_METHODS, Failure, Unfinished, in_order, never_ends
from helpers.exercises.injected_faults import break_off_each_step, broken_off_otherwise
from helpers.exercises.lock_endings import (
    STUCK,
    after_a_refusal,
    death,
    waits_for_ever,
    was_refused,
    written_by,
)
from helpers.exercises.lost_updates import lost_update, unreal_update
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
_KEPT = "RuntimeError: something went wrong"  # how the one dies that keeps the lock in the model


def name_a_patience(answer):
    """PATIENCE must be a number of seconds within its limits."""
    patience = answer.value("PATIENCE")
    is_number = isinstance(patience, (int, float)) and not isinstance(patience, bool)
    if not is_number or not _SHORTEST <= patience <= _LONGEST:
        reason = f"PATIENCE must be a number of seconds from {_SHORTEST:g} to {_LONGEST:g}, as in PATIENCE = 0.5."
        return Failure("bad_patience", reason)
    return None


def _team(answer, processes, times, calls=1, name=_LOCKS[0], lock=None, counter=None):
    args = counter or CounterFile(start=_START), lock or Lock(name), times
    return [(answer.worker("add_safely", calls), args)] * processes


# ---- step by step: in the model, and on real processes


def add_in_turn(answer):
    """One process alone, then two one after the other, called once and twice: nobody is in anybody's way."""
    times = zip(_LOCKS, (2, 7), strict=True)
    teams_of = [partial(_team, answer, 2, count, name=name) for name, count in times]
    return in_turn(answer, teams_of, partial(_bad_turn, answer))


def _bad_turn(answer, team, run):
    worker, (_, _, times) = team[0]
    wanted = len(team) * worker.calls * times
    return (
        _kept(run)
        or _bad_end(answer, run, times, range(wanted, wanted + 1))
        or unreal_update(run, {"counter": 1}, "no_real_update", "Each update adds 1")
    )


def add_in_every_order(answer):
    """All orders of two and of three processes, and of many rounds and a second call beside one other process.

    In the model nobody knows how long a holder takes: whoever finds the lock held may get it or give up.
    """
    questions = []
    for processes, times in _ALL_TOLD:
        team, fitting = _team(answer, processes, times), partial(_fitting, processes, times)
        questions.append(_every_order(answer, team, fitting))
    for times, calls in _LONG:  # beside one that adds once and has all the patience there is
        [(worker, args)] = _team(answer, 1, times, calls)
        team = [(increment_with_lock, (*args[:2], 1, 0)), (worker, args)]
        questions.append(_every_order(answer, team, partial(_fitting_beside, times * calls)))
    return first_failure(answer, questions)


def outlive_a_dead_holder_in_every_order(answer):
    """All orders in which A keeps the lock and dies, early or late: whoever asks then raises TimeoutError."""
    [(worker, args)] = _team(answer, 1, _TIMES, name=_LOCKS[1])
    team = [(leave_by_exception_after_acquire, (args[1], 0)), (worker, args)]
    question = _every_order(answer, team, partial(_fitting, 1, _TIMES), (_KEPT,))
    return first_failure(answer, [question._replace(explain=partial(_no_survivor, answer))])


def _every_order(answer, team, fitting, others=()):
    """A Question: all end, with a TimeoutError or one of the `others`; `fitting(given_up)` has what is added then.

    The last of the team runs the learner's function.
    """
    worker, (_, lock, times) = team[-1]

    def holds(outcome):
        errors = [error for error in outcome.errors if error not in others]
        return (
            outcome.verdict == "ended"
            and all(_is_timeout(answer, lock.name, error) for error in errors)
            and outcome["counter"] - _START in fitting(len(errors))
        )

    def explain(run):
        return _bad_end(answer, run, times * worker.calls, fitting(_timeouts(answer, run)))

    return Question(team, holds, explain)


def add_with_faults(answer):
    """An exception in place of each step but a release, and errors of other kinds in the middle of an update."""
    [member] = _team(answer, 1, 2)
    # The second one has all the patience there is: it shows where the lock stays held.
    team = [member, (increment_with_lock, (*member[1][:2], 1, 0))]
    may_end_with = partial(_is_timeout, answer, _LOCKS[0])
    return break_off_each_step(answer, team, may_end_with) or broken_off_otherwise(
        answer, lambda counter: _team(answer, 1, 2, counter=counter)[0], "counter", _START
    )


def _fitting(processes, times, given_up):
    """The numbers that the file may say more: who gives up has added less than `times`."""
    total = processes * times
    return range(total - given_up * times, total - given_up + 1)


def _fitting_beside(times, given_up):
    """The numbers where one process adds `times` and may give up, and another one adds 1."""
    return range(1, times + 1) if given_up else range(times + 1, times + 2)


def _is_timeout(answer, name, error):
    """Whether it is a TimeoutError or one of the file's own kinds of it, written out, that names that lock."""
    kind, _, message = error.partition(": ")
    return kind in answer.value(looking.TIMEOUTS) and name in message


def _says_so(answer, run, crash):
    """Whether a process of the run ended with a TimeoutError that names the run's lock."""
    name = next(event.thing for event in run.events if event.op == "acquire")
    return _is_timeout(answer, name, f"{crash.error}: {crash.message}")


def _timeouts(answer, run):
    return sum(_says_so(answer, run, crash) for crash in run.crashes)


def _kept(run):
    """The Failure for a run of one after the other in which somebody was refused the lock, or None."""
    for event in run.events:
        if event.outcome == "refused":
            keeper = [span.process for span in holds(run.events) if span.start < event.start][-1]
            reason = f"One process after the other, nobody is in anybody's way, and still {event.process} does not get the lock: {keeper} has not given it back. Look at every way out."
            return Failure("lock_kept", reason, run)
    return None


def _bad_end(answer, run, times, fitting):
    """The Failure for a run that did not end with a TimeoutError for each refusal and one of the `fitting` numbers."""
    return (
        after_a_refusal(run)
        or waits_for_ever(run)
        or _wrong_end_of_a_wait(answer, run, times)
        or _death(run)
        or _wrong_count(run, fitting)
    )


def _wrong_end_of_a_wait(answer, run, times):
    """The Failure for a run in which a process was refused the lock and did not say so rightly, or None."""
    if run.verdict == "timed_out":
        return None
    errors = {crash.process: crash for crash in run.crashes}
    for process in filter(partial(was_refused, run), run.processes):
        crash = errors.get(process)
        if crash and not _says_so(answer, run, crash):
            reason = f"{process} did not get the lock: say it with a TimeoutError that names the lock (lock.name). It ended otherwise: {crash.sentence}."
            return Failure("wrong_error", reason, run)
        if not crash and written_by(run, process) < times:
            reason = f"{process} did not get the lock, left out an update, and ended as if all were well. Raise TimeoutError."
            return Failure("gives_up_silently", reason, run)
    return None


def _death(run):
    """The Failure for a run in which a process died that was not refused the lock, or that did not end."""
    told = run.verdict == "crashed" and all(was_refused(run, one.process) for one in run.crashes)
    return None if told else death(run)


def _wrong_count(run, fitting):
    added = run.account.observed - _START
    if added in fitting:
        return None
    say = f"{fitting[0]}" if len(fitting) == 1 else f"{fitting[0]} to {fitting[-1]}"
    text = f"The file started with {_START} and says {_START + added}; {say} should be added."
    return lost_update(run) or Failure("wrong_count", text, run)


# ---- how long it waits: what it asks for, not what a clock says


def wait_as_long_as_said(answer):
    """A is gone with the lock: all that B asks for until it gives up must be PATIENCE seconds.

    Step by step, where a try with a limit is noted with the seconds that it asked for: A takes the lock before
    each of B's tries in turn. Then at full speed with a holder that is killed, where whoever watches a clock
    sees time pass.
    """
    lock = TimedLock(_LOCKS[0])
    [member] = _team(answer, 1, _ROUNDS, calls=2, lock=lock)
    team = [(leave_by_exception_after_acquire, (lock, 0)), member]
    alone = answer.run(team=[member], processes=1, schedule="")
    with answer.processes(2) as run:
        for before in (event.index for event in alone.events if event.op == "acquire"):
            how = {"schedule": "B" * before + "A", "fault": ("B", before + _FOLLOWED)}
            done = run(team=team, **how)
            failure = in_order(_wrong_wait(answer, done, before), done)
            # Who asks for something else the next time watches a clock, for which no time passes here.
            if failure and _asked(run(team=team, **how), before) == _asked(done, before):
                return failure
    return _outlive_a_killed_holder(answer)


def _wrong_wait(answer, run, before):
    """The Failure for a run in which B did not ask for PATIENCE seconds of waiting, or did not survive.

    Of B's steps those `before` lie before the try that A is in the way of. No word of one that was not followed
    to its end: it may watch a clock, for which step by step no time passes.
    """
    if any(event.seen == InjectedFault.__name__ for event in run.events):
        return None
    failure = never_ends(run) or _no_survivor(answer, run, 2 * _ROUNDS)
    patience, asked = answer.value("PATIENCE"), _asked(run, before)
    if failure or asked >= 0.95 * patience:
        return failure or _too_patient(answer, run, before)
    reason = f"{_waited(asked, patience, run)} A holder that is only slow is not dead: wait for it with timeout=PATIENCE."
    return Failure("too_impatient", reason, run)


def _asked(run, before=0):
    """The seconds that B asked to wait since it began the step that has so many `before` it."""
    return sum(p.seconds for p in run.pauses if p.process == "B" and p.index > before)


def _too_patient(answer, run, before=0):
    patience, asked = answer.value("PATIENCE"), _asked(run, before)
    if asked <= 1.05 * patience:
        return None
    return Failure("too_patient", _waited(asked, patience, run), run)


def _waited(asked, patience, run):
    done = written_by(run, "B")
    when = f"After {counted(done, 'update')} of its own, from" if done else "From"
    return f"{when} its first try in vain on, B asked for {asked:g} s of waiting, and PATIENCE is {patience:g} s."


def _outlive_a_killed_holder(answer):
    """A is killed at full speed while it holds the lock: B and C give up, say so, and change nothing."""
    lock = PatientLock(_LOCKS[0])
    team = [(leave_by_sigkill, (lock, 0.01)), *_team(answer, 2, _TIMES, lock=lock)]
    run = answer.run(team=team, processes=3, start_method=TWO_METHODS[0], asked=_LONGEST)
    return _too_patient(answer, run) or _no_survivor(answer, run)


def _no_survivor(answer, run, times=_TIMES):
    """The Failure for a run in which A died with the lock and the others did not outlive it rightly, or None."""
    if run.verdict in STUCK and run.verdict != "timed_out":
        reason = f"The holder is dead, and nobody will release the lock. {run.sentence}. Acquire it with timeout=PATIENCE, and give up after that."
        return Failure("waits_for_ever", reason, run)
    survivors = replace(run, crashes=tuple(c for c in run.crashes if c.process != "A"))
    written = sum(written_by(run, process) for process in run.processes)
    return _bad_end(answer, survivors, times, range(written, written + 1))


def add_beside_a_slow_holder(answer):
    """A holds the lock for a while and lives: B and C wait for it and count right, under two start methods."""
    lock = ReservedLock(_LOCKS[0])
    team = [(walk_recursively, (lock, 1, _SLOW)), *_team(answer, 2, _TIMES, lock=lock)]
    for method in TWO_METHODS:
        run = answer.run(team=team, processes=3, start_method=method, asked=_SLOW)
        if failure := after_a_refusal(run):
            return failure
        if _timeouts(answer, run):  # it waits as long as said: that was seen before
            return Unfinished(f"the machine was too busy: {_SLOW:g} s took longer than PATIENCE")
        if failure := _bad_end(answer, run, _TIMES, range(2 * _TIMES, 2 * _TIMES + 1)):
            return failure
    return None


EXERCISE = Exercise(
    functions=("add_safely",),
    values=("PATIENCE",),
    asks=(
        Ask("`PATIENCE` is a number of seconds, 0.25 at least and 1 at most.", name_a_patience),
        Ask("`add_safely` adds 1 to the counter, `times` over, each time with the lock held; with nobody in the way it gives the lock back each time.", add_in_turn),
        Ask("A process that does not get the lock raises a `TimeoutError` that names it (`lock.name`). It never goes on without the lock, and never releases a lock that it does not hold.", add_in_every_order, outlive_a_dead_holder_in_every_order),
        Ask("It waits `PATIENCE` seconds for the lock and no longer.", wait_as_long_as_said),
        Ask("After an exception at any step the lock is free.", add_with_faults),
        Ask("It counts right beside a holder that is only slow.", add_beside_a_slow_holder),
    ),
)  # fmt: skip
