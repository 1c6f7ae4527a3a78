"""my_survivor.py: PATIENCE, and add_safely(counter, lock, times)."""

from dataclasses import replace
from functools import partial

from helpers import lab
from helpers.analysis import holds
from helpers.course.attacks import endings, orders, parts
from helpers.course.attacks.endings import after_a_refusal, death, waits_for_ever
from helpers.course.attacks.faults import broken_off
from helpers.course.attacks.orders import Question
from helpers.course.attacks.parts import Failure, constant
from helpers.course.attacks.sections import lost_update
from helpers.resources import CounterFile, Lock
from helpers.resources.arranged import ReservedLock
from helpers.workers.counter import increment_with_lock
from helpers.workers.crash import leave_by_sigkill
from helpers.workers.reentrant import walk_recursively

_LOCK = "ledger"  # no word that an error would say by chance
_TIMES = 3
_LONGEST = 1.0  # seconds of patience
_SLOW = 0.2  # seconds that the slow holder holds
_GRACE = 2.0  # seconds after the patience in which all must be over
_ALL_TOLD = ((2, 1), (3, 1), (2, 2))  # in the model: so many processes, so many times


def _worker(path):
    return lab.WorkerFile(path, "add_safely")


def name_a_patience(path):
    """PATIENCE must be a number of seconds that can be waited for."""
    patience = constant(path, "PATIENCE")
    is_number = isinstance(patience, (int, float)) and not isinstance(patience, bool)
    if not is_number or not 0 < patience <= _LONGEST:
        return Failure(
            "bad_patience",
            f"PATIENCE must be a number of seconds, written out, more than 0 and at most {_LONGEST:g}, as in PATIENCE = 0.5.",
        )
    return None


# ---- step by step: in the model, and on real processes


def add_in_every_order(path):
    """All orders of two and of three processes, and an exception at each step.

    In the model nobody knows how long a holder takes: whoever finds the lock held may get it or give up.
    First one process after the other: there nobody is in anybody's way.
    """
    args = CounterFile(), Lock(_LOCK), 2
    run = lab.run(_worker(path), *args, processes=2, deadline=parts.DEADLINE / 2, schedule="")
    if failure := _kept(run) or _bad_end(run, 2, range(4, 5)):
        return failure if run.verdict == "timed_out" else replace(failure, schedule=run.schedule)
    questions = [_every_order(path, processes, times) for processes, times in _ALL_TOLD]
    # The second one has all the patience there is: it shows where the lock stays held.
    team = [(_worker(path), args), (increment_with_lock, (*args[:2], 1, 0))]
    return orders.first_failure([*questions, *broken_off(team, run, _is_timeout)])


def _every_order(path, processes, times):
    args = CounterFile(), Lock(_LOCK), times
    return Question(
        [(_worker(path), args)] * processes,
        holds=lambda outcome: (
            outcome.verdict == "ended"
            and all(map(_is_timeout, outcome.errors))
            and outcome["counter"] in _fitting(processes, times, len(outcome.errors))
        ),
        explain=lambda run: _bad_end(
            run, times, _fitting(processes, times, _timeouts(run)), is_over=True
        ),
    )


def _fitting(processes, times, given_up):
    """The numbers that the file may say: who gives up has added less than `times`."""
    total = processes * times
    return range(total - given_up * times, total - given_up + 1)


def _is_timeout(error):
    """Whether it is a TimeoutError, written out, that names the lock."""
    return error.startswith("TimeoutError: ") and _LOCK in error


def _timeouts(run):
    return sum(_is_timeout(f"{crash.error}: {crash.message}") for crash in run.crashes)


def _kept(run):
    """The Failure for a run of one after the other in which somebody was refused the lock, or None."""
    for event in run.events:
        if event.outcome == "refused":
            keeper = [span.process for span in holds(run.events) if span.start < event.start][-1]
            return Failure(
                "lock_kept",
                f"One process after the other, nobody is in anybody's way, and still {event.process} does not get the lock: {keeper} has not given it back. Look at every way out.",
                run,
            )
    return None


