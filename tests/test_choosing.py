"""The ways to add up results: right as long as nobody dies, and what a kill means; figures, guide, panel."""

from dataclasses import replace

import pytest
from claim import claim
from drawings import assert_apart, assert_inside, axes_of
from filelock import FileLock
from pages import alts, called, cells, ends, htmls, move, press, statuses, words
from runs import Stop

from helpers import pictures, topics
from helpers.lab.fates import Fate
from helpers.topics import (
    AddedUp,
    Adding,
    AddingSettings,
    AddingTable,
    ChoosingPanel,
    add_up,
    choosing,
    compare_adding,
)
from helpers.topics.choosing import LAST, STEPS
from tests.claims.choosing import ORPHANED, SURVIVES

FEW = {"processes": 2, "results": 3, "work_ms": 0}
# So much work for B that A, in its third update, is killed long before B has done all.
MANY = {"processes": 2, "results": 60, "work_ms": 1}
RIGHT = [way for way in Adding if way is not Adding.STRANGERS]


@pytest.mark.parametrize("way", RIGHT, ids=lambda way: way.name)
def test_all_but_programs_with_a_lock_each_add_up_right(way, start_method):
    added = add_up(way=way, start_method=start_method, **FEW)
    assert (added.found, added.fate, added.verdict) == (6, Fate.FINISHED, "correct"), str(added)


@claim(
    "11",
    "after a kill the others wait for ever for a lock in memory: read from the records, no time limit needed",
)
@pytest.mark.parametrize("way", ORPHANED, ids=lambda way: way.name)
def test_after_a_kill_the_others_wait_for_the_lock_of_the_dead_one(way, start_method):
    added = add_up(way=way, kill=True, start_method=start_method, **MANY)
    assert added.fates == {"B": Fate.WAITS} and added.verdict == "orphaned_lock"
    assert added.sentence.endswith("was killed in its third update, and the others wait for ever")
    assert added.elapsed < added.settings.deadline  # seen, not waited for


@claim("11", "a killed writer costs all the rest, a file of one's own only one's own")
@claim("11", "a file lock is freed at a death, between separate programs")
@pytest.mark.parametrize("way", [*SURVIVES, Adding.WRITER], ids=lambda way: way.name)
def test_after_a_kill_the_others_go_on(way, start_method):
    added = add_up(way=way, kill=True, start_method=start_method, **FEW)
    assert added.fate is Fate.FINISHED and added.verdict == "lost_updates"
    if way is Adding.WRITER:
        assert added.found == 2 and added.fate_words.endswith("nobody adds up what they send")
    else:  # two of A's, three of B's
        assert (added.found, added.fate_words) == (5, "the others go on")


@claim("11", "a lock file that is left behind keeps nobody waiting")
def test_a_lock_file_that_is_left_behind_is_no_lock(tmp_path):
    (tmp_path / "total.lock").touch()
    with FileLock(tmp_path / "total.lock", timeout=0) as lock:
        assert lock.is_locked


@claim("11", "who is cut off while it works waits for nobody")
@pytest.mark.parametrize("way", list(Adding), ids=lambda way: way.name)
def test_who_is_cut_off_while_it_works_waits_for_nobody(way):
    added = add_up(way=way, processes=2, results=200, work_ms=100, deadline=0.5)
    assert added.fate is Fate.CUT_OFF and added.verdict == "timed_out"
    assert "still working when the time of 0.5 s was up: A, B" in added.sentence
    assert "for ever" not in added.sentence


def test_a_kill_and_a_time_that_is_too_short_are_told_apart():
    # Once A has been killed, B works on for 20 s at least.
    added = add_up(
        way="a file for each process", processes=2, results=200, work_ms=100, kill=True, deadline=2
    )
    assert added.fates.get("B") is Fate.CUT_OFF and "for ever" not in added.sentence


def test_a_killed_one_that_was_the_last_leaves_nobody_waiting():
    alone = AddedUp(
        AddingSettings(kill=True), 32, 0.1, dict.fromkeys("BCD", Fate.FINISHED), "lost_updates"
    )
    assert alone.sentence.endswith("and the others had finished before")


def test_the_time_of_a_job_grows_with_the_work_that_is_asked_for():
    few, many = (AddingSettings(processes=count, work_ms=20).asked for count in (4, 16))
    assert many == 4 * few == 3.2


def test_a_program_that_fails_is_told(monkeypatch, tmp_path):
    (tmp_path / "broken.py").write_text("raise SystemExit('no paper')")
    monkeypatch.setattr(choosing, "_PROGRAM", tmp_path / "broken.py")
    added = add_up(way=Adding.FILE_LOCK, **FEW)
    assert added.verdict == "crashed"
    assert "RuntimeError: a program failed: no paper" in str(added)


def test_a_stopped_one_says_so():
    for way in (Adding.LOCK, Adding.FILE_LOCK):
        assert "stopped" in str(add_up(stop=Stop(), way=way, **FEW))


