"""The scope dial: its sweep, its two curves and its panel."""

import re
from itertools import groupby

import pytest
from cases import exhaustive
from pages import alts, control, htmls, marked, move, press, settle, statuses, wait_until
from runs import Stop

from helpers import pictures, topics
from helpers.events import counted
from helpers.pictures.declared import new_figure
from helpers.topics import Scope, ScopePanel, scope_sweeps, sweep_scopes

QUICK = {"processes": 2, "times": 2, "pause_ms": 0.5, "slow_ms": 0}
WIDE = [Scope.READ_TO_WRITE, Scope.SLOW_WORK_TOO, Scope.WHOLE_LOOP]


@pytest.fixture(scope="module")
def sweep():
    return sweep_scopes(2, processes=3, times=3, pause_ms=5, slow_ms=1)


# ---- the sweep


def test_a_sweep_runs_every_scope_in_one_set_of_processes(sweep):
    assert sweep.scopes == tuple(Scope)
    pids = {tuple(run.pids.values()) for runs in sweep.runs.values() for run in runs}
    assert [len(runs) for runs in sweep.runs.values()] == [2] * 6
    assert len(pids) == 1
    for scope, runs in sweep.runs.items():
        assert {run.worker for run in runs} == {scope.worker.__name__}


def test_what_is_lost_and_how_long_it_took_agree_with_the_runs(sweep):
    for scope, runs in sweep.runs.items():
        assert sweep.losses(scope) == [run.account.lost_count for run in runs]
        assert sweep.seconds(scope) == [run.elapsed for run in runs]
        assert min(sweep.losses(scope)) <= sweep.lost(scope) <= max(sweep.losses(scope))
        assert min(sweep.seconds(scope)) <= sweep.elapsed(scope.value) <= max(sweep.seconds(scope))
    assert [sweep.lost(scope) for scope in WIDE] == [0, 0, 0]


def test_with_the_whole_loop_locked_each_process_does_all_its_work_in_one_go(sweep):
    writes = [e.process for e in sweep.runs[Scope.WHOLE_LOOP][0].events if e.op == "write"]
    assert sorted(process for process, _ in groupby(writes)) == ["A", "B", "C"]


def test_the_sentence_tells_both_curves(sweep):
    for scope in Scope:
        lost, ms = sweep.lost(scope), sweep.elapsed(scope) * 1000
        assert f"{scope.value}: {lost:g} lost, {ms:.0f} ms" in str(sweep)
    assert "of 9 updates (medians): nothing: " in str(sweep)


def test_a_sweep_grows_round_by_round_and_tells_how_far_it_is():
    reported = []
    grown = list(scope_sweeps(2, progress=lambda *done: reported.append(done), **QUICK))
    assert [len(one.runs[Scope.WHOLE_LOOP]) for one in grown] == [1, 2]
    assert reported == [(done, 12) for done in range(1, 13)]


@pytest.mark.parametrize(("last", "scopes_left"), [(6, 6), (8, 6), (3, 3)])
def test_a_stopped_sweep_keeps_what_it_has(last, scopes_left):
    stop = Stop(after=last)
    kept = sweep_scopes(9, stop.progress, stop, **QUICK)
    assert sum(map(len, kept.runs.values())) == last
    assert len(kept.scopes) == scopes_left
    assert str(kept).endswith(" of 9")
    assert pictures.alt_text(kept).endswith(" of 9.")
    assert pictures.image(kept).startswith("<img")


def test_a_sweep_that_is_stopped_at_once_is_empty():
    assert sweep_scopes(2, stop=Stop(), **QUICK).scopes == ()


def test_what_the_deadline_cut_off_counts_as_lost():
    cut = sweep_scopes(1, processes=2, times=3, pause_ms=200, slow_ms=0, deadline=0.3)
    assert cut.lost(Scope.WHOLE_LOOP) >= 4
    assert cut.runs[Scope.WHOLE_LOOP][0].verdict == "timed_out"


# ---- the curves


def drawn(sweep, **more):
    figure = new_figure()
    axes = figure.subplots(2)
    topics.plot_scopes(*axes, sweep, **more)
    return axes


def medians(ax):
    return next(line for line in ax.lines if line.get_gid() == "median").get_xydata()


def test_the_curves_go_through_the_medians_and_every_run_has_its_dot(sweep):
    losses, times = drawn(sweep)
    for place, scope in enumerate(Scope):
        assert tuple(medians(losses)[place]) == (place, sweep.lost(scope))
        assert tuple(medians(times)[place]) == (place, 1000 * sweep.elapsed(scope))
    for ax, found in (losses, sweep.losses), (times, sweep.seconds):
        dots = [line for line in ax.lines if line.get_gid() != "median"]
        factor = 1 if ax is losses else 1000
        assert [list(line.get_ydata()) for line in dots] == [
            [factor * value for value in found(scope)] for scope in Scope
        ]


