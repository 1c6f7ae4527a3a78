"""Experiments: plain values in, a result out; ranges, progress, Stop, sentences; the programs."""

import math
import re
import threading
from statistics import median

import pytest

from helpers import lab, topics
from helpers.lab import processes, programs
from helpers.topics import Point, RaceSettings, Scope, StartTimes, Sweep, Trials

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
    ("settings", "error", "message"),
    [
        ({"processes": 0}, ValueError, "processes=0: choose 1 to 26"),
        ({"processes": "4"}, TypeError, "processes='4': give a whole number from 1 to 26"),
        ({"times": 0}, ValueError, "times=0: choose 1 to 1000"),
        ({"times": 1001}, ValueError, "times=1001: choose 1 to 1000"),
        ({"times": True}, TypeError, "times=True: give a whole number"),
        ({"pause_ms": -1}, ValueError, "pause_ms=-1: choose 0 to 1000 ms"),
        ({"pause_ms": math.nan}, ValueError, "pause_ms=nan: choose 0 to 1000 ms"),
        ({"pause_ms": "1"}, TypeError, "pause_ms='1': give a number from 0 to 1000 ms"),
        ({"slow_ms": 1e9}, ValueError, "slow_ms=1000000000.0: choose 0 to 1000 ms"),
        ({"deadline": 0}, ValueError, "deadline=0: choose 0.01 to 600 seconds"),
        (
            {"scope": "everything"},
            ValueError,
            (
                "scope='everything': choose one of 'nothing', 'write only', 'each step', "
                "'read to write', 'read to write and slow work', 'whole loop'"
            ),
        ),
        ({"write": "append"}, ValueError, 'write=\'append\': choose "replace" or "truncate"'),
        ({"empty": "nought"}, ValueError, 'empty=\'nought\': choose "zero" or "raise"'),
        ({"start_method": "frok"}, ValueError, "start_method='frok': on "),
    ],
)
def test_settings_out_of_range_are_refused_before_a_process_starts(
    monkeypatch, settings, error, message
):
    monkeypatch.delattr(processes, "ChildProcess")
    with pytest.raises(error, match=re.escape(message)):
        topics.run_counter(**settings)


def test_an_unknown_setting_is_refused():
    with pytest.raises(TypeError, match="speed"):
        topics.run_counter(speed=3)


@pytest.mark.parametrize("scope", Scope)
def test_each_scope_runs_the_worker_of_its_name(scope):
    run = topics.run_counter(**QUICK, scope=scope.value)
    assert run.worker == f"lock_{scope.name.lower()}"
    locks = {"nothing": 0, "write only": 4, "each step": 8, "whole loop": 2}
    acquired = sum(event.op == "acquire" for event in run.events)
    assert acquired == locks.get(scope.value, 4)  # 2 processes, 2 updates each


@pytest.mark.parametrize(
    "scope", [Scope.READ_TO_WRITE, Scope.SLOW_WORK_TOO, Scope.WHOLE_LOOP], ids=str
)
def test_scopes_from_read_to_write_lose_nothing(scope, start_method):
    run = topics.run_counter(
        processes=3, times=4, pause_ms=0.1, slow_ms=0.1, scope=scope, start_method=start_method
    )
    assert (run.verdict, run.account.observed) == ("correct", 12)


def test_without_a_scope_the_worker_knows_no_lock():
    settings = RaceSettings(processes=3, times=5)
    assert settings.worker.__name__ == "increment_without_lock"
    assert settings.expected == 15


# --- repeat --------------------------------------------------------------------------------------


def test_repeating_tells_each_trial_and_keeps_them_in_order():
    told = []
    result = topics.repeat_counter(
        3, progress=lambda *done: told.append(done), **QUICK, scope="whole loop"
    )
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert (result.observed, result.failures, result.settings.expected) == ([4, 4, 4], 0, 4)


