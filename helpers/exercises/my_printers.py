"""my_printers.py: print_all(printers, counter, lock, pages, page_s)."""

from functools import partial

from helpers.events import counted
from helpers.exercises.checking import Ask, Exercise
from helpers.exercises.every_order import Question, ends_with, first_failure, in_turn
from helpers.exercises.findings import Failure
from helpers.exercises.injected_faults import break_off_each_step, broken_off_otherwise
from helpers.exercises.lock_endings import death, waits_for_ever
from helpers.exercises.lost_updates import lost_update, unreal_update
from helpers.resources import CounterFile, Lock, Semaphore

_PAGE = 0.01
_START = 3  # pages that were printed before
_PRINTERS, _LOCK = "semaphore", "lock"
# The pages of each process, and how many printers there are. The shortest orders first.
_JOBS = ((1, 1), 1), ((1, 1), 2), ((1, 1, 1), 2), ((2, 1), 1)
_REAL_JOBS = ((3, 3, 3, 3), 2), ((7, 1), 1)


def _team(answer, pages, permits, calls=1, counter=None):
    things = Semaphore(permits), counter or CounterFile(start=_START), Lock()
    return [(answer.worker("print_all", calls), (*things, some, _PAGE)) for some in pages]


def _wanted(team):
    """What the counter must say in the end."""
    return _START + sum(args[3] * worker.calls for worker, args in team)


# ---- step by step: in the model, and on real processes


def print_in_turn(answer):
    """One process after the other, called once and twice."""
    teams_of = [partial(_team, answer, pages, 2) for pages in ((2, 1), (1, 7))]
    return in_turn(answer, teams_of, _bad_end)


def print_in_every_order(answer):
    """All orders of two and three processes, with a printer for each and with fewer."""
    return first_failure(answer, (_every_order(_team(answer, *job)) for job in _JOBS))


def _every_order(team, judge=None):
    values = {"counter": _wanted(team)}
    return Question(team, ends_with(values), partial(_bad_end, team), judge=judge)


def _bad_end(team, run):
    """The Failure for a run in which not each page was counted once, or None."""
    counter, wanted = run.account, _wanted(team)
    failure = waits_for_ever(run) or death(run) or _permits_changed(run)
    say = "Each page adds 1 to the counter"
    if failure := failure or unreal_update(run, {"counter": 1}, "no_real_page", say):
        return failure
    if counter.observed == wanted:
        return None
    reason = f"{counted(wanted - _START, 'page')} should be counted, and the counter says {counter.observed - _START} more than at first."
    return lost_update(run) or Failure("wrong_count", reason, run)


def _permits_changed(run):
    """The Failure for a run in which a process did not give back as many permits as it took, or None."""
    for process in run.processes:
        steps = [
            e.op
            for e in run.events
            if (e.process, e.thing, e.outcome) == (process, _PRINTERS, "done")
        ]
        taken, given = steps.count("acquire"), steps.count("release")
        if taken != given:
            reason = f"{process} took {counted(taken, 'permit')} of `printers` and gave back {given}. A semaphore does not complain: from then on it lets in more at once than there are printers, or fewer."
            return Failure("permits_changed", reason, run)
    return None


# ---- the pages: read from the pauses that were asked for


def print_with_a_permit(answer):
    """All orders of two processes: each page is printed while its process has a permit, and each has a pause of its own."""
    return first_failure(answer, [_every_order(_team(answer, (7, 1), 1), _pages_printed)])


def _pages_printed(found):
    for pauses in found.pauses["A"]:
        pages = [held for seconds, held in pauses if seconds == _PAGE]
        if len(pages) != 7:
            reason = f"A process with 7 pages asked for {counted(len(pages), 'pause')} of page_s. Each page takes one: pause(page_s)."
            return Failure("wrong_pages", reason)
        if without := sum(_PRINTERS not in held for held in pages):
            reason = f"{without} of 7 pages of a process are printed without a permit of `printers`: more pages at once than there are printers."
            return Failure("no_permit", reason)
    return None


def print_outside_the_lock(answer):
    """All orders of two processes: nobody holds the lock of the counter while a page is printed."""
    return first_failure(answer, [_every_order(_team(answer, (7, 1), 1), _under_the_lock)])


def _under_the_lock(found):
    for pauses in found.pauses["A"]:
        pages = [held for seconds, held in pauses if seconds == _PAGE]
        if under := sum(_LOCK in held for held in pages):
            reason = f"{under} of {counted(len(pages), 'page')} of a process are printed while it holds the lock: so only one printer works at a time. Take the lock for the counter only."
            return Failure("prints_under_lock", reason)
    return None


# ---- with a fault, and at full speed


def print_with_faults(answer):
    """An exception in place of each step but a release, and errors of other kinds at the second page."""
    return break_off_each_step(answer, _team(answer, (2, 2), 1)) or broken_off_otherwise(
        answer, lambda counter: _team(answer, (2,), 1, counter=counter)[0], "counter", _START
    )


def print_in_real_runs(answer):
    """Some runs under each of two start methods: every page counted once."""
    for pages, permits in _REAL_JOBS:
        team = _team(answer, pages, permits)
        if failure := answer.first_bad_run(team, _bad_end, asked=sum(pages) * _PAGE):
            return failure
    return None


EXERCISE = Exercise(
    functions=("print_all",),
    asks=(
        Ask("Each of the `pages` adds 1 to the counter, in every order of the steps, and nobody waits for ever.", print_in_turn, print_in_every_order),
        Ask("Each page is printed, by one `pause(page_s)`, while the process has a permit of `printers`.", print_with_a_permit),
        Ask("No page is printed while the lock is held: as many print at once as there are printers.", print_outside_the_lock),
        Ask("An exception at any step comes out, and leaves the lock and the permits free.", print_with_faults),
        Ask("At full speed each page is counted once, too.", print_in_real_runs),
    ),
)  # fmt: skip
