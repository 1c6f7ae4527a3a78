"""Checks: whichever of their runs is interrupted, early or when all of it is on the tapes, they end there and say so."""

import contextlib
import random

import pytest
from cases import ALL, few

from helpers.exercises import checking
from helpers.lab import processes, verdict

# Those that define nothing are plain programs, which watch runs.
NAMES = [name for name in checking.exercise_names() if any(checking.exercise(name)[1:])]
NAMES.sort(key=lambda name: name != "my_fenced_add")
SOME = 10 if ALL else 3  # runs of each exercise that are interrupted


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", few(NAMES))
def test_a_check_of_which_any_run_is_interrupted_is_not_finished(
    name, answer, tmp_path, monkeypatch
):
    path = answer(name, "right_solution")
    judged, begun = verdict.judged, []

    def interrupted(number):
        begun.clear()

        def judge(trial, *rest):
            begun.append(trial)
            if len(begun) == number:
                trial.ended = "stopped"  # as by an interrupt just before its end was looked at
            return judged(trial, *rest)

        monkeypatch.setattr(processes.verdict, "judged", judge)
        with contextlib.chdir(tmp_path):
            return checking.check(str(path))

    assert interrupted(0).state == "passed"
    count = len(begun)
    numbers = random.Random(13).sample(range(1, count + 1), min(SOME, count))
    for number in sorted({1, *numbers}):
        found = interrupted(number)
        assert (found.state, len(begun)) == ("not finished", number), str(found)
        assert "was stopped before it had finished" in str(found)
