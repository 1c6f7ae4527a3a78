"""An exception in place of each step: it must come out, and leave no lock behind."""

from functools import partial

from helpers import lab
from helpers.events import InjectedFault
from helpers.exercises.every_order import Question, first_failure
from helpers.exercises.findings import Failure, cut_off, death, heeded
from helpers.exercises.lock_endings import UNHELD
from helpers.resources import Lock
from helpers.resources.faulty import FaultyCounterFile
from helpers.workers.contention import come_second

_BROKEN_OFF = f"InjectedFault: {InjectedFault()}"


def break_off_each_step(answer, team, may_end_with=lambda error: False, about=""):
    """The Failure, Unfinished or None for a team of which A meets an exception (see `broken_off`), `about` that function."""
    run = heeded(lab.run(team=team, processes=len(team), schedule=""))
    questions = broken_off(team, run, may_end_with)
    if about:
        questions = (question.about(about) for question in questions)
    return death(run) or first_failure(answer, questions)


def broken_off(team, run, may_end_with=lambda error: False):
    """Questions: for each of A's steps in `run` but releases, an exception in its place.

    Alone it must come out; then the others must go on, and whoever just waits for one of A's locks gets it.
    The others may die of what `may_end_with(error)` says.
    """
    # The others may try for a lock again and again, which is not followed for ever. A plain wait shows who kept it.
    visitors = _visitors(team[0])
    steps = [event.op for event in run.events if event.process == "A"]
    harms_nobody = partial(_harms_nobody, may_end_with)
    for number, op in enumerate(steps):
        if op != "release":
            fault = "A", number
            yield Question(team[:1], _comes_out, _bad_end, fault)
            yield Question(team, harms_nobody, _bad_end, fault)
            yield Question([team[0], *visitors], harms_nobody, _bad_end, fault)


def _visitors(member):
    """For each lock among a member's arguments, somebody who just waits for it."""
    locks = [arg for arg in member[1] if isinstance(arg, Lock)]
    return [(come_second, (lock, 0)) for lock in dict.fromkeys(locks)]


def broken_off_otherwise(answer, member_of, name, start=0):
    """The Failure, Unfinished or None where A's second write of a file raises what no Fault of the model raises.

    `member_of(file)` gives A, a worker and its arguments, with that file, of that `name` and `start`. An answer that
    catches some kinds of errors only, on its way out or for good, is found by another kind. Then somebody waits
    for each of A's locks, who just waits and does not try again and again.
    """
    for error in (SystemExit, OSError, ValueError):
        member = member_of(FaultyCounterFile(name, start, error=error))
        team = [member, *_visitors(member)]
        run = answer.run(team=team, processes=len(team), schedule="")
        if run.verdict == "timed_out":
            return cut_off(run)
        where = f"{error.__name__} in place of A's second write of {name!r}"
        if run.verdict == "orphaned_lock":
            kind = "exit" if error is SystemExit else "exception"
            why = " SystemExit is no Exception." if error is SystemExit else ""
            say = f"{where} leaves the lock held: {run.sentence}.{why} Look at every way out."
            return Failure(f"{kind}_keeps_lock", say, run)
        if not any((one.process, one.error) == ("A", error.__name__) for one in run.crashes):
            return Failure("hides_the_fault", f"{where} did not come out. Let it through.", run)
    return None


def _comes_out(outcome):
    return outcome.verdict == "ended" and outcome.errors == (_BROKEN_OFF,)


def _harms_nobody(may_end_with, outcome):
    return outcome.verdict == "ended" and all(
        error == _BROKEN_OFF or may_end_with(error) for error in outcome.errors
    )


def _bad_end(run):
    step = next(event for event in run.events if event.seen == InjectedFault.__name__)
    where = f"An exception in place of {step.process}'s {step.op} of {step.thing!r}"
    if run.verdict in ("deadlock", "orphaned_lock"):
        reason = f"{where} leaves the lock held: who wants it next waits for ever."
        return Failure("exception_keeps_lock", reason, run)
    if any(words in crash.message for crash in run.crashes for words in UNHELD):
        reason = f"After {where[0].lower()}{where[1:]} a lock was released that was not held. What you did not get, do not give back."
        return Failure("released_unheld", reason, run)
    return Failure("hides_the_fault", f"{where} did not come out. Let it through.", run)