def test_a_stop_keeps_the_trials_that_are_done():
    stop = threading.Event()

    def stop_after_two(done, count):
        if done == 2:
            stop.set()

    result = topics.repeat_counter(
        5, progress=stop_after_two, stop=stop, **QUICK, scope="whole loop"
    )
    assert (len(result.runs), result.wanted) == (2, 5)
    assert str(result) == "0 of 2 runs went wrong (expected 4); stopped after 2 of 5"


@pytest.mark.parametrize("count", [0, 10_001, "3"])
def test_the_number_of_trials_has_a_range(count):
    with pytest.raises((ValueError, TypeError), match=f"count={count!r}: .* 1 to 10000"):
        topics.repeat_counter(count)


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

    told, made = [], []
    monkeypatch.setattr(lab, "ProcessSet", Noted)
    sweep = topics.sweep_counter(
        "processes",
        [1, 3],
        count=2,
        progress=lambda *done: told.append(done),
        times=2,
        pause_ms=0,
        scope="whole loop",
    )
    assert [(p.value, p.trials, p.failures, p.lost) for p in sweep.points] == [
        (1, 2, 0, 0),
        (3, 2, 0, 0),
    ]
    assert (told, made) == ([(1, 4), (2, 4), (3, 4), (4, 4)], [1, 3])
    assert str(sweep) == "1: 0 of 2 wrong; 3: 0 of 2 wrong"


def test_a_stopped_sweep_keeps_the_points_it_has():
    stop = threading.Event()

    def stop_after_three(done, count):
        if done == 3:
            stop.set()

    sweep = topics.sweep_counter(
        "times", [1, 2, 3], count=2, progress=stop_after_three, stop=stop, processes=1
    )
    assert [(point.value, point.trials) for point in sweep.points] == [(1, 2), (2, 1)]


def test_a_sweep_over_an_unknown_setting_names_the_known_ones():
    with pytest.raises(ValueError, match="parameter='speed': choose one of processes, times, "):
        topics.sweep_counter("speed", [1])


def test_a_sweep_with_a_value_out_of_range_starts_nothing(monkeypatch):
    monkeypatch.delattr(processes, "ChildProcess")
    with pytest.raises(ValueError, match="processes=99: choose 1 to 26"):
        topics.sweep_counter("processes", [1, 99])


def test_a_point_has_wilsons_interval():
    assert Point("x", 10, 5, 0.1, 2).interval == pytest.approx((0.2366, 0.7634), abs=0.0001)
    assert str(Sweep("times", (Point(5, 10, 5, 0.1, 2),))) == "5: 5 of 10 wrong"


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


def test_children_tell_where_they_came_from(start_method):
    starts = topics.start_children(2, start_method)
    told = starts.run.returned
    assert starts.run.verdict == "correct"
    assert len(told) == 2
    assert f"2 children by {start_method}: one ready after " in starts.sentence


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


# What lessons show; those that are left out are only run.
RUN_ONLY = {programs.PROGRAMS / name for name in ("lock_price.py", "ways_to_share.py")}
SHOWN = sorted(set(programs.PROGRAMS.glob("*.py")) - RUN_ONLY)


@pytest.mark.parametrize("path", SHOWN, ids=lambda p: p.name)
def test_programs_are_short_and_use_nothing_of_ours(path):
    source = path.read_text()
    assert len(source.splitlines()) <= 30
    assert "helpers" not in source


# ---- orders


def test_growth_counts_orders_until_a_line_reaches_the_limit():
    growth = topics.measure_growth(processes=(2, 3), times=3, limit=300)
    assert {n: {t: e.schedules for t, e in line.items()} for n, line in growth.lines.items()} == {
        2: {1: 6, 2: 70, 3: 924},
        3: {1: 90, 2: 0},
    }
    assert str(growth) == (
        "orders by increments each · 2 processes: 1: 6, 2: 70, 3: 924 · "
        "3 processes: 1: 90, 2: limit reached"
    )


@pytest.mark.parametrize(("name", "value"), [("processes", (0,)), ("times", 0), ("limit", 0)])
def test_growth_refuses_what_cannot_be_explored(name, value):
    with pytest.raises(ValueError, match=name):
        topics.measure_growth(**{name: value})
