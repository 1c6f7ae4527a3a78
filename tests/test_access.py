"""The access experiment: one bug on three resources, its figure, its panel, and a program beside it."""

import re
import sqlite3
from contextlib import closing

import pages
import pytest
from cases import cases
from claim import claim
from drawings import all_texts, assert_inside, axes_of
from nbformat import v4
from runs import Stop

from helpers import lab, pictures, topics
from helpers.lab.fates import Fate, fates_in
from helpers.topics import (
    AccessPanel,
    Resource,
    Way,
    compare_access,
    run_access,
    run_beside_program,
)
from tests.environments import ROOT, execute

KEEPS_ALL = [
    Way.ONE_STRING, Way.LOCKED_PIECES, Way.OPENED_A, Way.LOCKED_WRITES,
    Way.IMMEDIATE, Way.ONE_STATEMENT, Way.COMPARE_AND_SET, Way.LOCKED,
]  # fmt: skip


@pytest.mark.parametrize("way", Way, ids=lambda way: way.name)
def test_what_was_wanted_is_kept_lost_torn_or_refused(way):
    access = run_access(way=way, processes=3, operations=4)
    assert access.wanted == 12
    assert access.kept + access.lost + access.torn + access.refused == 12
    assert access.untried == 0
    if way in KEEPS_ALL:
        assert access.kept == 12
    said = re.findall(r"(\d+) (\w+)", access.sentence.partition(": ")[2])
    assert {word: int(count) for count, word in said} == access.counts


def test_every_way_has_its_worker_and_its_resource():
    assert [way for resource in Resource for way in resource.ways] == list(Way)
    assert len({way.worker for way in Way}) == len(Way)
    for way in Way:
        assert way.has_lock == way.worker.__name__.endswith("_with_lock")


def test_what_an_ended_run_did_not_try_is_told():
    access = run_access(stop=Stop(), way="SELECT, then UPDATE")
    assert (access.verdict, access.untried) == ("stopped", 40)
    assert "40 not done; stopped after" in str(access)


def test_all_ways_of_a_resource_stand_in_one_table():
    table = compare_access("log file", processes=2, operations=3)
    rows = pages.cells(topics.access_table(table))
    assert rows[0] == ["way of access", "wanted", "kept", "lost", "torn", "refused"]
    assert [row[0][2:] for row in rows[1:]] == [way.value for way in Resource.LOG.ways]
    assert rows[1][1:] == ["6", "3", "3", "0", "0"]
    assert [row[0][0] for row in rows[1:] if row[2] == "6"] == ["✓"] * len(
        [r for r in rows if r[2] == "6"]
    )


@pytest.mark.parametrize("way", [Way.IMMEDIATE, Way.ONE_STATEMENT, Way.COMPARE_AND_SET])
def test_a_cure_of_the_database_holds_beside_a_program(way):
    beside = run_beside_program(way, added=5, processes=2, operations=3)
    assert (beside.wanted, beside.found, beside.lost) == (11, 11, 0)
    assert str(beside).endswith("the database says 11: nothing lost")
    assert fates_in(beside.run) == dict.fromkeys("ABC", Fate.FINISHED)


def test_a_program_that_cannot_add_is_told(monkeypatch):
    monkeypatch.setattr(topics.access, "PROGRAMS", ROOT / "nowhere")
    beside = run_beside_program(Way.IMMEDIATE, 1, processes=1, operations=1, deadline=1.0)
    assert "the program ended with exit code 2" in str(beside)
    assert fates_in(beside.run) == {"A": Fate.CUT_OFF}


def test_a_program_beside_that_is_cut_off_is_said_to_work_still_and_loses_nothing():
    beside = run_beside_program(Way.IMMEDIATE, 1000, processes=1, operations=1, deadline=1.0)
    assert fates_in(beside.run)["B"] is Fate.CUT_OFF
    assert str(beside).startswith("still running after 1 s: ")
    assert str(beside).endswith("(B is the program beside them)") and "lost" not in str(beside)


@claim("10", "forked children print in pieces into a cell")
def test_children_of_a_fork_print_in_pieces_into_a_cell():
    cell = (
        "from helpers import lab\nfrom helpers.workers.output import print_for_real\n"
        "run = lab.run(team=[(print_for_real, (name, 20)) for name in 'ABCD'], start_method='fork')"
    )
    if "fork" not in lab.start_methods():
        return
    reported = v4.new_notebook(cells=[v4.new_code_cell(cell)])
    execute(reported, ROOT, limit=60)
    lines = "".join(output.get("text", "") for output in reported.cells[0].outputs).splitlines()
    assert any(not re.fullmatch(r"[A-D] prints line \d+", line) for line in lines)


# ---- the figure


