"""my_fenced_add.py: add(lock, store), under a lock whose lease may end while somebody holds it."""

from helpers.exercises.attacks import Question, ends_with, in_every_order
from helpers.exercises.checking import Ask, Exercise
from helpers.exercises.findings import Failure, death, in_order, never_ends
from helpers.exercises.leases import FencedLock, FencedStore, Lease

_STARTS = (5, 0, -1)  # the first is no number that an answer would have by chance
_MANY = 300  # tokens that are out of date before they can be used, one after the other


def _team(answer, processes, ends=0, start=5, stolen=0, calls=1):
    lease, store = Lease(ends), FencedStore(start, stolen)
    return [(answer.worker("add", calls), (FencedLock(lease, store), store))] * processes


def add_in_turn(answer):
    """Three callers one after the other, each twice, and no lease ends: what goes wrong there needs no special order."""
    for start in _STARTS:
        team = _team(answer, 3, start=start, calls=2)
        run = answer.in_turn(team)
        yield from never_ends(run)
        yield from in_order(_bad_end(team, run))


def add_with_a_late_token(answer):
    """Alone, with a token that is out of date when it is used: the next try must be a new one."""
    team = _team(answer, 1, stolen=1)
    run = answer.in_turn(team)
    say = "A token that was refused stays refused: for the next try acquire the lock again, and read again."
    if run.verdict == "timed_out":
        yield Failure("never_ends", f"add does not end: {run.sentence}. {say}", run)
    yield from _bad_end(team, run)


def add_in_every_order(answer):
    """All orders of two callers in which no lease ends, or one, or two.

    Of three callers that read or write outside the lock, too many orders differ to follow them all.
    """
    teams = [_team(answer, 2, ends) for ends in (0, 1, 2)]
    holds = ends_with({"store": _wanted(teams[0])})
    return in_every_order(answer, (Question(team, holds, _bad_end) for team in teams))


def add_again_and_again(answer):
    """Alone, with many tokens that are out of date when they are used."""
    team = _team(answer, 1, stolen=_MANY)
    for found in _bad_end(team, answer.in_turn(team)):
        if isinstance(found, Failure):
            reason = f"Somebody else got the lock each time before add could write, {_MANY} times in a row, and add gave up: {found.reason} Leases may end any number of times: try again until write gives True."
            yield Failure("gives_up", reason, found.run)
        yield found


def _wanted(team):
    worker, (_, store) = team[0]
    return store.start + len(team) * worker.calls


def _bad_end(team, run):
    """The Failure for a run after which the store does not hold what it should."""
    if run.verdict in ("deadlock", "orphaned_lock"):
        name, reason = "lock_kept", "`with lock as token:` releases it on every way out."
        yield Failure(name, f"{run.sentence}. {reason}", run)
    if run.verdict == "crashed":
        reason = f"add did not end by return: {run.sentence}. Whatever happens to a lease, add ends with its update made."
        yield Failure("raised", reason, run)
    yield from death(run)
    if gone := [process for process in run.processes if process not in run.returned]:
        reason = f"add ended the process {gone[0]} that had called it. It must end by return, with its update made."
        yield Failure("raised", reason, run)
    wanted, found = _wanted(team), run.account.observed
    if found != wanted:
        name, reason = _why_wrong(found > wanted, run)
        say = f"The store should hold {wanted}, and it holds {found}."
        yield Failure(name, f"{say} {reason}", run)


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
