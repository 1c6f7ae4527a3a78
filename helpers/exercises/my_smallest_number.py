"""my_smallest_number.py: SMALLEST, an ORDER that ends with it, and the REASON why none ends with less."""

from helpers import lab
from helpers.course.attacks.parts import Failure, constant
from helpers.resources import CounterFile
from helpers.schedules import Walk
from helpers.workers.counter import increment_without_lock

_PROCESSES, _TIMES = 3, 3
_STEPS = 2 * _TIMES * _PROCESSES
_RACE = increment_without_lock, CounterFile(), _TIMES, 0
_LOWEST = 2  # of all orders: a test counts them
_WRONG_REASONS = {
    "a": "your order ends with 2, so only two updates were kept, and nobody kept three",
    "b": "your order ends with 2, so only two updates were kept: one of the three processes lost all of its own",
    "c": "a late write of a small number takes the place of a larger one: that is what losing updates means",
}


def smallest_number(path):
    """The order must be whole and end with the number; no order may end with less; the reason must hold."""
    number, order, reason = (constant(path, name) for name in ("SMALLEST", "ORDER", "REASON"))
    if isinstance(number, bool) or not isinstance(number, int):
        return Failure("no_number", "SMALLEST must be a whole number, as in SMALLEST = 3.")
    try:
        walk = Walk(*_RACE, processes=_PROCESSES, schedule=order)
    except (TypeError, ValueError) as error:
        return Failure("no_order", f"ORDER cannot be walked: {error}.")
    if not walk.is_over:
        left = _STEPS - len(walk.schedule)
        return Failure("order_too_short", f"ORDER needs {_STEPS} letters, {left} are missing.")
    ending = walk.values["counter"]
    if ending != number:
        return _shown(
            walk, "other_number", f"this order ends with {ending}, and you say SMALLEST = {number}"
        )
    if number > _LOWEST:
        return _shown(
            walk,
            "not_the_smallest",
            f"your order ends with {number}, but another one ends with less",
        )
    if reason != "d":
        why = _WRONG_REASONS.get(reason, 'choose "a", "b", "c" or "d"')
        return Failure("wrong_reason", f"Number and order are right. The reason is not: {why}.")
    return _not_on_real_processes(walk)


def _shown(walk, name, reason):
    """A failure with the real run of the learner's order."""
    return Failure(name, f"{reason[0].upper()}{reason[1:]}.", _replayed(walk), walk.schedule)


def _replayed(walk):
    return lab.run(*_RACE, processes=_PROCESSES, schedule=walk.schedule)


def _not_on_real_processes(walk):
    run = _replayed(walk)
    if run.verdict == "stopped" or run.account.observed != walk.values["counter"]:
        return Failure(
            "not_confirmed", f"Real processes ended otherwise: {run}.", run, walk.schedule
        )
    return None