def ordered(way, schedule, times=1):
    """An Access whose steps were taken in that order by two processes."""
    settings = topics.AccessSettings(way=way, processes=2, operations=times, pause_ms=0)
    run = lab.run(way.worker, *settings.arguments, processes=2, schedule=schedule)
    return topics.Access(settings, run)


@cases(
    "way schedule counts",
    (Way.PIECES, "ABABAB", (2, 0, 0, 2, 0)),
    (Way.OPENED_W, "ABAB", (2, 1, 1, 0, 0)),
    (Way.SELECT_UPDATE, "ABBA", (2, 1, 1, 0, 0)),
    (Way.ONE_STATEMENT, "AB", (2, 2, 0, 0, 0)),
)
def test_the_bars_are_the_same_for_every_resource(way, schedule, counts):
    access = ordered(way, schedule)
    ax = axes_of(access)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert labels == ["wanted", "kept", "lost", "torn", "refused"]
    assert tuple(bar.get_width() for bar in ax.patches) == counts
    assert str(access) in pictures.alt_text(access)
    looks = {(bar.get_facecolor(), bar.get_hatch()) for bar in ax.patches}
    assert len(looks) == 5


def test_nothing_of_the_bars_is_cut_off():
    for way in Way:
        ax = axes_of(ordered(way, ""))
        assert_inside(ax.figure, *all_texts(ax))


def test_a_line_shows_whose_its_pieces_are():
    _, *rows = pages.cells(topics.access_lines(ordered(Way.PIECES, "ABAABB")))
    assert [row[1] for row in rows] == [
        "A: order | B: order | A: 0 | A: is done",
        "B: 0 | B: is done",
    ]
    assert {row[0] for row in rows} == {"✗ damaged"}


def test_an_update_shows_what_it_found_and_left():
    _, *rows = pages.cells(topics.access_lines(ordered(Way.SELECT_UPDATE, "ABBA")))
    assert sorted(row[0] for row in rows) == ["✓ kept", "✗ lost"]
    assert {row[1] for row in rows} == {"A: found 0, left 1", "B: found 0, left 1"}


def test_of_many_lines_the_first_are_shown_and_the_others_counted():
    shown = topics.access_lines(run_access(processes=2, operations=10, way="as one string"))
    assert shown.count("✓ whole") == 12
    assert "... and 8 more" in shown


def test_it_is_shown_in_a_notebook_with_its_lines():
    access = ordered(Way.TWO_WRITES, "ABAB")
    page = pictures.result_html(access)
    assert str(access) in pages.words(page) and page.count("<img") == 1 and "✗ damaged" in page


# ---- the panel


def test_each_way_names_its_resource_and_has_one_picture(panel):
    made = panel(AccessPanel, operations=2)
    choice = pages.control(made, "way of access")
    assert [words for words, _ in choice.options][3] == 'log file, opened with "w"'
    for way in [*list(Way)[1:], Way.PIECES]:
        pages.move(made, "way of access", way)
        assert made.value.settings.way is way
        assert f"{way.resource.value}, {way.value}: 8 wanted" in pages.statuses(made)[0]
        assert made.value.sentence in pages.alts(made)[0]


def test_each_slider_goes_to_both_ends(panel):
    made = panel(AccessPanel, way="one UPDATE", operations=1, pause_ms=0)
    assert list(made.in_sight) == ["way", "processes", "operations", "pause_ms"]
    for _ in pages.ends(made, "processes", "operations each", "pause in each"):
        assert made.value.kept == made.settings["processes"] * made.settings["operations"]


def test_ways_changed_in_a_hurry_end_with_the_last_one(panel):
    made = panel(AccessPanel, operations=2)
    for way in [*Way, Way.SELECT_UPDATE]:
        pages.control(made, "way of access").value = way
    pages.settle(made)
    assert made.value.settings.way is Way.SELECT_UPDATE


def test_a_database_that_cannot_be_used_is_told_and_the_panel_goes_on(panel, tmp_path):
    own = tmp_path / "own.db"
    made = panel(AccessPanel, way="one UPDATE", operations=2)
    pages.move(made, "file (empty: a new one)", str(own))
    assert "there is no such file" in pages.statuses(made)[0]
    assert pages.alts(made) == []
    with closing(sqlite3.connect(own, isolation_level=None)) as connection:
        connection.execute("CREATE TABLE mine (x)")
        connection.execute("BEGIN EXCLUSIVE")
        pages.press(made, "Run")
        assert "SQLite says: database is locked; choose another file" in pages.statuses(made)[0]
    pages.press(made, "Run")
    assert made.value.kept == 8 and "8 kept" in pages.statuses(made)[0]
    assert len(pages.alts(made)) == 1


def test_the_call_beside_the_panel_gives_the_same(panel):
    made = panel(AccessPanel, way='opened with "w"', processes=2, operations=2)
    assert pages.called(made).settings == made.value.settings
