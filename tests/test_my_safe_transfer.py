"""The check of my_safe_transfer beside its answers: the circle is told, real runs meet, waits are noted as pauses."""

from cases import cases
from runs import opposite_transfers

from helpers import events, lab
from helpers.exercises import my_safe_transfer
from helpers.exercises.answers import Answer
from helpers.exercises.checking import check
from helpers.exercises.findings import TWO_METHODS, first
from helpers.resources.stand_ins import LingeringLock, PatientLock, TimedLock

NAME = "my_safe_transfer"


def test_the_circle_is_told_with_the_order_that_leads_to_it(answer):
    found = check(str(answer(NAME, "wrong_stub")))
    assert found.failure.run.circle == ("A", "2", "B", "1")
    assert str(found).startswith(
        "my_safe_transfer.py: not yet (deadlock). This wait never ends: A waits for "
        "lock 2, which B holds; B waits for lock 1, which A holds."
    )
    assert str(found).endswith("The order, one letter for each step: AB. Real processes took it.")


def test_what_goes_wrong_in_the_second_call_only_is_told_so(answer):
    found = check(str(answer(NAME, "wrong_moves_the_first_time_only")))
    assert found.failure.reason.startswith("Called twice in a row: ")


@cases(
    "name failure",
    ("wrong_stub", "deadlock"),
    ("wrong_goes_on_after_a_time_limit", "goes_on_without_lock"),
    ("wrong_forgets_the_target", "wrong_amount"),
)
def test_transfers_that_meet_for_real_find_it_too(answer, name, failure):
    bank = ("1", "2"), ((0, 1), (1, 0)), LingeringLock
    attack = my_safe_transfer.MOVING.in_real_runs(bank, methods=TWO_METHODS[:1], asked=2)
    found = first(attack(Answer(str(answer(NAME, name)))))
    assert found.name == failure, found.reason
    assert not found.schedule


def test_those_that_linger_with_their_first_lock_meet():
    team = opposite_transfers(LingeringLock("1", 0.2), LingeringLock("2", 0.2))
    assert lab.run(team=team, processes=2).verdict == "deadlock"


def test_a_lock_lingers_once_in_each_trial(monkeypatch):
    pauses = []
    monkeypatch.setattr(type(events.observer), "sleep", lambda _, seconds: pauses.append(seconds))
    lock = LingeringLock(seconds=3)
    for _ in range(2):
        lock.enter("")
        for _ in range(2):
            with lock:
                assert not lock.acquire(block=False)
    assert pauses == [3, 3]


def test_a_wait_with_a_time_limit_that_came_to_nothing_is_noted_as_a_pause(monkeypatch):
    pauses = []
    monkeypatch.setattr(events, "pause", pauses.append)
    lock = TimedLock()
    with lock:
        assert not lock.acquire(timeout=0.001)
        assert not lock.acquire(block=False)
        assert not lock.acquire(False, 5)
    assert lock.acquire(timeout=0.001)
    lock.release()
    assert pauses == [0.001]


def test_a_patient_lock_makes_a_pause_of_a_wait_with_a_limit(monkeypatch, tmp_path):
    pauses = []
    monkeypatch.setattr(events, "pause", pauses.append)
    monkeypatch.setattr(type(events.observer), "name", "A", raising=False)
    lock = PatientLock()
    lock.enter(str(tmp_path))
    with lock:
        assert not lock.acquire(timeout=0.75)
        assert not lock.acquire(timeout=0.75)
    assert lock.acquire(timeout=0.75)
    assert pauses == [0.75, 0.75]
