"""Experiments: plain values in, a result out; ranges, progress, Stop, sentences; the programs."""

import re
from statistics import median

import pytest
from runs import Stop

from helpers import lab, topics
from helpers.lab import programs
from helpers.topics import RaceSettings, Scope, StartTimes, Trials

QUICK = {"processes": 2, "times": 2, "pause_ms": 0}


def trials(verdicts, wanted=None):
    """Trials with these verdicts and nothing else in them."""
    runs = tuple(
        lab.Run("w", {}, lab.Machine.here("spawn"), ("A",), (), 0, 0.5, verdict, verdict)
        for verdict in verdicts
    )
    return Trials(RaceSettings(), wanted or len(runs), runs)


# --- settings ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scope", [Scope.READ_TO_WRITE, Scope.SLOW_WORK_TOO, Scope.WHOLE_LOOP], ids=str
)
def test_scopes_from_read_to_write_lose_nothing(scope, start_method):
    run = topics.run_counter(
        processes=3, times=4, pause_ms=0.1, slow_ms=0.1, scope=scope, start_method=start_method
    )
    assert (run.verdict, run.account.observed) == ("correct", 12)


# --- repeat --------------------------------------------------------------------------------------


def test_repeating_tells_each_trial_and_keeps_them_in_order():
    reported = []
    result = topics.repeat_counter(
        3, progress=lambda *done: reported.append(done), **QUICK, scope="whole loop"
    )
    assert reported == [(1, 3), (2, 3), (3, 3)]
    assert (result.observed, result.failures, result.settings.expected) == ([4, 4, 4], 0, 4)


def test_a_stop_keeps_the_trials_that_are_done():
    stop = Stop(after=2)
    result = topics.repeat_counter(5, stop.progress, stop, **QUICK, scope="whole loop")
    assert (len(result.runs), result.wanted) == (2, 5)
    assert str(result) == "0 of 2 runs went wrong (expected 4); stopped after 2 of 5"


def test_everything_that_is_not_correct_has_gone_wrong():
    result = trials(["correct", "lost_updates", "corrupted", "crashed", "timed_out", "correct"])
    assert result.failures == 4
    assert result.sentence == "4 of 6 runs went wrong (expected 40)"


@pytest.mark.parametrize(("count", "percent"), [(10, "30%"), (20, "15%"), (100, "3%")])
def test_no_failure_still_allows_some(count, percent):
    assert trials(["correct"] * count).sentence == (
        f"0 of {count} runs went wrong (expected 40); "
        f"0 of {count} still allows a failure rate of about 3/{count} = {percent}"
    )


def test_the_rule_of_three_is_not_used_for_a_handful():
    assert trials(["correct"] * 2).sentence == "0 of 2 runs went wrong (expected 40)"


# --- sweep ---------------------------------------------------------------------------------------


def test_a_sweep_has_a_point_and_a_set_of_processes_for_each_value(monkeypatch):
    class Noted(lab.ProcessSet):
        def __init__(self, count, *args):
            made.append(count)
            super().__init__(count, *args)

    reported, made = [], []
    monkeypatch.setattr(lab, "ProcessSet", Noted)
    how = {"times": 2, "pause_ms": 0, "scope": "whole loop"}
    sweep = topics.sweep_counter(
        "processes", [1, 3], count=2, progress=lambda *done: reported.append(done), **how
    )
    found = [(p.value, p.trials, p.failures) for p in sweep.points]
    assert found == [(1, 2, 0), (3, 2, 0)]
    assert (reported, made) == ([(1, 4), (2, 4), (3, 4), (4, 4)], [1, 3])
    assert str(sweep) == "1: 0 of 2 wrong; 3: 0 of 2 wrong"


def test_a_stopped_sweep_keeps_the_points_it_has():
    stop, how = Stop(after=3), {"count": 2, "processes": 1}
    sweep = topics.sweep_counter("times", [1, 2, 3], progress=stop.progress, stop=stop, **how)
    assert [(point.value, point.trials) for point in sweep.points] == [(1, 2), (2, 1)]


# --- start times and programs --------------------------------------------------------------------


def test_start_times_are_medians_after_the_first_with_the_server_apart():
    times = StartTimes({"fork": [9.0, 1.0, 2.0, 3.0], "forkserver": [50.0, 10.0, 12.0, 11.0]})
    assert times.medians == {"fork": 2.0, "forkserver": 11.0}
    assert times.server == 39.0
    assert str(times) == "fork 2.0 ms, forkserver 11.0 ms"
    assert StartTimes({"spawn": [5.0, 6.0]}).server is None


def test_start_times_are_measured_for_each_method():
    import multiprocessing

    measured = topics.measure_start_times(2)
    assert list(measured.children) == multiprocessing.get_all_start_methods()
    for starts in measured.children.values():
        assert len(starts) == 2
        assert median(starts) > 0


def test_the_textbook_program_prints_what_it_expects():
    """With the lock this is a certainty."""
    assert programs.run_program("counter_with_lock.py") == "expected 20, the file says 20\n"


def test_the_program_without_a_lock_ends_and_cleans_up():
    said = programs.run_program("counter_without_lock.py")
    assert re.fullmatch(r"expected 20, the file says \d+\n", said)


def test_a_program_that_fails_says_why(tmp_path, monkeypatch):
    (tmp_path / "broken.py").write_text("raise SystemExit('no paper')")
    monkeypatch.setattr(programs, "PROGRAMS", tmp_path)
    with pytest.raises(RuntimeError, match="broken.py ended with exit code 1:\nno paper"):
        programs.run_program("broken.py")


# What lessons show; the one that is left out is only run.
SHOWN = sorted(set(programs.PROGRAMS.glob("*.py")) - {programs.PROGRAMS / "lock_price.py"})


@pytest.mark.parametrize("path", SHOWN, ids=lambda p: p.name)
def test_programs_are_short_and_use_nothing_of_ours(path):
    source = path.read_text()
    assert len(source.splitlines()) <= 30
    assert "helpers" not in source


# ---- orders


def test_growth_counts_orders_until_a_line_reaches_the_limit():
    growth = topics.measure_growth(processes=(2, 3), times=3, limit=200)
    lines = {n: {t: e.schedules for t, e in line.items()} for n, line in growth.lines.items()}
    assert lines == {2: {1: 6, 2: 70, 3: 924}, 3: {1: 90, 2: 0}}
    assert str(growth) == (
        "Orders, as far as they were counted: 924 of 2 processes with 3 increments each; "
        "90 of 3 processes with 1 increment each"
    )
