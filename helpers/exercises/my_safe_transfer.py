"""my_safe_transfer.py: transfer(source, target, first, second, amount)."""

from dataclasses import replace
from functools import partial

from helpers import lab
from helpers.analysis import lock_words
from helpers.course.attacks import endings, orders, parts
from helpers.course.attacks.endings import after_a_refusal, death, waits_for_ever
from helpers.course.attacks.faults import broken_off
from helpers.course.attacks.orders import Question
from helpers.course.attacks.parts import Failure
from helpers.course.attacks.sections import is_passed, lost_update
from helpers.resources import AccountFile, Lock
from helpers.resources.arranged import LingeringLock

_AMOUNTS = 10, 20, 40  # all different: what a wrong account says tells whose money it is
_RUNS = 3
_TRIES = 2  # of a process in the model; with more, answers that try again have too many orders


def _ring(path, count, kind=Lock):
    """The team of `count` processes: each moves money to the next account, the last one to the first."""
    accounts = [AccountFile(f"account {place + 1}") for place in range(count)]
    locks = [kind(f"{place + 1}") for place in range(count)]
    team = []
    for place, amount in enumerate(_AMOUNTS[:count]):
        there = (place + 1) % count
        args = accounts[place], accounts[there], locks[place], locks[there], amount
        team.append((lab.WorkerFile(path, "transfer"), args))
    return team


def _wanted(team):
    """What the accounts must say after all transfers, by their names."""
    money = {source.name: source.start for _, (source, *_) in team}
    for _, (source, target, _, _, amount) in team:
        money[source.name] -= amount
        money[target.name] += amount
    return money


# ---- step by step: in the model, and on real processes


def transfer_in_every_order(path):
    """All orders of two and of three transfers in a ring; an exception at each step; both locks all the time.

    First one process after the other: what goes wrong there needs no special order.
    """
    ring = _ring(path, 2)
    run = lab.run(team=ring, processes=2, deadline=parts.DEADLINE / 2, schedule="")
    if failure := _bad_end(_wanted(ring), run):
        return failure if run.verdict == "timed_out" else replace(failure, schedule=run.schedule)
    rings = [_every_order(team) for team in (ring, _ring(path, 3))]
    failure = orders.first_failure([*rings, *broken_off(ring, run)])
    return failure or _moves_without_both(run)


def _every_order(team):
    wanted = _wanted(team)
    return Question(
        team,
        holds=lambda outcome: (
            (outcome.verdict, outcome.errors, outcome.values) == ("ended", (), wanted)
        ),
        explain=partial(_bad_end, wanted),
        tries=_TRIES,
    )


def _bad_end(wanted, run):
    """The Failure for a run after which not every account says what is `wanted`, or None."""
    if run.verdict == "stopped":
        return parts.stopped(run)
    return (
        after_a_refusal(run)
        or _keeps_trying(run)  # its last try may still be under way
        or waits_for_ever(run)
        or _gives_up(run, wanted)
        or death(run)
        or _wrong_money(run, wanted)
    )


def _keeps_trying(run):
    if run.verdict != "timed_out":
        return None
    for event, held, _ in endings.stands(run):
        if event.outcome == "refused" and held:
            return Failure(
                "keeps_trying",
                f"{event.process} holds {endings.listed(held)} while it tries for {lock_words(event.thing)} again and again: nobody gets on, as in a deadlock. Give back what you hold before you try again.",
                run,
            )
    return None


def _gives_up(run, wanted):
    if run.verdict == "timed_out" or _money(run) == wanted:  # a busy one may have filled its tape
        return None
    for process in run.processes:
        if endings.was_refused(run, process) and not endings.written_by(run, process):
            return Failure(
                "gives_up",
                f"{process} did not get a lock in time and went away: its money was not moved. Try again until it is.",
                run,
            )
    return None


def _money(run):
    return {name: account.observed for name, account in run.accounts.items()}


def _wrong_money(run, wanted):
    found = _money(run)
    if found == wanted:
        return None
    if failure := lost_update(run):
        return failure
    say = ", ".join(
        f"{name!r} holds {found[name]} in place of {wanted[name]}"
        for name in wanted
        if found[name] != wanted[name]
    )
    if sum(found.values()) != sum(wanted.values()):
        return Failure(
            "lost_money",
            f"All accounts together held {sum(wanted.values())} at the start, and hold {sum(found.values())}: {say}.",
            run,
        )
    return Failure("wrong_amount", f"The sum is right, the accounts are not: {say}.", run)


def _moves_without_both(run):
    """The Failure for a run in which a process writes without holding both locks that it was given, or None."""
    for event, held, _ in endings.stands(run):
        passed = {e.thing for e in run.events if e.op == "acquire" and is_passed(e)}
        mine = {key: name for key, name in held.items() if name in passed}
        if event.op == "write" and len(mine) < 2:
            return Failure(
                "one_lock_only",
                f"{event.process} writes {event.thing!r} and holds {endings.listed(mine)} at that. Until both accounts are written, the money is in neither or in both: hold both locks all that time.",
                run,
            )
    return None


# ---- at full speed


def transfer_in_real_runs(path):
    """Some runs of two and of three transfers in a ring under each of two start methods: all money arrives.

    Each process lingers when it has its first lock: those that come from two sides do meet.
    """
    for method in parts.TWO_METHODS:
        for count in (2, 3):
            ring = _ring(path, count, LingeringLock)
            with lab.ProcessSet(count, method) as processes:
                for _ in range(_RUNS):
                    run = processes.run(None, team=ring, deadline=parts.DEADLINE / 2)
                    if failure := _bad_end(_wanted(ring), run):
                        return failure
    return None
