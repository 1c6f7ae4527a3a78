"""The ways to add up results: right as long as nobody dies, and what a kill means; figures, guide, panel."""

import re
import threading
from dataclasses import replace

import pytest
from pages import alts, cells, control, htmls, panels, settle, statuses, words

from helpers import figures
from helpers.course import notebook
from helpers.experiments import Adding, AddingTable, add_up, compare_adding, separate
from helpers.experiments.separate import run_together
from helpers.figures.choosing import LAST, STEPS
from helpers.figures.image import _drawn as drawn
from helpers.panels import ChoosingPanel
from tests.claims.choosing import ORPHANED, SURVIVES

FEW = {"processes": 2, "results": 3, "work_ms": 0}
# So much work for B that A, in its third update, is killed long before B has done all.
MANY = {"processes": 2, "results": 60, "work_ms": 1}
RELATED = [way for way in Adding if not way.is_apart]
related = pytest.mark.parametrize("way", RELATED, ids=lambda way: way.name)


@related
def test_related_processes_add_up_right(way, start_method):
    added = add_up(way=way, start_method=start_method, **FEW)
    assert (added.found, added.survivors, added.verdict) == (6, 2, "correct"), str(added)


@pytest.mark.parametrize(
    "way", [way for way in RELATED if way is not Adding.MANAGER], ids=lambda w: w.name
)
def test_a_kill_leaves_the_others_waiting_or_going_on(way):
    many = MANY if way in ORPHANED else FEW
    added = add_up(way=way, kill=True, deadline=0.5, **many)
    fate = "the others wait for ever" if way in ORPHANED else "the others go on"
    assert added.fate.startswith(fate)
    if way in SURVIVES:  # two of A's, three of B's
        assert (added.found, added.missing) == (5, 1)
    if way is Adding.WRITER:
        assert added.found == 2 and added.fate.endswith("nobody adds up what they send")
    assert added.verdict == "lost_updates" and added.fate in added.sentence


def test_separate_programs_under_a_file_lock_survive_a_kill():
    alive = add_up(way=Adding.FILE_LOCK, **FEW)
    killed = add_up(way=Adding.FILE_LOCK, kill=True, **FEW)
    assert (alive.found, killed.found, killed.fate) == (6, 5, "the others go on")


def test_a_program_that_fails_is_told(monkeypatch, tmp_path):
    (tmp_path / separate.SCRIPT).write_text("raise SystemExit('no paper')")
    monkeypatch.setattr(separate, "PROGRAMS", tmp_path)
    with pytest.raises(RuntimeError, match="no paper"):
        add_up(way=Adding.FILE_LOCK, **FEW)


def test_programs_that_take_too_long_are_ended():
    import sys

    code = "import time; print('ready', flush=True); input(); print('begun', flush=True); time.sleep(60)"
    elapsed, told = run_together([[sys.executable, "-c", code]] * 2, deadline=0.3)
    assert [code for code, *_ in told] == [None, None]
    assert elapsed < 30


def test_a_stopped_one_says_so():
    stop = threading.Event()
    stop.set()
    for way in (Adding.LOCK, Adding.FILE_LOCK):
        assert "stopped" in str(add_up(stop=stop, way=way, **FEW))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"way": "by luck"}, "way='by luck'"),
        ({"processes": 1}, "choose 2 to 16"),
        ({"results": 2}, "choose 3 to 200"),
        ({"work_ms": 101}, "choose 0 to 100 ms"),
        ({"start_method": "clone"}, "start_method='clone'"),
    ],
)
def test_what_cannot_be_is_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        add_up(**settings)


@pytest.fixture(scope="module")
def table():
    return compare_adding(**MANY)


def test_the_table_has_every_way_with_and_without_a_kill(table):
    rows = cells(figures.adding_table(table))
    assert rows[0] == ["way", "sum, all alive", "time", "one killed: sum", "one killed: the others"]
    assert [row[0] for row in rows[1:]] == [way.value for way in Adding]
    for way, row in zip(Adding, rows[1:], strict=True):
        if way is not Adding.STRANGERS:
            assert row[1] == "✓ 120 of 120"
        assert row[4].startswith("✗" if way in (*ORPHANED, Adding.WRITER) else "✓")


