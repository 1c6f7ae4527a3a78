"""The panels of lessons 07 to 09 without a browser: what they say agrees with their controls and runs."""

import re

import ipywidgets
import pages
import pytest
from cases import exhaustive

from helpers import lab, topics

# ---- deadlock


def test_the_deadlock_panel_tells_its_circle_in_status_and_picture(panel):
    made = panel(topics.DeadlockPanel, processes=3, times=200)
    assert made.value.circle == ("A", "2", "B", "3", "C", "1")
    circle = "A waits for lock 2, which B holds; B waits for lock 3, which C holds"
    assert f"Run 1: deadlock: {circle}" in pages.statuses(made)[0]
    assert circle in pages.alts(made)[0]


@pytest.mark.parametrize("cure", [cure for cure in topics.Cure if cure is not topics.Cure.NONE])
def test_a_chosen_cure_shows_its_worker_and_brings_all_to_their_end(panel, cure):
    made = panel(topics.DeadlockPanel, times=3, cure=cure)
    assert made.value.verdict == "correct"
    assert "6 transfers done" in pages.statuses(made)[0]
    assert pages.source_rows(pages.htmls(made, "<pre")[0])[0][0].startswith(
        f"def {cure.worker.__name__}("
    )


def test_wasted_tries_are_told_where_there_are_any(panel):
    made = panel(topics.DeadlockPanel, times=5, cure="try and back off", pause_ms=2)
    wasted = topics.wasted_tries(made.value)
    assert (f"{wasted} wasted tries" in pages.statuses(made)[0]) is (wasted > 0)


def test_the_history_tells_how_far_each_run_came(panel):
    made = panel(topics.DeadlockPanel, processes=2, times=3, first=topics.FirstLock.LAST_TURNED)
    pages.move(made, "takes first", topics.FirstLock.OWN)
    reported = re.findall(r"<title>([^<]*)</title>", pages.htmls(made, "History")[0])
    assert reported[0] == "6 of 6: correct"
    done = topics.transfers_done(made.value)
    assert reported[1] == f"{done} of 6: {made.value.verdict}"


@exhaustive
def test_each_slider_goes_to_both_ends(panel):
    made = panel(topics.DeadlockPanel, times=1)
    words = [slider.description for slider in pages.sliders(made)]
    wanted = ["processes (2 to 7)", "between locks (0 to 20 ms)", "transfers each (1 to 200)"]
    assert words == wanted
    for end in pages.ends(made, *words[:2]):
        assert made.value.verdict in ("deadlock", "correct")
        assert end != 7 or len(made.value.processes) == 7


def test_repeated_runs_are_counted_and_drawn(panel):
    made = panel(topics.DeadlockPanel, times=200)
    pages.repeat(made, 3)
    assert pages.statuses(made)[0].startswith("3 of 3 runs ended in a deadlock")
    assert "3 of 3 runs ended in a deadlock" in pages.alts(made)[0]


def test_stop_ends_a_run_in_which_all_wait(panel, monkeypatch):
    """The watch is blind here, and what is deadlocked stays so until Stop."""
    made = panel(topics.DeadlockPanel, times=200, deadline=60)
    seen = []

    def look(self, real=lab.processes.Watch.look, **_):
        if real(self):
            seen.append(self)

    monkeypatch.setattr(lab.processes.Watch, "look", look)
    pages.control(made, "Run").click()
    pages.wait_until(lambda: seen)
    pages.press(made, "Stop")
    assert made.value.verdict == "stopped"
    assert "Run 2: stopped after " in pages.statuses(made)[0]


@pytest.mark.parametrize(
    ("kind", "settings"),
    [
        (topics.DeadlockPanel, {"processes": 3, "times": 2, "cure": topics.Cure.GLOBAL_ORDER}),
        (topics.CrashPanel, {"exit": topics.Exit.EXCEPTION, "kind": topics.LockKind.FILE_LOCK}),
        (topics.RLockPanel, {"is_rlock": True, "depth": 2, "releases": 1}),
    ],
    ids=["deadlock", "crash", "rlock"],
)
def test_the_call_beside_a_panel_gives_the_same_run(panel, kind, settings):
    made = panel(kind, **settings)
    run = pages.called(made)
    assert (run.verdict, run.worker) == (made.value.verdict, made.value.worker)


# ---- crashes


def table(panel):
    return pages.cells(pages.htmls(panel, "<table")[0])


def test_the_table_fills_as_the_learner_tries(panel):
    made = panel(topics.CrashPanel)
    assert table(made)[0][1:] == [kind.value for kind in topics.LockKind]
    tried = {row[0]: row[1:] for row in table(made)[1:]}
    assert tried.pop("kill() inside with") == ["✗ held for ever", *["not tried"] * 3]
    assert {word for row in tried.values() for word in row} == {"not tried"}
    pages.move(made, "what it holds", topics.LockKind.FILE_LOCK)
    assert pages.statuses(made)[0].startswith("Run 2: free: B got the lock")
    tried = {row[0]: row[1:] for row in table(made)[1:]}
    assert tried["kill() inside with"] == ["✗ held for ever", "not tried", "✓ free", "not tried"]


def test_all_that_are_left_can_be_tried_at_once_and_stopped(panel, monkeypatch):
    made = panel(topics.CrashPanel)
    tries = []

    def run_crash(settings, stop):
        tries.append(settings.exit)
        if len(tries) == 3:
            stop.set()
        return real(settings, stop)

    real = topics.run_crash.of
    monkeypatch.setattr(topics.run_crash, "of", run_crash)
    pages.press(made, "Try all")
    assert pages.statuses(made) == ["3 of 32 tried"]
    monkeypatch.setattr(topics.run_crash, "of", real)
    pages.press(made, "Try all")
    words_in_it = [word for row in table(made)[1:] for word in row[1:]]
    assert pages.statuses(made) == ["32 of 32 tried"]
    assert set(words_in_it) == {"✓ free", "✗ held for ever"}
    assert (words_in_it.count("✓ free"), words_in_it.count("✗ held for ever")) == (22, 10)


# ---- RLock


def test_the_rlock_panel_tells_depth_and_verdict(panel):
    made = panel(topics.RLockPanel)
    assert pages.statuses(made)[0] == "Run 1: 2 processes ended well · deepest: 3"
    pages.move(made, "releases", 2)
    assert "which A kept when it ended · deepest: 3" in pages.statuses(made)[0]
    pages.move(made, "kind of lock", False)
    assert "deadlock: A waits for the lock, which it holds · deepest: 1" in pages.statuses(made)[0]
    pages.move(made, "acquires by A", 1)
    pages.move(made, "releases", 1)
    pages.move(made, "who releases", topics.Releaser.STRANGER)
    assert made.value.verdict == "correct"
    pages.move(made, "kind of lock", True)
    assert "B ended with AssertionError" in pages.statuses(made)[0]


def test_a_panel_without_repetition_offers_none(panel):
    made = panel(topics.RLockPanel)
    buttons = [button.description for button in pages.of_kind(made, ipywidgets.Button)]
    assert buttons == ["Hold for comparison", "Run", "Stop"]
