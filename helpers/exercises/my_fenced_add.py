"""my_fenced_add.py: add(lock, store), under a lock whose lease may end while somebody holds it."""

from functools import partial

from helpers.exercises.checking import Ask, Exercise
from helpers.exercises.every_order import Question, ends_with, first_failure
from helpers.exercises.findings import Failure, death, in_order, never_ends
from helpers.exercises.leases import FencedLock, FencedStore, Lease

_STARTS = (5, 0, -1)  # the first is no number that an answer would have by chance
_MANY = 300  # tokens that are out of date before they can be used, one after the other


def _team(answer, processes, ends, start, stolen=0, calls=1):
    lease, store = Lease(ends), FencedStore(start, stolen)
    return [(answer.worker("add", calls), (FencedLock(lease, store), store))] * processes


def add_in_turn(answer):
    """One after the other, each twice, and no lease ends: what goes wrong there needs no special order."""
    for start in _STARTS:
        team = _team(answer, 2, 0, start, calls=2)
        run = answer.run(team=team, processes=2, schedule="")
        if failure := never_ends(run) or in_order(_bad_end(start + 4, run), run):
            return failure
    return None


def add_with_a_late_token(answer):
    """Alone, with a token that is out of date when it is used: the next try must be a new one."""
    run = answer.run(team=_team(answer, 1, 0, 5, stolen=1), processes=1, schedule="")
    say = "A token that was refused stays refused: for the next try acquire the lock again, and read again."
    if run.verdict == "timed_out":
        return Failure("never_ends", f"add does not end: {run.sentence}. {say}", run)
    return _bad_end(6, run)


def add_in_every_order(answer):
    """All orders of two callers in which no lease ends, or one, or two."""
    return first_failure(
        answer, [_question(answer, 2, ends, start) for ends in (0, 1, 2) for start in _STARTS[:1]]
    )


def add_three_at_once(answer):
    """All orders of three callers in which one lease ends."""
    return first_failure(answer, [_question(answer, 3, 1, 0)])


def _question(answer, processes, ends, start):
    wanted = start + processes
    return Question(
        _team(answer, processes, ends, start),
        holds=ends_with({"store": wanted}),
        explain=partial(_bad_end, wanted),
    )


def add_again_and_again(answer):
    """Alone, with many tokens that are out of date when they are used."""
    run = answer.run(team=_team(answer, 1, 0, 5, stolen=_MANY), processes=1, schedule="")
    failure = _bad_end(6, run)
    if not isinstance(failure, Failure):
        return failure
    return Failure(
        "gives_up",
        f"Somebody else got the lock each time before add could write, {_MANY} times in a row, and add gave up: {failure.reason} "
        "Leases may end any number of times: try again until write gives True.",
    )


def _bad_end(wanted, run):
    """The Failure for a run after which the store does not hold `wanted`, or None."""
    if run.verdict in ("deadlock", "orphaned_lock"):
        reason = f"{run.sentence}. `with lock as token:` releases it on every way out."
        return Failure("lock_kept", reason, run)
    if run.verdict == "crashed":
        say = f"add did not end by return: {run.sentence}."
        return Failure(
            "raised", f"{say} Whatever happens to a lease, add ends with its update made.", run
        )
    if failure := death(run):
        return failure
    if gone := [process for process in run.processes if process not in run.returned]:
        say = f"add ended the process {gone[0]} that had called it."
        return Failure("raised", f"{say} It must end by return, with its update made.", run)
    found = run.account.observed
    return None if found == wanted else _wrong_number(wanted, found, run)


def _wrong_number(wanted, found, run):
    say = f"The store should hold {wanted}, and it holds {found}."
    if found > wanted:
        return Failure("counted_twice", f"{say} Add 1 for each call of add, once.", run)
    for process in run.processes:
        writes = [e for e in run.events if e.process == process and e.op == "write"]
        if writes and writes[-1].outcome == "refused":
            reason = f"{say} The store refused a late write of {process}, and add ended as if all were well. Look at the answer of write, and try again where it is False."
            return Failure("ignored_answer", reason, run)
    return (
        _bare(say, run)
        or _stale(say, run)
        or Failure(
            "not_added", f"{say} Each call of add must write once: what it has read, plus 1.", run
        )
    )


def _bare(say, run):
    """The Failure where a write was taken that came without the token of its own lock, or None."""
    own = set()
    for event in run.events:
        if event.op == "grant":
            own.add((event.process, event.seen))
        elif event.op == "write" and event.outcome == "done":
            token = event.arg.partition(", ")[2]
            if (event.process, token) not in own:
                came = (
                    "without a token"
                    if token == "no token"
                    else f"with {token}, which it was not given"
                )
                reason = f"{say} {event.process} wrote {came}, so the store could not refuse it. `with lock as token:` gives a token; pass it on, store.write(value, token)."
                return Failure("no_token", reason, run)
    return None


def _stale(say, run):
    """The Failure where a number was written that was not read under the lock of the write, or None."""
    newest, read_under = "", {}
    for event in run.events:
        if event.op == "grant":
            newest = event.seen
        elif event.op == "read":
            read_under[event.process] = newest
        elif (
            event.op == "write"
            and event.outcome == "done"
            and read_under.get(event.process) != newest
        ):
            reason = f"{say} {event.process} wrote with the newest token, but the number in it was not read under that lock. Read anew under each lock."
            return Failure("stale_value", reason, run)
    return None


EXERCISE = Exercise(
    functions=("add",),
    asks=(
        Ask("Each call of `add(lock, store)` adds 1 to the number in the store, whatever that number is.", add_in_turn),
        Ask("If a write is refused, `add` tries again until its 1 is in the store.", add_with_a_late_token),
        Ask("With several callers, all updates are in the store, in every order of their steps, even if leases end at any moment.", add_in_every_order, add_three_at_once),
        Ask("`add` does not give up, however often a lease ends.", add_again_and_again),
    ),
)  # fmt: skip
