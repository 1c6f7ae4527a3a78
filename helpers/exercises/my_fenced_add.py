"""my_fenced_add.py: add(lock, store), under a lock whose lease may end while somebody holds it."""

from helpers.exercises.attacks import Workload
from helpers.exercises.findings import Ask, Exercise, about, death, observed
from helpers.exercises.leases import FencedLock, FencedStore, Lease

# Callers, how often a lease ends, and what the store begins with: the first is no number that an answer would have by chance.
_IN_TURN = (3, 0, 5), (3, 0, 0), (3, 0, -1)
# Of three callers that read or write outside the lock, too many orders differ to follow them all.
_IN_EVERY_ORDER = (2, 0), (2, 1), (2, 2)
_MANY = 300
# One caller, and tokens that are out of date before they can be used, one after the other.
_ONE_LATE, _MANY_LATE = (1, 0, 5, 1), (1, 0, 5, _MANY)


def _team(answer, processes, ends=0, start=5, stolen=0, calls=1):
    lease, store = Lease(ends), FencedStore(start, stolen)
    return [(answer.worker("add", calls), (FencedLock(lease, store), store))] * processes


def _wanted(team):
    worker, (_, store) = team[0]
    return {"store": store.start + len(team) * worker.calls}


class _Leased(Workload):
    """Calls under a lock that may be lost: each must return, with its update made."""

    def bad_end(self, answer, team, run):
        if run.verdict in ("deadlock", "orphaned_lock"):
            yield f"lock_kept: {run.sentence}. `with` releases it on every way out."
        if run.verdict == "crashed":
            yield f"raised: add did not return: {run.sentence}. Whatever happens to a lease, add must return with its update made."
        yield from death(run)
        if gone := [process for process in run.processes if process not in run.returned]:
            yield f"raised: add ended the process {gone[0]} that had called it. It must return, with its update made."
        if observed(run) != self.wanted(team):
            yield self.wrong(self.wanted(team), run)


def _bad_next_try(answer, team, run):
    """Where a token is out of date when it is used: the next try must be a new one."""
    if run.verdict == "timed_out":
        yield f"never_ends: add does not end: {run.sentence}. A token that was refused stays refused: for the next try acquire the lock again, and read again."
    yield from _ADDING.bad_end(answer, team, run)


def _gives_up(answer, team, run):
    """Where many tokens are out of date when they are used, one after the other."""
    for found in about(_ADDING.bad_end(answer, team, run)):
        yield f"gives_up: Somebody else got the lock each time before add could write, {_MANY} times in a row, and add gave up: {found.reason} Leases may end any number of times: try again until write gives True."


def _wrong_number(wanted, run):
    """The Failure for a run after which the store holds another number than it should."""
    wanted, found = wanted["store"], run.account.observed
    say = f"The store should hold {wanted}, but it holds {found}."
    if found > wanted:
        return f"counted_twice: {say} Add 1 for each call of add, once."
    last_writes = {e.process: e for e in run.events if e.op == "write"}
    for process, write in sorted(last_writes.items()):
        if write.outcome == "refused":
            return f"ignored_answer: {say} The store refused a late write of {process}, and add ended as if all were well. Look at what write returns, and try again when it is False."
    given = {(e.process, e.seen) for e in run.events if e.op == "grant"}
    for write in (e for e in run.events if (e.op, e.outcome) == ("write", "done")):
        token = write.arg.partition(", ")[2]
        if (write.process, token) not in given:
            return f"no_token: {say} {write.process} wrote with {token}, not with one that it was given: so the store could not refuse it. Acquiring the lock gives a token; pass it on to write."
    return f"wrong_value: {say} Each call of add must write once: what it has read under that same lock, plus 1. After a refusal, read again."


_ADDING = _Leased(_team, _wrong_number, ends=_wanted)


EXERCISE = Exercise(functions=("add",), asks=(
    Ask("Each call of `add(lock, store)` adds 1 to the number in the store, whatever that number is.", _ADDING.in_turn(*_IN_TURN, alone=lambda answer, run: ())),
    Ask("If a write is refused, `add` tries again until its 1 is in the store.", _ADDING.seen_in_turn(_ONE_LATE, bad_end=_bad_next_try)),
    Ask("With several callers, all updates are in the store, in every order of their steps, even if leases end at any moment.", _ADDING.in_every_order(*_IN_EVERY_ORDER)),
    Ask("`add` does not give up, however often a lease ends.", _ADDING.seen_in_turn(_MANY_LATE, bad_end=_gives_up)),
))  # fmt: skip
