"""An interrupt of the watching process, at 200 lines of the code chosen by chance: it comes out or is told, and nothing is left behind."""

import gc
import random
import signal

import pytest
from cases import ALL
from interrupts import interrupted, lines
from remains import left_behind

from helpers import lab
from helpers.exercises.checking import check
from helpers.resources import CounterFile, Lock
from helpers.topics import RacePanel, repeat_counter
from helpers.workers.counter import increment_with_lock

MOMENTS = 200 if ALL else 8


def run():
    return lab.run(increment_with_lock, CounterFile(), Lock(), 1, 0, processes=2).verdict


def repeat():
    trials = repeat_counter(3, scope="whole loop", processes=2, times=1, pause_ms=0)
    return "stopped" if len(trials.runs) < 3 else "correct"


def check_answer(path):
    said = check(path)
    return "stopped" if "stopped" in str(said) else said.state


def make_panel():
    panel = RacePanel(scope="whole loop", processes=2, times=1, pause_ms=0)
    verdict = panel.value.verdict
    panel.close()
    return verdict


@pytest.fixture(params=["run", "repeat", "check", "panel"])
def action(request, answer):
    lab.warm()
    path = answer("my_smallest_number", "right_solution")
    actions = {"run": run, "repeat": repeat, "check": lambda: check_answer(path)}
    return {**actions, "panel": make_panel}[request.param]


# A file that was opened just before the interrupt is closed when its name goes.
@pytest.mark.timeout(240)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interrupt_at_any_line_comes_out_or_is_told_and_nothing_is_left(action):
    action()  # what is imported at the first time is not counted
    wanted = action()
    gc.collect()
    before = left_behind()
    chance, count = random.Random(13), lines(action)
    ends = [end(action, moment) for moment in sorted(chance.sample(range(1, count), MOMENTS))]
    gc.collect()
    assert set(ends) <= {"interrupted", "stopped"}
    assert left_behind() <= before
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert action() == wanted


def test_an_interrupt_at_each_of_the_first_lines_comes_out_or_is_told_and_nothing_is_left():
    """Of the module that leads a run: from before the first process is made to after it."""
    lab.warm()
    wanted, before = run(), left_behind()
    ends = [end(run, moment, "processes.py") for moment in range(1, 61)]
    gc.collect()
    assert ends[0] == "interrupted" and set(ends) == {"interrupted", "stopped"}
    assert left_behind() <= before
    assert run() == wanted


def end(action, moment, where=""):
    """How `action()` ends, interrupted at its `moment`th line in a file with `where` in its path: a line before that where it has fewer now, for a wait takes now more looks and now fewer."""
    try:
        return interrupted(action, moment, where) or end(action, moment // 2, where)
    except KeyboardInterrupt:
        return "interrupted"