def _bad_end(run, times, fitting, is_over=False):
    """The Failure for a run that did not end with a TimeoutError for each refusal and one of the `fitting` numbers.

    None where it did; not where `is_over`, since then it is known to have gone wrong.
    """
    if run.verdict == "stopped":
        return parts.stopped(run)
    return (
        after_a_refusal(run)
        or waits_for_ever(run)
        or _wrong_end_of_a_wait(run, times)
        or _death(run)
        or _wrong_count(run, fitting, is_over)
    )


def _wrong_end_of_a_wait(run, times):
    """The Failure for a run in which a process was refused the lock and did not say so rightly, or None."""
    if run.verdict == "timed_out":
        return None
    errors = {crash.process: crash for crash in run.crashes}
    for process in filter(partial(endings.was_refused, run), run.processes):
        crash = errors.get(process)
        if crash and not _is_timeout(f"{crash.error}: {crash.message}"):
            return Failure(
                "wrong_error",
                f"{process} did not get the lock {_LOCK!r}: say it with a TimeoutError that names the lock (lock.name). It ended otherwise: {crash.sentence}.",
                run,
            )
        if not crash and endings.written_by(run, process) < times:
            return Failure(
                "gives_up_silently",
                f"{process} did not get the lock, left out an update, and ended as if all were well. Raise TimeoutError.",
                run,
            )
    return None


def _death(run):
    """The Failure for a run in which a process died that was not refused the lock, or that did not end."""
    refused = [crash for crash in run.crashes if endings.was_refused(run, crash.process)]
    return None if run.verdict == "crashed" and len(refused) == len(run.crashes) else death(run)


def _wrong_count(run, fitting, is_over):
    observed = run.account.observed
    if observed in fitting and not is_over:
        return None
    say = f"{fitting[0]}" if len(fitting) == 1 else f"{fitting[0]} to {fitting[-1]}"
    wrong = Failure("wrong_count", f"The file says {observed}, and it should say {say}.", run)
    return lost_update(run) or wrong


# ---- with a holder that dies, and with one that takes its time


def outlive_a_killed_holder(path):
    """A is killed while it holds the lock: B and C must give up in time, say so, and change nothing.

    Once step by step, in which nobody waits and A surely has the lock, and once with the clock.
    """
    run = lab.run(team=_killed(path, Lock), processes=3, deadline=_GRACE, schedule="A")
    if failure := _no_survivor(run):
        return failure if run.verdict == "timed_out" else replace(failure, schedule=run.schedule)
    return _no_survivor(
        lab.run(
            team=_killed(path, ReservedLock),
            processes=3,
            start_method=parts.TWO_METHODS[0],
            deadline=constant(path, "PATIENCE") + _GRACE,
        )
    )


def _killed(path, kind):
    """A team of which A leaves with the lock."""
    lock = kind(_LOCK)
    args = CounterFile(), lock, _TIMES
    return [(leave_by_sigkill, (lock, 0.01)), (_worker(path), args), (_worker(path), args)]


def _no_survivor(run):
    """The Failure for a run in which A died with the lock and the others did not outlive it rightly, or None."""
    if run.verdict in endings.STUCK:
        return Failure(
            "waits_for_ever",
            f"The holder is dead, and nobody will release the lock. {run.sentence}. Acquire it with timeout=PATIENCE, and give up after that.",
            run,
        )
    survivors = replace(run, crashes=tuple(c for c in run.crashes if c.process != "A"))
    return _bad_end(survivors, _TIMES, range(1))


def add_beside_a_slow_holder(path):
    """A holds the lock for a while and lives: B and C must wait for it and count right, under two start methods."""
    lock = ReservedLock(_LOCK)
    args = CounterFile(), lock, _TIMES
    team = [(walk_recursively, (lock, 1, _SLOW)), (_worker(path), args), (_worker(path), args)]
    for method in parts.TWO_METHODS:
        run = lab.run(team=team, processes=3, start_method=method, deadline=parts.DEADLINE)
        if _timeouts(run):
            return Failure(
                "too_impatient",
                f"A held the lock for {_SLOW * 1000:.0f} ms and gave it back: {run.sentence}. Who is only slow is not dead: be more patient, with at most {_LONGEST:g} s.",
                run,
            )
        if failure := _bad_end(run, _TIMES, range(2 * _TIMES, 2 * _TIMES + 1)):
            return failure
    return None
