"""my_printers.py: print_all(printers, counter, lock, pages, page_s)."""

from helpers.events import counted
from helpers.exercises.attacks import Workload, pauses
from helpers.exercises.findings import Ask, Exercise, death, first, steps
from helpers.resources import CounterFile, Lock, Semaphore

_PAGE = 0.01
_START = 3  # pages that were printed before
_PRINTERS, _LOCK = "semaphore", "lock"
# The pages of each process, and how many printers there are. The shortest orders first.
_JOBS = ((1, 1), 1), ((1, 1), 2), ((1, 1, 1), 2), ((2, 1), 1)
_LONG = (7, 1), 1


def _team(answer, pages, permits, calls=1):
    shared_objects = Semaphore(permits), CounterFile(start=_START), Lock()
    return [(answer.worker("print_all", calls), (*shared_objects, some, _PAGE)) for some in pages]


def _permits_changed(run):
    """The Failure for a run in which a process did not give back as many permits as it took."""
    for process in () if first(death(run)) else run.processes:
        taken = len(steps(run, process, "acquire", _PRINTERS))
        given = len(steps(run, process, "release", _PRINTERS))
        if taken != given:
            yield f"permits_changed: {process} took {counted(taken, 'permit')} of `printers` and gave back {given}. A semaphore does not complain: from then on it lets in more at once than there are printers, or fewer."


def _wrong_count(wanted, run):
    pages, found = wanted["counter"] - _START, run.account.observed - _START
    return f"wrong_count: {counted(pages, 'page')} should be counted, but the counter says {found} more than at the start."


_EACH = {"counter": 1}, "no_real_page", "Each page adds 1 to the counter"
_PRINTING = Workload(_team, _wrong_count, _EACH, judge=_permits_changed)


# ---- the pages: read from the pauses that were asked for


def with_a_permit(found):
    """The Failure where a page is printed without a permit, or has no pause of its own."""
    for pages in pauses(found, _PAGE):
        if len(pages) != 7:
            yield f"wrong_pages: A process with 7 pages asked for {counted(len(pages), 'pause')} of page_s. Each page takes one: pause(page_s)."
        if without := sum(_PRINTERS not in held for held in pages):
            yield f"no_permit: {without} of 7 pages of a process are printed without a permit of `printers`: more pages at once than there are printers."


def outside_the_lock(found):
    """The Failure where a process holds the lock of the counter while a page is printed."""
    for pages in pauses(found, _PAGE):
        if under := sum(_LOCK in held for held in pages):
            yield f"prints_under_lock: {under} of {counted(len(pages), 'page')} of a process are printed while it holds the lock: so only one printer works at a time. Take the lock for the counter only."


EXERCISE = Exercise(functions=("print_all",), asks=(
    Ask("Each of the `pages` adds 1 to the counter, in every order of the steps, and nobody waits for ever.", _PRINTING.in_turn(((2, 1), 2), ((1, 7), 2)), _PRINTING.in_every_order(*_JOBS)),
    Ask("Each page is printed, by one `pause(page_s)`, while the process has a permit of `printers`.", _PRINTING.in_every_order(_LONG, judge=with_a_permit)),
    Ask("No page is printed while the lock is held: as many print at once as there are printers.", _PRINTING.in_every_order(_LONG, judge=outside_the_lock)),
    Ask("An exception at any step comes out, and leaves the lock and the permits free.", _PRINTING.with_faults(((2, 2), 1), file="counter")),
    Ask("At full speed each page is counted once, too.", _PRINTING.in_real_runs(((3, 3, 3, 3), 2), _LONG, asked=0.12)),
))  # fmt: skip