@pytest.fixture(scope="module")
def table():
    return compare_adding(**MANY)


def test_the_table_has_every_way_with_and_without_a_kill(table):
    rows = cells(topics.adding_table(table))
    assert rows[0] == ["way", "sum, all alive", "time", "one killed: sum", "one killed: the others"]
    assert [row[0] for row in rows[1:]] == [way.value for way in Adding]
    for way, row in zip(Adding, rows[1:], strict=True):
        if way is not Adding.STRANGERS:
            assert row[1] == "✓ 120 of 120"
        assert row[4].startswith("✗" if way in (*ORPHANED, Adding.WRITER) else "✓")


def evidence(ax):
    """What the guide says beside its steps: one text for each."""
    return [text for text in ax.texts if text.get_gid() == "evidence"]


def test_each_fate_has_its_own_words_and_mark_in_table_guide_and_bars(table):
    rows = {}
    for fate in Fate:
        fates = dict.fromkeys("BCD", fate)
        pairs = tuple(tuple(replace(one, fates=fates) for one in pair) for pair in table.found)
        changed = AddingTable(pairs)
        (guide, *_) = evidence(axes_of(topics.Guide(changed)))
        rows[fate] = cells(topics.adding_table(changed))[1][4], guide.get_text()
    assert [words[0] for words, _ in rows.values()] == ["✗", "…", "✓"]
    assert [words.split("; ")[1][0] for _, words in rows.values()] == ["✗", "…", "✓"]
    assert len(set(rows.values())) == 3


def test_a_job_that_is_cut_off_is_no_loss_in_its_bars():
    added = add_up(processes=2, results=200, work_ms=100, deadline=0.3)
    ax = axes_of(added)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["wanted", "in the sum", "not yet"]


def test_a_comparison_can_be_stopped_between_two_ways():
    stop = Stop(after=2)  # runs: one way without and with a kill
    some = compare_adding(stop.progress, stop, **FEW)
    assert len(some.found) == 1 and str(some) == "stopped after 1 ways"


@claim("11", "each arrow of the guide stands on a run")
def test_every_arrow_of_the_guide_is_backed_by_a_run_and_nothing_overlaps(table):
    ax = axes_of(topics.Guide(table))
    found = {alive.settings.way: alive for alive, _ in table.found}
    for step, text in zip(STEPS, evidence(ax), strict=True):
        assert text.get_text().startswith(f"{found[step.way].found} of 120, ")
    assert {step.way for step in (*STEPS, LAST)} == set(Adding) - {Adding.STRANGERS}
    texts = [text for text in ax.texts if text.get_text()]
    assert_inside(ax.figure, *texts)
    assert_apart(*texts)


def test_the_longest_words_of_the_guide_fit_before_the_next_box(table):
    slow = [(replace(alive, elapsed=9.999), killed) for alive, killed in table.found]
    ax = axes_of(topics.Guide(AddingTable(tuple(slow))))
    boxes = [text for text in ax.texts if text.get_gid() == "box" and text.get_position()[0] > 50]
    left = min(text.get_window_extent().x0 for text in boxes)
    assert all(text.get_window_extent().x1 < left for text in evidence(ax))


def test_the_guide_says_in_words_what_it_draws(table):
    alt = pictures.alt_text(topics.Guide(table))
    assert all(way.value in alt for way in Adding)
    assert topics.decision_guide(table).data.count("<img") == 1


def test_the_bars_of_one_job():
    added = add_up(way=Adding.LOCK, **FEW)
    ax = axes_of(added)
    assert [bar.get_width() for bar in ax.patches] == [6, 6, 0]
    assert str(added) in pictures.alt_text(added)


# ---- the panel


def test_each_way_shows_its_source_and_its_sum(panel):
    made = panel(ChoosingPanel, results=3, processes=2, work_ms=0)
    assert list(made.in_sight) == ["way", "processes", "work_ms", "kill"]
    for way in Adding:
        if made.settings["way"] is not way:
            move(made, "way", way)
        assert f"{way.value}: the sum says {made.value.found} of 6" in statuses(made)[0]
        assert made.value.sentence in alts(made)[0]
        shown = words(htmls(made, "<pre")[0])
        assert ("FileLock" in shown) == way.is_apart


def test_a_kill_is_one_choice_away_and_sliders_go_to_both_ends(panel):
    made = panel(ChoosingPanel, way="one UPDATE in a database", results=3, processes=2, work_ms=0)
    move(made, "one of them is killed", True)
    assert "was killed in its third update, and the others go on" in statuses(made)[0]
    for _ in ends(made, "processes", "results", "work each"):
        settings = made.value.settings
        assert made.value.found == settings.wanted - settings.results + 2


def test_the_call_beside_the_panel_gives_the_same(panel):
    made = panel(ChoosingPanel, results=3, processes=2, work_ms=0)
    added = called(made)
    assert (added.found, added.wanted) == (made.value.found, made.value.wanted)
    press(made, "Run")
    assert statuses(made)[0].startswith("Run 2: ")
