"""my_fenced_add.py: add(lock, store), under a lock whose lease may end while somebody holds it."""

from functools import partial

from helpers.exercises.checking import Ask, Exercise
from helpers.exercises.every_order import Question, ends_with, first_failure
from helpers.exercises.findings import Failure, death, in_order, never_ends
from helpers.exercises.leases import FencedLock, FencedStore, Lease

_STARTS = (5, 0, -1)  # the first is no number that an answer would have by chance
_MANY = 300  # tokens that are out of date before they can be used, one after the other


def _team(answer, processes, ends=0, start=5, stolen=0, calls=1):
    lease, store = Lease(ends), FencedStore(start, stolen)
    return [(answer.worker("add", calls), (FencedLock(lease, store), store))] * processes


def _serial_run(answer, processes, **how):
    team = _team(answer, processes, **how)
    return answer.run(team=team, processes=processes, schedule="")


def add_in_turn(answer):
    """Three callers one after the other, each twice, and no lease ends: what goes wrong there needs no special order."""
    for start in _STARTS:
        run = _serial_run(answer, 3, start=start, calls=2)
        if failure := never_ends(run) or in_order(_bad_end(start + 6, run), run):
            return failure
    return None


def add_with_a_late_token(answer):
    """Alone, with a token that is out of date when it is used: the next try must be a new one."""
    run = _serial_run(answer, 1, stolen=1)
    say = "A token that was refused stays refused: for the next try acquire the lock again, and read again."
    if run.verdict == "timed_out":
        return Failure("never_ends", f"add does not end: {run.sentence}. {say}", run)
    return _bad_end(6, run)


def add_in_every_order(answer):
    """All orders of two callers in which no lease ends, or one, or two.

    Of three callers that read or write outside the lock, too many orders differ to follow them all.
    """
    wanted = 7
    return first_failure(
        answer,
        [
            Question(
                _team(answer, 2, ends), ends_with({"store": wanted}), partial(_bad_end, wanted)
            )
            for ends in (0, 1, 2)
        ],
    )


def add_again_and_again(answer):
    """Alone, with many tokens that are out of date when they are used."""
    failure = _bad_end(6, _serial_run(answer, 1, stolen=_MANY))
    if not isinstance(failure, Failure):
        return failure
    reason = (
        f"Somebody else got the lock each time before add could write, {_MANY} times in a row, and add gave up: {failure.reason} "
        "Leases may end any number of times: try again until write gives True."
    )
    return Failure("gives_up", reason, failure.run)


def _bad_end(wanted, run):
    """The Failure for a run after which the store does not hold `wanted`, or None."""
    if run.verdict in ("deadlock", "orphaned_lock"):
        name, reason = "lock_kept", "`with lock as token:` releases it on every way out."
        return Failure(name, f"{run.sentence}. {reason}", run)
    if run.verdict == "crashed":
        reason = f"add did not end by return: {run.sentence}. Whatever happens to a lease, add ends with its update made."
        return Failure("raised", reason, run)
    if failure := death(run):
        return failure
    if gone := [process for process in run.processes if process not in run.returned]:
        reason = f"add ended the process {gone[0]} that had called it. It must end by return, with its update made."
        return Failure("raised", reason, run)
    found = run.account.observed
    if found == wanted:
        return None
    name, reason = _why_wrong(found > wanted, run)
    return Failure(name, f"The store should hold {wanted}, and it holds {found}. {reason}", run)


def _why_wrong(is_too_much, run):
    """Name and reason of the Failure for a run after which the store holds another number than it should."""
    if is_too_much:
        return "counted_twice", "Add 1 for each call of add, once."
    last_writes = {e.process: e for e in run.events if e.op == "write"}
    for process, write in sorted(last_writes.items()):
        if write.outcome == "refused":
            reason = f"The store refused a late write of {process}, and add ended as if all were well. Look at the answer of write, and try again where it is False."
            return "ignored_answer", reason
    newest, given, read_under = "", set(), {}
    for event in run.events:
        process = event.process
        if event.op == "grant":
            newest = event.seen
            given.add((process, newest))
        elif event.op == "read":
            read_under[process] = newest
        elif event.op == "write" and event.outcome == "done":
            token = event.arg.partition(", ")[2]
            if (process, token) not in given:
                came = f"with {token}, which it was not given"
                came = "without a token" if token == "no token" else came
                reason = f"{process} wrote {came}, so the store could not refuse it. `with lock as token:` gives a token; pass it on, store.write(value, token)."
                return "no_token", reason
            if read_under.get(process) != newest:
                reason = f"{process} wrote with the newest token, but the number in it was not read under that lock. Read anew under each lock."
                return "stale_value", reason
    return "not_added", "Each call of add must write once: what it has read, plus 1."


EXERCISE = Exercise(
    functions=("add",),
    asks=(
        Ask("Each call of `add(lock, store)` adds 1 to the number in the store, whatever that number is.", add_in_turn),
        Ask("If a write is refused, `add` tries again until its 1 is in the store.", add_with_a_late_token),
        Ask("With several callers, all updates are in the store, in every order of their steps, even if leases end at any moment.", add_in_every_order),
        Ask("`add` does not give up, however often a lease ends.", add_again_and_again),
    ),
)  # fmt: skip
