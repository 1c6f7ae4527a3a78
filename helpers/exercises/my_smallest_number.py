"""my_smallest_number.py: SMALLEST, an ORDER that ends with it, and the REASON why none ends with less."""

from helpers.exercises.findings import Ask, Exercise, in_order, in_time
from helpers.resources import CounterFile
from helpers.schedules import Walk
from helpers.workers.counter import increment_without_lock

_PROCESSES, _TIMES = 3, 3
_MOST = _TIMES * _PROCESSES  # updates
_STEPS = 2 * _MOST
_RACE = increment_without_lock, CounterFile(), _TIMES, 0
_LOWEST = 2  # of all orders: a test counts them
_WRONG_REASONS = {
    "a": "your order ends with 2, so only two updates were kept, and nobody kept three",
    "b": "your order ends with 2, so only two updates were kept: one of the three processes lost all of its own",
    "c": "a late write of a small number takes the place of a larger one: that is what losing updates means",
}


def walk_the_order(answer):
    """The order must be whole and end with the number: in the model, then on real processes."""
    number, order = answer.value("SMALLEST"), answer.value("ORDER")
    if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 <= number <= _MOST:
        yield f"no_number: SMALLEST must be a whole number from 0 to {_MOST}, as in SMALLEST = 3."
    try:
        walk = Walk(*_RACE, processes=_PROCESSES, schedule=order)
    except (TypeError, ValueError) as error:
        yield f"no_order: ORDER cannot be walked: {error!s:.400}."
        return
    answer.tried.orders += 1
    if not walk.is_over:
        yield f"order_too_short: ORDER needs {_STEPS} letters, {_STEPS - len(walk.schedule)} are missing."
    run = answer.run(*_RACE, processes=_PROCESSES, schedule=walk.schedule)
    in_time(run)
    yield from in_order(run, _other_end(run, walk.values["counter"], number))


def _other_end(run, ending, number):
    """The Failure where the order ends in the model with another number than is said, or than on real processes."""
    if ending != number:
        yield f"other_number: This order ends with {ending}, and you say SMALLEST = {number}."
    if run.account.observed != ending:
        yield f"not_confirmed: Real processes ended differently: {run}."


def compare_with_the_smallest(answer):
    """No order may end with less."""
    number = answer.value("SMALLEST")
    if number > _LOWEST:
        yield f"not_the_smallest: Your order ends with {number}, but another one ends with less."


def judge_the_reason(answer):
    """The reason must be the one that holds."""
    reason = answer.value("REASON")
    if reason != "d":
        choose = 'choose "a", "b", "c" or "d"'
        why = _WRONG_REASONS.get(reason, choose) if isinstance(reason, str) else choose
        yield f"wrong_reason: Number and order are right. The reason is not: {why}."


EXERCISE = Exercise(values=("SMALLEST", "ORDER", "REASON"), asks=(
    Ask("`ORDER` is a schedule of 18 letters that ends with the number `SMALLEST`.", walk_the_order),
    Ask("No order ends with a smaller number.", compare_with_the_smallest),
    Ask("`REASON` is the letter of the reason why no order can end with less.", judge_the_reason),
))  # fmt: skip
