"""The checker: it attacks a learner's file and explains what broke it. It never raises.

The attacks of each exercise stand in its module of `attacks`; which exercise has which, in EXERCISES.
"""

import ast
import html
import math
import os
from dataclasses import dataclass
from pathlib import Path

from helpers import figures
from helpers.course.attacks import (
    broken_counter,
    fenced_add,
    first_worker,
    narrow_lock,
    recursive_worker,
    repaired_seller,
    safe_shop,
    safe_transfer,
    separate_total,
    shared_locks,
    smallest_number,
    survivor,
)
from helpers.course.attacks.parts import Failure
from helpers.course.attacks.tools import no_addresses, no_foreign_tools


@dataclass(frozen=True)
class Check:
    """The outcome of a check, shown in the notebook in words and, where there is a run, with its picture.

    Where the order of the steps made it go wrong, the order is shown: step by step, as real processes took it.
    """

    file: str
    failure: Failure | None

    @property
    def passed(self):
        return self.failure is None

    def __str__(self):
        return " ".join(filter(None, (self._verdict, self._order)))

    __repr__ = __str__

    @property
    def _verdict(self):
        if self.passed:
            return f"{self.file}: passed. It held out against every attack."
        return (
            f"{self.file}: not yet ({self.failure.name.replace('_', ' ')}). {self.failure.reason}"
        )

    @property
    def _order(self):
        if self.passed or not self.failure.schedule:
            return ""
        say = f"The order, one letter for each step: {self.failure.schedule}."
        if not self.failure.run:
            return say
        said = _plain(self.failure.run.sentence)
        if said in self.failure.reason:
            return f"{say} Real processes took it."
        return f"{say} Real processes, same order: {said}."

    def _repr_html_(self):
        words = f'<div role="status"><b>{html.escape(self._verdict)}</b></div>'
        if self._order:
            words += f"<div>{html.escape(self._order)}</div>"
        return words + (_shown(self.failure) if self.failure and self.failure.run else "")


def _plain(sentence):
    """A run's sentence without the word of lesson 07."""
    return sentence.removeprefix("deadlock: ")


def _shown(failure):
    run = failure.run
    if failure.schedule:
        steps = sorted(run.events, key=lambda event: event.end or math.inf)  # open ones wait
        return figures.interleaving_table(steps, run.processes, accounts=run.accounts)
    shown = failure.shown or run
    return figures.image(shown) if figures.drawable(shown) else ""


@dataclass(frozen=True)
class Exercise:
    """The functions that a file must define, and the attacks it must survive, in order."""

    functions: tuple
    attacks: tuple


EXERCISES = {
    "my_first_worker": Exercise(("work",), (first_worker.start_by_every_method,)),
    "my_broken_counter": Exercise(
        ("count",), (broken_counter.lose_all_but_one, broken_counter.name_three_rivals)
    ),
    "my_smallest_number": Exercise((), (smallest_number.smallest_number,)),
    "my_repaired_seller": Exercise(
        ("sell",),
        (
            no_foreign_tools,
            repaired_seller.sell_in_every_order,
            repaired_seller.sell_in_real_runs,
            repaired_seller.sell_with_a_fault,
            repaired_seller.sell_in_time,
        ),
    ),
    "my_narrow_lock": Exercise(
        ("serve",),
        (
            no_foreign_tools,
            narrow_lock.serve_in_every_order,
            narrow_lock.serve_in_real_runs,
            narrow_lock.serve_with_all_the_work,
            narrow_lock.serve_in_time,
        ),
    ),
    "my_safe_transfer": Exercise(
        ("transfer",),
        (
            no_foreign_tools,
            no_addresses,
            safe_transfer.transfer_in_every_order,
            safe_transfer.transfer_in_real_runs,
        ),
    ),
    "my_shared_locks": Exercise(
        shared_locks.FUNCTIONS,
        (
            shared_locks.name_the_faults,
            no_foreign_tools,
            shared_locks.count_in_every_order,
            shared_locks.count_in_real_runs,
        ),
    ),
    "my_safe_shop": Exercise(
        ("sell",),
        (safe_shop.no_lock, safe_shop.sell_in_every_order, safe_shop.sell_in_real_runs),
    ),
    "my_survivor": Exercise(
        ("add_safely",),
        (
            no_foreign_tools,
            survivor.name_a_patience,
            survivor.add_in_every_order,
            survivor.outlive_a_killed_holder,
            survivor.add_beside_a_slow_holder,
        ),
    ),
    "my_total": Exercise(
        separate_total.FUNCTIONS,
        (
            separate_total.no_related_locks,
            separate_total.add_alone,
            separate_total.add_together,
            separate_total.add_beside_a_killed_holder,
            separate_total.add_beside_a_failing_merge,
        ),
    ),
    "my_recursive_worker": Exercise(
        ("count_down_reentrant", "count_down_split"),
        (
            no_foreign_tools,
            recursive_worker.count_one_after_the_other,
            recursive_worker.count_in_every_order,
            recursive_worker.count_in_one_section,
            recursive_worker.count_in_real_runs,
        ),
    ),
    "my_fenced_add": Exercise(("add",), (no_foreign_tools, fenced_add.add_though_leases_end)),
}


def check(path):
    """Attack the answer in `path` and give back a Check; a failure is a result, never an exception."""
    name = os.path.basename(str(path))
    stem = name.removesuffix(".py").removesuffix("_solution")
    if stem not in EXERCISES:
        known = ", ".join(f"{known}.py" for known in EXERCISES)
        return Check(
            name, Failure("unknown_exercise", f"There is no exercise of that name. Known: {known}.")
        )
    exercise = EXERCISES[stem]
    failure = _readable(path, exercise.functions)
    for attack in exercise.attacks:
        failure = failure or _attacked(attack, os.path.abspath(path))
    return Check(name, failure)


def _attacked(attack, path):
    try:
        return attack(path)
    except Exception as error:  # noqa: BLE001 - such as an answer of a class that only the file knows
        return Failure(
            "crashed",
            f"The check broke off with {type(error).__name__}: {error}. "
            "Give back plain values: numbers, strings, tuples, lists.",
        )


def _readable(path, functions):
    try:
        tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Failure(
            "missing_file", f"There is no file {path}. Run the stub cell above, then edit the file."
        )
    except OSError as error:
        return Failure("missing_file", f"{path} is no file that can be read: {error.strerror}.")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Failure("syntax_error", f"Python cannot read the file: {error}.")
    defined = {name for node in tree.body for name in _names(node)}
    for function in functions:
        if function not in defined:
            return Failure(
                "missing_function",
                f"The file must define a function {function}, at its top level.",
            )
    return None


def _names(node):
    """The names that a statement gives to functions, or to what may be one."""
    if isinstance(node, ast.FunctionDef):
        return [node.name]
    return [target.id for target in getattr(node, "targets", ()) if isinstance(target, ast.Name)]