@pytest.mark.parametrize("scope", Scope, ids=lambda scope: scope.value)
def test_the_dial_is_marked_on_both_curves(sweep, scope):
    for ax in drawn(sweep, at=scope):
        mark = next(patch for patch in ax.patches if patch.get_gid() == "dial")
        left, right = mark.get_extents().transformed(ax.transData.inverted()).intervalx
        assert left < list(Scope).index(scope) < right
    assert "dial" not in [patch.get_gid() for patch in drawn(sweep)[0].patches]


def test_the_alt_text_tells_both_curves_in_numbers(sweep):
    assert pictures.alt_text(sweep) == (
        f"Two curves over six lock scopes, lost updates and elapsed time: {sweep}."
    )


# ---- the panel


def turn(made, scope):
    made.dial.value = scope
    wait_until(lambda: not made.painter.busy)


def test_the_dial_goes_from_end_to_end_without_a_new_run(panel):
    made = panel(ScopePanel, scope="nothing", **QUICK)
    first = made.value
    for scope in Scope:
        turn(made, scope)
        say = statuses(made)[0]
        runs = len(first.runs[scope])
        assert say.startswith(
            f"{scope.value}: {first.lost(scope):g} of 4 updates lost (median of {counted(runs, 'run')}), "
            f"{1000 * first.elapsed(scope):.0f} ms"
        )
        assert str(first) in alts(made)[0]
        assert f"def {scope.worker.__name__}(" in re.sub("<[^>]*>", "", htmls(made, "<pre")[0])
        assert f"scope: {scope.value}" in statuses(made)[1]
    assert made.value is first


def test_the_source_beside_the_dial_marks_the_locked_lines(panel):
    made = panel(ScopePanel, scope="write only", **QUICK)
    assert marked(htmls(made, "<pre")[0]) == ["counter.write(value + 1)"]
    turn(made, Scope.NOTHING)
    assert marked(htmls(made, "<pre")[0]) == []


def test_a_moved_slider_runs_all_scopes_anew(panel):
    made = panel(ScopePanel, **QUICK)
    move(made, "processes", 3)
    assert made.value.settings.expected == 6
    assert [len(runs) for runs in made.value.runs.values()] == [topics.scope.ROUNDS] * 6
    assert "of 6 updates lost" in statuses(made)[0]


def test_the_panel_and_its_plain_call_agree(panel):
    made = panel(ScopePanel, **QUICK)
    call = re.sub("<[^>]*>", "", next(t for t in htmls(made, "The same as a call")))
    assert "sweep_scopes(processes=2, pause_ms=0.5, slow_ms=0.0, times=2" in call


def test_stop_keeps_what_is_there_and_the_dial_still_turns(panel):
    made = panel(ScopePanel, **QUICK)
    first = made.value
    control(made, "slow work").value = 10
    wait_until(lambda: made.runner.busy)
    made.stop()
    settle(made)
    turn(made, Scope.WHOLE_LOOP)
    assert statuses(made)[0].startswith("whole loop: 0 of 4 updates lost")
    assert made.value is first or made.value.settings.slow_ms == 10


def test_a_first_sweep_that_is_interrupted_leaves_a_panel_that_can_go_on(panel, monkeypatch):
    whole = topics.scope_sweeps
    with monkeypatch.context() as patch:
        patch.setattr(
            "helpers.topics.scope.scope_sweeps", lambda **how: whole(**{**how, "stop": Stop()})
        )
        made = panel(ScopePanel, **QUICK)
    assert statuses(made)[0] == "stopped before every scope had run once"
    turn(made, Scope.WHOLE_LOOP)
    press(made, "Run")
    assert statuses(made)[0].startswith("whole loop: 0 of 4 updates lost")


@exhaustive
def test_wild_moves_end_with_the_last_ones(panel):
    made = panel(ScopePanel, **QUICK)
    for processes in (3, 4, 1, 2, 3):
        control(made, "processes").value = processes
        made.dial.value = Scope.EACH_STEP
        made.dial.value = Scope.WHOLE_LOOP
    settle(made)
    wait_until(lambda: not made.painter.busy)
    assert made.value.settings.expected == 6
    assert statuses(made)[0].startswith("whole loop: 0 of 6 updates lost")


def test_the_first_sweep_takes_as_many_rounds_as_fit(panel, monkeypatch):
    monkeypatch.setattr("helpers.topics.scope._FIRST_BUDGET", 0.01)
    made = panel(ScopePanel, **QUICK)
    assert [len(runs) for runs in made.value.runs.values()] == [1] * 6
