"""my_safe_transfer.py: transfer(source, target, first, second, amount)."""

from functools import partial
from itertools import cycle, pairwise

from helpers import lab
from helpers.analysis import lock_words
from helpers.exercises.checking import Ask, Exercise
from helpers.exercises.every_order import Question, ends_with, first_failure, in_turn
from helpers.exercises.findings import TWO_METHODS, Failure, in_order
from helpers.exercises.findings import death as death_of
from helpers.exercises.injected_faults import break_off_each_step
from helpers.exercises.lock_endings import (
    after_a_refusal,
    death,
    gives_up,
    listed,
    stands,
    waits_for_ever,
)
from helpers.exercises.lost_updates import is_passed, lost_update
from helpers.resources import AccountFile, Lock
from helpers.resources.arranged import LingeringLock, TimedLock
from helpers.workers.contention import come_second

_AMOUNTS = 10, 20, 40, 5, 80  # all different: what a wrong account says tells whose money it is
_ALIKE = 30, 30, 7, 7
_REAL_NAMES = ("e", "d", "c", "b", "a"), ("1", "2", "3")
_LINGER = 0.05  # seconds
_RING = ((0, 1), (1, 0))
_RING_OF_THREE = ((0, 1), (1, 2), (2, 0))
_TWO_PAIRS = ((0, 1), (1, 0), (2, 3), (3, 2))
# In the model: the names of the locks, the transfers from place to place, the refused tries of a process.
_BANKS = (
    (("1", "2"), _RING, 6),
    (("1", "3", "10", "20"), _TWO_PAIRS, 0),
    (("tea", "tee", "ab", "ba"), _TWO_PAIRS, 0),
    (("till 1", "bank 1", "x", "xx"), _TWO_PAIRS, 0),
    (("10", "9", "a"), _RING_OF_THREE, 1),
    (("3", "b", "1"), ((0, 2), (1, 2), (2, 0)), 1),
)  # fmt: skip
_MANY_TRIES = 100
_TURNS = 31  # of one that is held up: enough for some tries


def _team(answer, names, moves, kind=Lock):
    """The team of a bank: a process for each of the moves, which are pairs of places in `names`."""
    amounts = _ALIKE if moves is _TWO_PAIRS else _AMOUNTS
    accounts = [AccountFile(f"account {name}", 1000) for name in names]
    locks = [kind(name) for name in names]
    return [
        (
            answer.worker("transfer"),
            (accounts[here], accounts[there], locks[here], locks[there], amount),
        )
        for (here, there), amount in zip(moves, amounts, strict=False)
    ]


def _wanted(team):
    """What the accounts must say after all transfers, by their names."""
    money = {file.name: file.start for _, args in team for file in args[:2]}
    for worker, (source, target, _, _, amount) in team:
        money[source.name] -= worker.calls * amount
        money[target.name] += worker.calls * amount
    return money


# ---- step by step: in the model, and on real processes


def transfer_in_turn(answer):
    """One process alone, then one after the other: what goes wrong there needs no special order."""
    team = _team(answer, ("1", "2"), _RING)
    return in_turn(answer, [partial(_called, answer, team)], _bad_end)


def _called(answer, team, calls):
    """The same team, each called so many times."""
    return [(answer.worker("transfer", calls), args) for _, args in team]


def transfer_in_every_order(answer):
    """All orders of two to four transfers: back and forth, in rings, from two to one; locks of many names."""
    teams = ((_team(answer, names, moves), tries) for names, moves, tries in _BANKS)
    return first_failure(answer, (_every_order(team, team, tries) for team, tries in teams))


def _every_order(team, movers, tries):
    """A Question: all money of the movers, who are in the team, arrives in every order."""
    return Question(team, ends_with(_wanted(movers)), partial(_bad_end, movers), tries=tries)


def transfer_with_both_locks(answer):
    """Whether both locks are held at each write, in two calls of each process, one after the other."""
    team = _team(answer, ("1", "2"), _RING)
    run = answer.run(team=_called(answer, team, 2), processes=2, schedule="")
    return death_of(run) or _moves_without_both(run)


def transfer_beside_a_holder(answer):
    """Somebody else holds a lock for long: whoever is refused gives way, waits and tries again, however often."""
    return _held_up(answer) or _refused_often(answer)


def _held_up(answer):
    """B dies while it holds the lock that A wants; until then A has had many turns.

    First a wait with a time limit is noted as a pause too, for whoever waits so is not busy; then pauses alone.
    """
    for kind, judge in ((TimedLock, _tries_too_soon), (Lock, _pauses_with_a_lock)):
        team = _team(answer, ("1", "2"), _RING, kind)
        schedule, fault = f"B{'A' * _TURNS}BB", ("B", 1)
        try:
            run = answer.run(team=team, processes=2, schedule=schedule, fault=fault)
        except lab.ScheduleError:  # A waits for B, or has ended: it does not try again and again
            return None
        if failure := in_order(_keeps_trying(run) or judge(run), run):
            return failure
    return None


