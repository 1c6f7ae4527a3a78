"""How long the course waits: a function of what was asked for and of the machine's last starts and steps."""

import time
from multiprocessing.process import BaseProcess

import pytest
import workers_for_tests as workers
from cases import cases

from helpers import lab, topics
from helpers.events import Event
from helpers.lab import limits
from helpers.lab.limits import Slowest
from helpers.resources import CounterFile

QUIET, BUSY = Slowest(start=0.06, step=0.0001), Slowest(start=1.5, step=0.01)


@pytest.fixture
def measured(monkeypatch):
    """Lets the limits believe in other measurements: lists of starts and steps in seconds."""

    def believe(starts=(), steps=()):
        for name, seconds in (("starts", starts), ("steps", steps)):
            monkeypatch.setattr(limits, name, type(getattr(limits, name))(seconds, maxlen=10))

    believe()
    return believe


@pytest.mark.parametrize(
    ("asked", "machine", "seconds"),
    [(0, QUIET, 7), (0.8, QUIET, 8), (0.8, BUSY, 39), (16, QUIET, 39), (16, BUSY, 69)],
)
def test_a_limit_grows_with_what_was_asked_for_and_with_the_machine(asked, machine, seconds):
    assert limits.for_run(asked, machine=machine) == seconds


def test_the_example_of_the_rule_is_right():
    assert "a limit of 8 s" in limits.__doc__
    assert "a limit of 39 s" in limits.__doc__


@pytest.mark.parametrize(("machine", "seconds"), [(QUIET, 26), (BUSY, 400)])
def test_26_processes_have_time_for_26_starts(machine, seconds):
    assert limits.for_start(26, machine) == seconds
    assert limits.for_start(26, machine) >= 10 * 26 * machine.start


def test_the_last_ten_starts_and_steps_count(measured):
    measured(starts=[9.0] + [0.5] * 9, steps=[0.5])
    assert limits.slowest() == (9.0, 0.5)
    limits.note_start(0.25)
    assert limits.slowest() == (0.5, 0.5)


def test_before_anything_was_measured_a_slow_machine_is_assumed(measured):
    assert limits.slowest() > QUIET
    assert limits.for_run() > limits.for_run(machine=QUIET)


def test_each_start_and_each_run_is_measured(measured, start_method):
    with lab.ProcessSet(3, start_method) as team:
        run = team.run(workers.add_one, CounterFile())
        assert len(limits.starts) == 3
        spans = sorted(end - begin for begin, end in run.startup.values())
        assert all(0 < s < span for s, span in zip(sorted(limits.starts), spans, strict=True))
        team.run(workers.add_one, CounterFile("again"))
    assert len(limits.steps) == 2


def test_what_a_fork_server_loads_before_its_first_child_is_no_start(measured, monkeypatch):
    start = BaseProcess.start
    monkeypatch.setattr(BaseProcess, "start", lambda process: (time.sleep(0.3), start(process)))
    run = lab.run(workers.do_nothing, processes=1)
    ((began, ready),) = run.startup.values()
    assert limits.starts[0] <= ready - began - 0.3


def step(op, milliseconds):
    end = None if milliseconds is None else int(milliseconds * 1e6)
    return Event("A", 0, "thing", "thing", op, 0, end, "", "", "done")


def test_a_step_that_waits_for_somebody_else_is_no_measure_of_the_machine(measured):
    waits = [step(op, 900) for op in ("acquire", "begin", "add", "swap", "commit")]
    limits.note_steps([*waits, step("read", 3), step("write", 4), step("release", 2)])
    limits.note_steps([*waits, step("read", None)])
    assert list(limits.steps) == [0.003]


def test_a_run_tells_the_limit_that_counted(measured):
    run = lab.run(workers.do_nothing, processes=1, asked=20)
    assert run.limit == limits.for_run(20)
    assert lab.run(workers.do_nothing, processes=1, deadline=0.25, asked=20).limit == 0.25


def test_a_limit_that_is_reached_is_told_with_its_seconds(monkeypatch, tmp_path):
    monkeypatch.setattr(limits, "for_run", lambda asked=0: 0.5)
    run = lab.run(workers.never_end, str(tmp_path / "begun"), processes=1)
    assert (run.verdict, run.limit) == ("timed_out", 0.5)
    assert run.sentence == "still running after 0.5 s: A"


@cases(
    "settings seconds",
    (topics.RaceSettings(processes=20, times=1, pause_ms=800), 16),
    (topics.RaceSettings(slow_ms=9), 0.4),
    (topics.AddingSettings(processes=16, results=10, work_ms=20), 3.2),
)
def test_settings_tell_what_they_ask_for(settings, seconds):
    assert settings.asked == pytest.approx(seconds)
    assert limits.for_run(settings.asked, machine=QUIET) > 5 + settings.asked


class AskedFor(Exception):
    pass


@cases(
    "experiment settings seconds",
    (topics.run_counter, {"times": 3, "pause_ms": 10}, 4 * 3 * 0.01),
    (topics.run_access, {"operations": 3, "pause_ms": 10}, 2 * 4 * 3 * 0.01),
    (topics.run_transfers, {"times": 3, "pause_ms": 10}, 2 * 2 * 3 * 0.01),
    (topics.run_fairness, {"duration_ms": 300}, 4 * 0.3),
    (topics.run_sharing, {"times": 3, "pause_ms": 10}, 4 * 3 * 0.01),
    (topics.run_crash, {"think_ms": 10}, 0.02),
    (topics.run_reentrant, {"depth": 2, "releases": 3, "think_ms": 10}, 0.13),
    (
        topics.measure_contention,
        {"processes": (2,), "times": 3, "hold_ms": 10, "work_ms": 20},
        2 * 3 * 0.03,
    ),
    (topics.measure_granularity, {"times": 3, "pause_ms": 10}, 4 * 3 * 0.01),
)
def test_each_experiment_tells_the_lab_what_it_asks_for(monkeypatch, experiment, settings, seconds):
    def run(*args, asked=0.0, **more):
        raise AskedFor(asked)

    monkeypatch.setattr(lab.ProcessSet, "run", run)
    with pytest.raises(AskedFor) as reported:
        experiment(**settings)
    assert reported.value.args == (pytest.approx(seconds),)


@pytest.mark.exhaustive
def test_26_processes_by_spawn_get_ready_and_end():
    run = lab.run(workers.do_nothing, processes=26, start_method="spawn")
    assert (run.verdict, len(run.startup)) == ("correct", 26)


@pytest.mark.exhaustive
def test_a_run_of_more_than_five_seconds_under_one_lock_comes_to_its_end():
    run = topics.run_counter(processes=7, times=1, pause_ms=800, scope="whole loop")
    assert (run.verdict, run.account.observed) == ("correct", 7)
    assert run.limit > 5 + 2 * 5.6
    assert [(pause.seconds, pause.held) for pause in run.pauses] == [(0.8, ("lock",))] * 7


@pytest.mark.exhaustive
def test_20_processes_with_long_pauses_come_to_their_end():
    run = topics.run_counter(processes=20, times=1, pause_ms=800)
    assert run.verdict in ("correct", "lost_updates")
    assert len(run.pauses) == 20


@pytest.mark.parametrize("asked", [-1, float("nan"), "1"])
def test_what_cannot_be_asked_for_is_refused(asked):
    with pytest.raises((TypeError, ValueError), match="asked="):
        lab.run(workers.do_nothing, asked=asked)
