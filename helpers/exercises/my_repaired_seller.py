"""my_repaired_seller.py: sell(seats, sold, lock, times, think, work)."""

from dataclasses import replace
from functools import partial

from helpers import lab
from helpers.course.attacks import orders, parts
from helpers.course.attacks.endings import STUCK, death, waits_for_ever
from helpers.course.attacks.faults import broken_off
from helpers.course.attacks.orders import Question
from helpers.course.attacks.parts import Failure
from helpers.course.attacks.sections import lost_update, unreal_update
from helpers.course.attacks.speed import quickest, timed, unmeasured
from helpers.events import counted
from helpers.resources import CounterFile, Lock
from helpers.resources.faulty import FaultyCounterFile
from helpers.workers import scopes

_SELLERS, _TIMES, _THINK, _WORK = 3, 4, 0.001, 0.01
# In the model: so many processes, so many rounds each, so many seats. First what has the shortest orders.
_SALES = ((2, 1, 9), (3, 1, 9), (2, 3, 9), (3, 1, 1), (2, 3, 1))
_ROUNDS = 2  # of the sale that is broken off, at each of its steps


def _worker(path):
    return lab.WorkerFile(path, "sell")


# ---- step by step: in the model, and on real processes


def sell_in_every_order(path):
    """All orders of two and of three processes, with enough seats and with few; and an exception at each step.

    First one process after the other: what goes wrong there needs no special order.
    """
    sold, lock = CounterFile("sold"), Lock()
    seats = {number: CounterFile("seats", start=number) for number in (9, 1)}
    args = seats[9], sold, lock, _ROUNDS, _THINK, _WORK
    run = lab.run(_worker(path), *args, processes=2, deadline=parts.DEADLINE / 2, schedule="")
    if failure := _bad_sale(run, 2 * _ROUNDS):
        return failure if run.verdict == "timed_out" else replace(failure, schedule=run.schedule)
    sales = [
        _sale(path, sellers, (seats[number], sold, lock, times, _THINK, _WORK))
        for sellers, times, number in _SALES
    ]
    return orders.first_failure([*sales, *broken_off([(_worker(path), args)] * 2, run)])


def _sale(path, sellers, args):
    seats, _, _, times, *_ = args
    wanted = min(seats.start, sellers * times)
    values = {"seats": seats.start - wanted, "sold": wanted}
    return Question(
        [(_worker(path), args)] * sellers,
        holds=lambda outcome: (
            (outcome.verdict, outcome.errors, outcome.values) == ("ended", (), values)
        ),
        explain=partial(_bad_sale, wanted=wanted),
    )


def _bad_sale(run, wanted):
    """The Failure for a run in which not each of `wanted` seats was sold once and counted once, or None."""
    seats, sold = run.accounts["seats"], run.accounts["sold"]
    if failure := waits_for_ever(run) or death(run):
        return failure
    if (seats.observed, sold.observed) == (seats.start - wanted, wanted):
        return None
    wrong = Failure(
        "wrong_count",
        f"Of {counted(seats.start, 'seat')} {wanted} should be sold; counted as sold: {sold.observed}, as left: {seats.observed}.",
        run,
    )
    return _no_real_sale(run) or lost_update(run) or wrong


def _no_real_sale(run):
    say = "Each sale takes one seat away and counts one as sold"
    return unreal_update(run, {"seats": -1, "sold": 1}, "no_real_sale", say)


# ---- at full speed


def sell_in_real_runs(path):
    """Three runs under each of two start methods, with few seats and with many: every seat counted once."""
    for method in parts.TWO_METHODS:
        for seats in (5, 20):
            args = CounterFile("seats", start=seats), CounterFile("sold"), Lock()
            with lab.ProcessSet(_SELLERS, method) as sellers:
                for _ in range(3):
                    run = _sell(sellers, path, args)
                    wanted = min(seats, _SELLERS * _TIMES)
                    if failure := _bad_sale(run, wanted) or _no_real_sale(run):
                        return failure
    return None


def _sell(sellers, path, args):
    return sellers.run(_worker(path), *args, _TIMES, _THINK, _WORK, deadline=parts.DEADLINE / 2)


def sell_with_a_fault(path):
    """A's second write of `sold` fails with an exception: the others must still get the lock."""
    args = CounterFile("seats", start=20), FaultyCounterFile("sold", process="A"), Lock()
    with lab.ProcessSet(_SELLERS, parts.TWO_METHODS[0]) as sellers:
        run = _sell(sellers, path, args)
    if run.verdict in STUCK:
        return Failure(
            "exception_keeps_lock",
            f"An exception inside the critical section left the lock held: {run.sentence}.",
            run,
        )
    if not run.crashes:
        return Failure(
            "hides_the_fault",
            "The injected exception vanished: the function must let it through.",
            run,
        )
    return None


def sell_in_time(path):
    """The slow work must stay outside the lock: faster than the middle of outside and inside, measured now."""
    args = CounterFile("seats", start=20), CounterFile("sold"), Lock()
    runs = timed(_SELLERS, _worker(path), *args, _TIMES, _THINK, _WORK)
    for run in runs:
        if failure := _bad_sale(run, _SELLERS * _TIMES):
            return failure
    took = quickest(runs).elapsed
    if took < _TIMES * _WORK / 2:
        return Failure(
            "no_tickets",
            f"{_TIMES} tickets of each process take {_TIMES * _WORK * 1000:.0f} ms to print, and all was over after {took * 1000:.0f} ms. Keep pause(work).",
        )
    return _too_slow(took)


def _too_slow(took):
    """The Failure for a sale that takes so many seconds as if the slow work were under the lock, or None."""
    references = [
        timed(_SELLERS, worker, CounterFile(), Lock(), _TIMES, 2 * _THINK, _WORK)
        for worker in (scopes.lock_read_to_write, scopes.lock_slow_work_too)
    ]
    if failure := unmeasured([run for runs in references for run in runs]):
        return failure
    outside, inside = (quickest(runs).elapsed for runs in references)
    if took > (outside + inside) / 2:
        return Failure(
            "too_slow",
            f"It is right but slow: {took * 1000:.0f} ms, where {outside * 1000:.0f} ms will do and locking the slow work takes {inside * 1000:.0f} ms. Print the ticket outside the lock.",
        )
    return None
