"""The bench's figures can be trusted: it checks what it times, and goes on without frontrun."""

import json
import os
import threading

import pytest

from bench import compared, schedules, scopes, watch
from bench.__main__ import PARTS, Report, main, measure_lessons

posix_only = pytest.mark.skipif(os.name == "nt", reason="a shell script stands in for frontrun")


@pytest.fixture
def frontrun(tmp_path, monkeypatch):
    """A function that puts a shell script called frontrun in the place of all other commands."""
    monkeypatch.setenv("PATH", str(tmp_path))

    def put(script):
        command = tmp_path / "frontrun"
        command.write_text(f"#!/bin/sh\n{script}\n")
        command.chmod(0o755)

    return put


def tells(seconds):
    """A script that prints what under_frontrun.py would."""
    found = {"seconds": seconds, "explored": 7, "failing": 5}
    reported = {"version": "0", "first": found, "full": found}
    return f"echo noise; echo '{json.dumps(reported)}'"


def test_two_philosophers_have_six_orders_and_two_deadlocks():
    assert schedules.explored(schedules.philosophers(2), 6, 2) > 0


@pytest.mark.parametrize(("orders", "failures"), [(7, 4), (6, 3)])
def test_a_wrong_count_gives_no_time(orders, failures):
    with pytest.raises(AssertionError):
        schedules.explored(schedules.counter(2), orders, failures)


def test_the_growth_goes_on_with_more_processes_where_the_limit_is_reached():
    growth = schedules.growth(50, (2, 3), (1, 2, 3, 4))
    rows = [(*size, found.ended == "complete" and found.schedules) for *size, found in growth]

    assert rows == [(2, 1, 6), (2, 2, 70), (2, 3, False), (3, 1, 90), (3, 2, False)]


def test_without_frontrun_nothing_is_compared(frontrun, capsys):
    compared.measure_beside_frontrun(Report())

    assert capsys.readouterr().out.endswith("frontrun is not installed: not compared\n")


@posix_only
@pytest.mark.parametrize(("seconds", "missed"), [(0, 3), (10_000, 0)])
def test_each_race_has_a_budget_beside_frontrun(frontrun, capsys, seconds, missed):
    frontrun(tells(seconds))
    report = Report()

    compared.measure_beside_frontrun(report)

    out = capsys.readouterr().out
    assert report.missed == missed
    assert out.count("here: 98,184 orders, failing: 24 ") == 1
    assert out.count("7 tried, failing: 5, not the end ") == (6 if seconds else 0)


@posix_only
def test_a_frontrun_that_fails_is_shown_and_the_next_race_comes(frontrun, capsys):
    frontrun("echo broken >&2; exit 3")
    report = Report()

    compared.measure_beside_frontrun(report)

    out = capsys.readouterr().out
    assert report.missed == 0
    assert out.count("frontrun failed, exit code 3:\nbroken") == 3


def test_a_part_that_is_not_there_is_refused_with_those_that_are():
    said = main("schedules", "nothing")

    assert "nothing" in said and all(part in said for part in PARTS)


def test_what_cannot_be_measured_is_a_line_and_not_the_end(monkeypatch, capsys):
    def fail(report):
        raise TimeoutError("too busy\nstill too busy")

    def measure(report):
        report.line("the next one", 1, 2, "s")

    monkeypatch.setitem(PARTS, "watch", (fail, measure))
    assert main("watch") == 1
    *_, failed, following = capsys.readouterr().out.splitlines()
    assert failed.split() == ["fail", "FAILED", "still", "too", "busy"]
    assert following.startswith("the next one")


def test_a_lesson_that_fails_is_a_line_and_the_next_one_comes(monkeypatch, capsys):
    ran = []

    def execute(lesson, folder, limit):
        ran.append(lesson.cells[0].source)
        if len(ran) == 1:
            raise RuntimeError("no clusters here")

    monkeypatch.setattr("tests.environments.execute", execute)
    monkeypatch.setattr("tests.environments.copy_tracked_files", lambda folder: folder)
    report = Report()
    measure_lessons(report)
    out = capsys.readouterr().out
    assert out.count("FAILED  RuntimeError: no clusters here") == 1 == report.missed
    assert out.count("Run All of ") == len(ran) > 10


def test_the_delay_of_the_watch_is_that_of_deadlocks_only():
    assert len(watch.delays(2, times=1000)) == 2
    with pytest.raises(AssertionError):
        watch.delays(1, cure="global order")


def test_only_a_whole_sweep_of_the_scopes_is_timed(monkeypatch, capsys):
    stopped = threading.Event()
    sweeps = iter([None, stopped])
    sweep = scopes.topics.sweep_scopes
    monkeypatch.setattr(scopes, "_SWEEPS", 1)
    monkeypatch.setattr(
        scopes.topics, "sweep_scopes", lambda: sweep(1, stop=next(sweeps), slow_ms=0)
    )
    scopes.measure_scopes(Report())
    assert "sweep of all scopes" in capsys.readouterr().out
    stopped.set()
    with pytest.raises(AssertionError):
        scopes.measure_scopes(Report())
