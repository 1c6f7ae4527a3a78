"""The stress run: what it tries, how it counts, and that it leaves nothing behind."""

import sys

import pytest
from cases import cases

from tests.claims import claims as every_claim
from tests.stress import __main__ as stress
from tests.stress.cases import NEED_QUIET, PATHS, claims, solutions
from tests.stress.load import busy_machine


def test_every_lesson_with_an_exercise_has_its_solution_tried():
    assert {path for path, *_ in solutions()} == set(PATHS[1:])


def test_every_claim_is_tried_or_named_as_one_that_needs_a_quiet_machine():
    names = {claim.__name__ for claim in every_claim()}
    assert names == {name for _, name in claims()} | NEED_QUIET
    assert len(names) > 40


def test_the_loops_end_with_their_block_whatever_ends_it(monkeypatch):
    monkeypatch.setattr("os.sched_setaffinity", lambda *_: None, raising=False)
    with pytest.raises(KeyboardInterrupt), busy_machine(loops=2) as loops:
        assert [loop.poll() for loop in loops] == [None, None]
        raise KeyboardInterrupt
    assert None not in [loop.poll() for loop in loops]


def test_a_case_that_breaks_off_is_told_and_not_raised():
    assert stress.tried("claim", "tests.claims.nowhere", "nothing") == {
        "stopped": "ModuleNotFoundError: No module named 'tests.claims.nowhere'"
    }


@pytest.mark.skipif(sys.platform == "win32", reason="a child of a case is ended with its group")
def test_a_case_that_takes_too_long_is_ended_and_told(monkeypatch):
    monkeypatch.setattr(stress, "_LIMIT", 0.2)
    assert stress.tried("lesson", PATHS[0]) == {"stopped": "still working after 0.2 s"}


PASSED = {"state": "passed", "seconds": 3.0}


@cases(
    "found missed",
    ([PASSED] * 10, 0),
    ([PASSED] * 9 + [{"state": "not finished", "seconds": 20.0, "said": "busy"}], 0),
    ([PASSED] * 8 + [{"state": "not finished", "seconds": 20.0, "said": "busy"}] * 2, 1),
    ([PASSED] * 9 + [{"state": "not yet", "seconds": 20.0, "said": "wrong"}], 1),
    ([PASSED] * 9 + [{"state": "passed", "seconds": 61.0}], 1),
    ([PASSED] * 9 + [{"stopped": "no memory"}], 1),
)
def test_the_table_counts_what_solutions_met(found, missed):
    table = stress.Table()
    for case in found:
        table.solution("my_x", case)
    assert table.end() == missed


def test_the_table_tells_contradicted_sentences_and_lessons_that_stopped(capsys):
    table = stress.Table()
    table.reported("04", {"contradicted": [("locked-read", "print(bool(False))", "False")]})
    table.reported("05", {"contradicted": [], "stopped": "TimeoutError: a cell"})
    table.reported("06", {"contradicted": [], "stopped": ""})
    assert table.end() == 2
    said = capsys.readouterr().out
    assert "04: locked-read | print(bool(False)) | False" in said
    assert "05: TimeoutError: a cell" in said and "held                  06" in said
