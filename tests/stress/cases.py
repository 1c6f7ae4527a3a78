"""What is tried on the busy machine, each case in a process of its own, which prints its outcome as one line of JSON.

Such a process imports what its case needs, and no more: nbformat alone computes for seconds.
"""

import importlib
import json
import os
import re
import tempfile
import time
from pathlib import Path

from tests.environments import ROOT, copy_tracked_files, execute

PATHS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
RUNS = 10
_CELL = 300  # seconds for one cell of a lesson
_SOLUTION = re.compile(r"%%writefile (solution_\w+)\.py\n(.*)", re.DOTALL)
# Their lessons say that it depends on the machine, or they are about the speed of this one, or take too long here.
NEED_QUIET = {
    "a_lock_for_each_account_is_faster",
    "a_sleep_outside_shares_out_the_turns",
    "a_small_window_is_not_always_met",
    "a_thousand_deadlocks_leave_nothing",
    "about_half_is_lost",
    "computing_needs_cores",
    "locks_have_their_price",
    "long_holds_come_in_short_streaks",
    "more_processes_only_lose_more",
    "no_answer_is_told_in_time",
    "the_number_of_orders_is_no_probability",
    "too_wide_is_serial",
    "without_slow_work_the_right_ones_are_equal",
}


def solutions():
    """The solutions of all lessons, as (path of the lesson, name of the file without its ending, source)."""
    import nbformat

    return [
        (path, *match.groups())
        for path in PATHS
        for cell in nbformat.read(path, 4).cells
        if (match := _SOLUTION.match(cell.source))
    ]


def claims():
    """The claims that hold on any machine, as (module, name)."""
    from tests.claims import claims

    found = [(claim.__module__, claim.__name__) for claim in claims()]
    return [(module, name) for module, name in found if name not in NEED_QUIET]


def try_solution(name, source):
    """What the check says of a solution: its state and how long it took."""
    from helpers.course import check, lab

    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path(f"{name}.py").write_text(source, encoding="utf-8")
        lab.warm()
        began = time.perf_counter()
        result = check(f"{name}.py")
        seconds = time.perf_counter() - began
        os.chdir(ROOT)
    return {"state": result.state, "seconds": seconds, "said": str(result)}


def try_lesson(path):
    """Which sentences of a lesson were contradicted, and the error at which it stopped; "" where it did not."""
    import nbformat

    from tests.predicates import contradicted, put_predicates

    lesson, stopped = nbformat.read(path, 4), ""
    put_predicates(lesson)
    with tempfile.TemporaryDirectory() as folder:
        try:
            execute(lesson, copy_tracked_files(Path(folder)) / "notebooks", limit=_CELL)
        except Exception as error:  # noqa: BLE001 - whatever stops a lesson is told
            stopped = f"{type(error).__name__}: {str(error).strip().splitlines()[-1]}"
    return {"contradicted": contradicted(lesson), "stopped": stopped}


def try_claim(module, name):
    """The figures of a claim that were not as claimed, in ten runs under the default start method."""
    from helpers import lab

    module = importlib.import_module(module)
    for constant, value in (("RUNS", RUNS), ("METHODS", [lab.default_start_method()])):
        if hasattr(module, constant):
            setattr(module, constant, value)
    lab.warm()
    found = list(getattr(module, name)())
    return {"contradicted": [(name, *map(str, line)) for line in found if line[1] != line[2]]}


def main(kind, *args):
    """Try one case, and print what came of it."""
    tried = {"solution": try_solution, "lesson": try_lesson, "claim": try_claim}[kind](*args)
    print(json.dumps(tried))
