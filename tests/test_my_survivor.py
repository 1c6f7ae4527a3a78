"""The check of my_survivor beside its answers: what was not tried is not passed, and how long it asked to wait is told."""

import pytest

from helpers.exercises import attacks
from helpers.exercises.checking import check


@pytest.fixture
def checked(answer, tmp_path, monkeypatch):
    """Gives the check of a copy of the answer with that name."""
    monkeypatch.chdir(tmp_path)
    return lambda name: check(str(answer("my_survivor", name)))


def test_a_lock_kept_after_an_exception_is_not_passed_where_no_order_could_be_tried(
    checked, monkeypatch
):
    monkeypatch.setattr(attacks, "LIMIT", 1)
    found = checked("wrong_without_finally")
    assert (found.state, found.failure) == ("not finished", None)
    assert "not every order could be tried" in str(found)


def test_the_reason_says_from_when_on_it_asked_for_how_much(checked):
    for name in ("wrong_hurries_from_the_second_round", "wrong_waits_twice"):
        assert checked(name).failure.reason.startswith("From its first failed try on, B asked for ")