def test_a_comparison_can_be_stopped_between_two_ways():
    stop = threading.Event()
    some = compare_adding(lambda done, count: stop.set(), stop, **FEW)
    assert len(some.found) == 1 and str(some) == "stopped after 1 ways"


def test_every_arrow_of_the_guide_is_backed_by_a_run_and_nothing_overlaps(table):
    figure = drawn(table)
    figure.canvas.draw()
    (ax,) = figure.axes
    found = {alive.settings.way: alive for alive, _ in table.found}
    told = [text.get_text() for text in ax.texts if text.get_gid() == "evidence"]
    for step, words_of_it in zip(STEPS, told, strict=True):
        assert words_of_it.startswith(f"{found[step.way].found} of 120, ")
    assert {step.way for step in (*STEPS, LAST)} == set(Adding) - {Adding.STRANGERS}
    boxes = [(text, text.get_window_extent()) for text in ax.texts if text.get_text()]
    for number, (one, box) in enumerate(boxes):
        assert figure.bbox.x0 <= box.x0 and box.x1 <= figure.bbox.x1, one
        assert figure.bbox.y0 <= box.y0 and box.y1 <= figure.bbox.y1, one
        for other, its in boxes[number + 1 :]:
            assert not box.overlaps(its), (one, other)


def test_the_longest_words_of_the_guide_fit_before_the_next_box(table):
    slow = AddingTable(
        tuple((replace(alive, elapsed=9.999), killed) for alive, killed in table.found)
    )
    figure = drawn(slow)
    figure.canvas.draw()
    (ax,) = figure.axes
    left = min(
        text.get_window_extent().x0
        for text in ax.texts
        if text.get_gid() == "box" and text.get_position()[0] > 50
    )
    assert all(t.get_window_extent().x1 < left for t in ax.texts if t.get_gid() == "evidence")


def test_the_guide_says_in_words_what_it_draws(table):
    alt = figures.alt_text(table)
    assert all(way.value in alt for way in Adding)
    assert notebook.decision_guide(table).data.count("<img") == 1


def test_the_bars_of_one_job():
    added = add_up(way=Adding.LOCK, **FEW)
    (ax,) = drawn(added).axes
    assert [bar.get_width() for bar in ax.patches] == [6, 6, 0]
    assert ax.get_title(loc="left") == "multiprocessing.Lock and a file: 6 of 6"
    assert str(added) in figures.alt_text(added)


# ---- the panel


@pytest.fixture
def panel():
    with panels() as make:
        yield make


def move(panel, name, value):
    panel._controls[name].value = value
    settle(panel)


def test_each_way_shows_its_source_and_its_sum(panel):
    made = panel(ChoosingPanel, results=3, processes=2, work_ms=0)
    assert list(made.in_sight) == ["way", "processes", "work_ms", "kill"]
    for way in Adding:
        if made._controls["way"].value is not way:
            move(made, "way", way)
        assert f"{way.value}: the sum says {made.value.found} of 6" in statuses(made)[0]
        assert made.value.sentence in alts(made)[0]
        shown = words(htmls(made, "<pre")[0])
        assert ("FileLock" in shown) == way.is_apart


def test_a_kill_is_one_choice_away_and_sliders_go_to_both_ends(panel):
    made = panel(ChoosingPanel, way="one UPDATE in a database", results=3, processes=2, work_ms=0)
    move(made, "kill", True)
    assert "was killed in its third update, and the others go on" in statuses(made)[0]
    for name in ("processes", "results", "work_ms"):
        slider = made._controls[name]
        for end in (slider.max, slider.min):
            move(made, name, end)
            settings = made.value.settings
            assert made.value.found == settings.wanted - settings.results + 2


def test_the_call_beside_the_panel_gives_the_same(panel):
    made = panel(ChoosingPanel, results=3, processes=2, work_ms=0)
    call = words(re.search("<code>(.*)</code>", htmls(made, "<code>")[0]).group(1))
    added = eval(call, {"add_up": add_up})
    assert (added.found, added.wanted) == (made.value.found, made.value.wanted)
    control(made, "Run").click()
    settle(made)
    assert statuses(made)[0].startswith("Run 2: ")