def _refused_often(answer):
    """All orders of a transfer and of somebody who holds the target's lock, once."""
    mover, _ = _team(answer, ("1", "2"), _RING)
    visitor = come_second, (mover[1][3], 0)
    return first_failure(answer, [_every_order([mover, visitor], [mover], _MANY_TRIES)])


def transfer_with_faults(answer):
    """An exception in place of each step but a release."""
    return break_off_each_step(answer, _team(answer, ("1", "2"), _RING))


def _bad_end(movers, run):
    """The Failure for a run after which not all money of the movers has arrived, or None."""
    wanted = _wanted(movers)
    found = {name: account.observed for name, account in run.accounts.items()}
    return (
        after_a_refusal(run)
        or waits_for_ever(run)
        or (found != wanted and gives_up(run, "its money was not moved"))
        or death(run)
        or (found != wanted and (lost_update(run) or _wrong_money(run, found, wanted)))
        or None
    )


def _wrong_money(run, found, wanted):
    say = ", ".join(
        f"{name!r} holds {found[name]} in place of {wanted[name]}"
        for name in wanted
        if found[name] != wanted[name]
    )
    before, after = sum(wanted.values()), sum(found.values())
    if before == after:
        return Failure("wrong_amount", f"The sum is right, the accounts are not: {say}.", run)
    reason = f"All accounts together held {before} at the start, and hold {after}: {say}."
    return Failure("lost_money", reason, run)


def _keeps_trying(run):
    """The Failure for a run in which A, refused a lock, tries for it on and on without a release in between."""
    mine = [step for step in stands(run) if step[0].process == "A"]
    tries = [(event, held) for event, held, _ in mine if event.outcome == "refused"]
    last, held = tries[-1] if tries else (None, None)
    released = held and any(e.op == "release" and e.index < last.index for e, _, _ in mine)
    if not held or released:
        return None
    reason = f"A holds {listed(held)} while it tries for {lock_words(last.thing)} {len(tries)} times. If the other one does the same, nobody gets on, as in a deadlock. Give back what you hold before you try again."
    return Failure("keeps_trying", reason, run)


def _tries_too_soon(run):
    """The Failure for a run in which A, refused a lock, tries again without a pause, or None."""
    for refused, pauses in _refusals(run):
        if not pauses:
            reason = f"A does not get {lock_words(refused.thing)}, and tries again at once: it keeps a processor busy, and may keep the others from getting on. Pause a little before you try again."
            return Failure("busy_waiting", reason, run)
    return None


def _pauses_with_a_lock(run):
    """The Failure for a run in which A, refused a lock, pauses with another one in its hands, or None."""
    for refused, pauses in _refusals(run):
        if pauses and all(pause.held for pause in pauses):
            held = " and ".join(map(lock_words, pauses[0].held))
            reason = f"A does not get {lock_words(refused.thing)}, and pauses while it holds {held}. So the other one is refused in turn, again and again. Give back what you hold, then pause."
            return Failure("pauses_with_a_lock", reason, run)
    return None


def _refusals(run):
    """Each try of A that was refused, with A's pauses until its next one."""
    tries = [event for event in run.events if event.process == "A" and event.op == "acquire"]
    for refused, following in pairwise(tries):
        if refused.outcome == "refused":
            span = range(refused.index + 1, following.index + 1)
            yield refused, [p for p in run.pauses if p.process == "A" and p.index in span]


def _moves_without_both(run):
    """The Failure for a run in which a process writes without holding both locks that it was given, or None."""
    for event, held, _ in stands(run):
        passed = {e.thing for e in run.events if e.op == "acquire" and is_passed(e)}
        mine = {key: name for key, name in held.items() if name in passed}
        if event.op == "write" and len(mine) < 2:
            reason = f"{event.process} writes {event.thing!r} and holds {listed(mine)} at that. Until both accounts are written, the money is in neither or in both: hold both locks all that time."
            return Failure("one_lock_only", reason, run)
    return None


# ---- at full speed


def transfer_in_real_runs(answer):
    """Some runs of three and of five transfers in a ring, each under a start method of its own: all money arrives.

    Each process lingers when it has its first lock: those that come from two sides do meet.
    """
    for names, method in zip(_REAL_NAMES, cycle(TWO_METHODS), strict=False):
        ring = [(place, (place + 1) % len(names)) for place in range(len(names))]
        team = _team(answer, names, ring, LingeringLock)
        asked = len(names) * _LINGER
        if failure := answer.first_bad_run(team, _bad_end, [method], asked=asked):
            return failure
    return None


EXERCISE = Exercise(
    functions=("transfer",),
    asks=(
        Ask("Every order of the steps ends, whatever the locks are called and whichever way the money goes.", transfer_in_turn, transfer_in_every_order),
        Ask("Both locks are held while the money moves.", transfer_with_both_locks),
        Ask("A process that is refused a lock gives back what it holds, pauses and tries again, however often.", transfer_beside_a_holder),
        Ask("An exception at any step comes out, and leaves no lock held.", transfer_with_faults),
        Ask("All money arrives: each call takes `amount` from `source` and adds it to `target`, also at full speed.", transfer_in_real_runs),
    ),
)  # fmt: skip
