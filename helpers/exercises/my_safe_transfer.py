"""my_safe_transfer.py: transfer(source, target, first, second, amount)."""

from functools import partial
from itertools import pairwise

from helpers import lab
from helpers.analysis import lock_words
from helpers.exercises import findings
from helpers.exercises.attacks import Workload, in_every_order
from helpers.exercises.findings import TWO_METHODS, Ask, Exercise, locks_listed
from helpers.resources import AccountFile, Lock
from helpers.resources.stand_ins import LingeringLock, TimedLock
from helpers.workers.contention import come_second

_AMOUNTS = 10, 20, 40, 5, 80  # all different: what a wrong account says tells whose money it is
_ALIKE = 30, 30, 7, 7
# The names of the locks, the transfers from place to place.
_BANK = ("1", "2"), ((0, 1), (1, 0))
_TWO_PAIRS = ((0, 1), (1, 0), (2, 3), (3, 2))
_FOURS = ("1", "3", "10", "20"), ("tea", "tee", "ab", "ba"), ("till 1", "bank 1", "x", "xx")
_THREES = (("10", "9", "a"), ((0, 1), (1, 2), (2, 0))), (("3", "b", "1"), ((0, 2), (1, 2), (2, 0)))
_MANY_TRIES = 100
# B dies at the step after its first one; until then A, which is held up, has turns for some tries.
_HELD_UP = {"schedule": f"B{'A' * 31}BB", "fault": ("B", 1)}
# At full speed, in a ring. Each process lingers when it has its first lock: those that come from two sides do meet.
_FIVE = (("e", "d", "c", "b", "a"), ((0, 1), (1, 2), (2, 3), (3, 4), (4, 0)), LingeringLock)
_THREE = (("1", "2", "3"), ((0, 1), (1, 2), (2, 0)), LingeringLock)
_LINGER = 0.05  # seconds


def _team(answer, names, moves, kind=Lock, calls=1):
    """The team of a bank: a process for each of the moves, which are pairs of places in `names`."""
    amounts = _ALIKE if moves is _TWO_PAIRS else _AMOUNTS
    accounts = [AccountFile(f"account {name}", 1000) for name in names]
    locks = [kind(name) for name in names]
    worker = answer.worker("transfer", calls)
    return [
        (worker, (accounts[here], accounts[there], locks[here], locks[there], amount))
        for (here, there), amount in zip(moves, amounts, strict=False)
    ]


def _wanted(team):
    money = {file.name: file.start for _, args in team for file in args[:2]}
    for worker, (source, target, _, _, amount) in team:
        money[source.name] -= worker.calls * amount
        money[target.name] += worker.calls * amount
    return money


def _wrong_money(wanted, run):
    found = findings.observed(run)
    wrong = [name for name in wanted if found[name] != wanted[name]]
    say = ", ".join(f"{name!r} holds {found[name]} in place of {wanted[name]}" for name in wrong)
    return f"wrong_amount: Each call takes `amount` from `source` and adds it to `target`. In the end {say}."


_gives_up = partial(findings.gives_up, say="its money was not moved")
MOVING = Workload(_team, _wrong_money, judge=_gives_up, ends=_wanted)


def _not_both_locks(answer, team, run):
    """The Failure for a run in which not both locks are held at each write."""
    yield from findings.death(run)
    for event, held, _ in findings.states(run):
        mine = {key: name for key, name in held.items() if findings.is_passed(key)}
        if event.op == "write" and len(mine) < 2:
            yield f"one_lock_only: {event.process} writes {event.shared!r} and holds {locks_listed(mine)} at that moment. Until both accounts are written, the money is in neither or in both: hold both locks all that time."


# ---- beside one who holds a lock for long: whoever is refused gives way, waits and tries again, however often


def transfer_beside_a_holder(answer):
    """B dies while it holds the lock that A wants; until then A has had many turns.

    First a wait with a time limit is noted as a pause too, for whoever waits so is not busy; then pauses alone.
    """
    for kind, judge in ((TimedLock, _tries_too_soon), (Lock, _pauses_with_a_lock)):
        try:
            run = answer.run(team=_team(answer, *_BANK, kind), **_HELD_UP)
        except lab.ScheduleError:  # A waits for B, or has ended: it does not try again and again
            return
        yield from findings.in_order(run, _keeps_trying(run), judge(run))


def transfer_though_refused_often(answer):
    """All orders of a transfer and of somebody who holds the target's lock, once."""
    mover, _ = _team(answer, *_BANK)
    team = [mover, (come_second, (mover[1][3], 0))]
    return in_every_order(answer, [MOVING.question(answer, team, tries=_MANY_TRIES)])


def _keeps_trying(run):
    """The Failure for a run in which A, refused a lock, tries for it on and on without a release in between."""
    mine = [step for step in findings.states(run) if step[0].process == "A"]
    tries = [(event, held) for event, held, _ in mine if event.outcome == "refused"]
    last, held = tries[-1] if tries else (None, None)
    if held and not any(e.op == "release" and e.index < last.index for e, _, _ in mine):
        yield f"keeps_trying: A holds {locks_listed(held)} while it tries for {lock_words(last.shared)} {len(tries)} times. If the other one does the same, nobody gets anywhere, as in a deadlock. Give back what you hold before you try again."


def _tries_too_soon(run):
    """The Failure for a run in which A, refused a lock, tries again without a pause."""
    for refused, pauses in _refusals(run):
        if not pauses:
            yield f"busy_waiting: A does not get {lock_words(refused.shared)}, and tries again at once: it keeps a processor busy, and may keep the others from going on. Pause a little before you try again."


def _pauses_with_a_lock(run):
    """The Failure for a run in which A, refused a lock, pauses with another one in its hands."""
    for refused, pauses in _refusals(run):
        if pauses and all(pause.held for pause in pauses):
            yield f"pauses_with_a_lock: A does not get {lock_words(refused.shared)}, and pauses while it holds {' and '.join(map(lock_words, pauses[0].held))}. So the other one is refused in turn, again and again. Give back what you hold, then pause."


def _refusals(run):
    """Each try of A that was refused, with A's pauses until its next one."""
    tries = [event for event in run.events if event.process == "A" and event.op == "acquire"]
    for refused, following in pairwise(tries):
        if refused.outcome == "refused":
            span = range(refused.index + 1, following.index + 1)
            yield refused, [p for p in run.pauses if p.process == "A" and p.index in span]


EXERCISE = Exercise(functions=("transfer",), asks=(
    Ask("Every order of the steps ends, whatever the locks are called and whichever way the money goes.", MOVING.in_turn(_BANK),
        MOVING.in_every_order(_BANK, tries=6), MOVING.in_every_order(*((names, _TWO_PAIRS) for names in _FOURS), tries=0), MOVING.in_every_order(*_THREES, tries=1)),
    Ask("Both locks are held while the money moves.", MOVING.seen_in_turn((*_BANK, Lock, 2), bad_end=_not_both_locks)),
    Ask("A process that is refused a lock gives back what it holds, pauses and tries again, however often.", transfer_beside_a_holder, transfer_though_refused_often),
    Ask("An exception at any step comes out, and leaves no lock held.", MOVING.with_faults(_BANK)),
    Ask("All money arrives: each call takes `amount` from `source` and adds it to `target`, also at full speed.",
        MOVING.in_real_runs(_FIVE, methods=TWO_METHODS[:1], asked=5 * _LINGER), MOVING.in_real_runs(_THREE, methods=TWO_METHODS[-1:], asked=3 * _LINGER)),
))  # fmt: skip
