"""The lessons in JupyterLab in Chromium, as a learner meets them."""

import re
import time

import nbformat
import pytest

from helpers import lab
from helpers.panels.questions import lessons, lettered
from helpers.topics import Adding, Program, Scope, Way
from tests import jupyter, timelines
from tests.cases import IN_BROWSER, exhaustive
from tests.claims.sharing import NO_START, wanted_diagnosis
from tests.environments import ROOT, copy_tracked_files
from tests.predicates import assert_held, put_predicates
from tests.remains import lab_folders

pytestmark = [
    pytest.mark.timeout(240),
    pytest.mark.skipif(
        jupyter.chromium() is None,
        reason="no Chromium: install it with `apt-get install chromium`, or Chrome from its maker's site",
    ),
]

LESSONS = sorted(path.stem for path in (ROOT / "notebooks").glob("[0-9]*.ipynb"))


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of the course in a folder of its own, as a learner would have it, with the predicates put in."""
    folder = copy_tracked_files(tmp_path_factory.mktemp("course"))
    for name in LESSONS:
        path = folder / "notebooks" / f"{name}.ipynb"
        lesson = nbformat.read(path, as_version=4)
        put_predicates(lesson)
        nbformat.write(lesson, path)
    return folder


@pytest.fixture(scope="module")
def server(course):
    with jupyter.server(course) as address_and_token:
        yield address_and_token


@pytest.fixture(scope="module")
def browser():
    with jupyter.browser() as running:
        yield running


@pytest.fixture(autouse=True)
def nothing_is_left():
    """Instead of the rule for all tests: server and browser live on, but no run leaves its folder."""
    yield
    limit = time.monotonic() + 5
    while (left := lab_folders()) and time.monotonic() < limit:
        time.sleep(0.05)
    assert left == set()


@pytest.fixture(scope="module")
def lesson(request, server, browser):
    """A lesson's page on which all cells have run, for all tests of that lesson.

    pytest puts these tests together: one page is open at a time, since each asks the server for news all the time.
    """
    page = jupyter.NotebookPage(browser, *server, f"notebooks/{request.param}.ipynb")
    page.failed = page.run_all()
    yield page
    page.shut_down()


def of_lesson(*names):
    """The test has the page of each of these lessons in turn; `make test` has three of them."""
    params = [pytest.param(name, marks=[] if name in IN_BROWSER else exhaustive) for name in names]
    return pytest.mark.parametrize("lesson", params, indirect=True, scope="module")


@pytest.fixture(autouse=True)
def all_cells_run_and_the_console_is_silent(lesson, course):
    assert lesson.failed == []
    yield
    assert lesson.errors == [], jupyter.log_of(course).read_text()[-5000:]


@of_lesson(*LESSONS)
def test_a_lesson_runs_from_its_first_to_its_last_cell(lesson):
    assert_held(lesson.as_run())
    assert lesson.images_without_alt() == []


def _promise(panel):
    """Status, alt text and sliders must tell the same; gives what they tell."""
    reported = jupyter.numbers(panel.status, "kept", "lost")
    drawn = jupyter.numbers(panel.alt, "kept", "lost", "Expected")
    wanted = panel.value("processes") * panel.value("increments each")
    assert reported == {"kept": drawn["kept"], "lost": drawn["lost"]}
    assert reported["kept"] + reported["lost"] == wanted == drawn["Expected"]
    return reported


@of_lesson("02_race_conditions", "04_with_lock")
def test_each_slider_of_the_race_panel_goes_to_both_ends_by_keyboard(lesson):
    panel = jupyter.Panel(lesson.page)
    _promise(panel)
    sliders = {"pause": (0, 20), "increments each": (1, 200), "processes": (1, 16)}
    for slider, ends in sliders.items():
        for key, end in zip(("Home", "End"), ends, strict=True):
            panel.press(slider, key)
            assert panel.value(slider) == end
            _promise(panel)
        panel.press(slider, "Home")  # or the next one's far end would take minutes


@of_lesson("05_lock_scope")
def test_the_dial_of_lesson_05_goes_from_end_to_end_by_keyboard(lesson):
    page = lesson.page
    panel = jupyter.Panel(page, page.get_by_text("the lock covers (nothing to whole loop)"))
    dial = panel.root.locator("[role=slider]").first
    dial.press("Home")
    for scope in Scope:
        lost = _lost_at(panel, scope)
        assert (lost == 0) is (list(Scope).index(scope) >= 3)
        dial.press("ArrowRight")


def _lost_at(panel, scope):
    """What status, curves and source tell of the scope of the dial agrees; gives the lost updates."""
    status, curves = panel.root.locator("[role=status]").first, panel.root.locator("img").first
    one_run = panel.root.locator("[role=status]").last
    panel.wait_until(lambda: f"scope: {scope.value} · " in one_run.text_content())
    reported = re.match(
        r".*: ([\d.]+) of 16 updates lost .* runs\), (\d+) ms", status.text_content()
    )
    assert f"{scope.value}: {reported[1]} lost, {reported[2]} ms" in curves.get_attribute("alt")
    assert status.text_content().startswith(f"{scope.value}: ")
    assert f"def {scope.worker.__name__}(" in panel.root.locator("pre").text_content()
    return float(reported[1])


@of_lesson("02_race_conditions")
def test_repeat_counts_outcomes_and_draws_them(lesson):
    panel = jupyter.Panel(lesson.page)
    panel.set(("processes", 4), ("increments each", 10), ("pause", 1))
    before = panel.alt
    panel.button("Repeat").click()
    alt = panel.wait_for_change(before, "alt", limit=30)
    assert alt.startswith(
        "Bar chart of the numbers in the file at the end. 20 of 20 runs went wrong"
    )
    assert "20 of 20 runs went wrong" in panel.status


@of_lesson("02_race_conditions")
def test_stop_ends_a_long_run_while_another_cell_runs(lesson):
    panel = jupyter.Panel(lesson.page)
    panel.set(("processes", 4), ("increments each", 200), ("pause", 0))
    before = panel.status
    panel.press("pause", "End", wait=False)  # 200 x 20 ms: more than 4 s
    lesson.run_code("other_cell = 'ran meanwhile'")
    assert panel.status == before
    panel.button("Stop").click()
    assert "stopped after" in panel.wait_for_change(before)
    assert lesson.run_code("assert other_cell == 'ran meanwhile'") == "ok"


@of_lesson("04_with_lock")
def test_with_the_lock_from_read_to_write_nothing_is_lost(lesson):
    panel = jupyter.Panel(lesson.page)
    panel.set(("processes", 4), ("increments each", 10), ("pause", 1))
    for scope in ("read to write", "nothing", "whole loop", "each step"):
        loses = scope in ("nothing", "each step")
        if panel.chosen("the lock covers") != scope:
            panel.choose("the lock covers", scope)
        assert (_promise(panel)["lost"] > 0) is loses, scope


@exhaustive
@of_lesson("02_race_conditions")
def test_twenty_moves_in_a_row_end_with_the_last_one(lesson):
    panel = jupyter.Panel(lesson.page)
    panel.set(("processes", 2), ("pause", 1), ("increments each", 10))
    for _ in range(20):
        panel.press("increments each", "ArrowRight", wait=False)
    wanted = 2 * panel.value("increments each")
    panel.wait_until(lambda: jupyter.numbers(panel.alt, "Expected")["Expected"] == wanted)
    _promise(panel)


def _tab_to(page, name, limit=30):
    """Press Tab until the focus is on the field or button of that name."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        focus = page.evaluate(
            "() => (document.activeElement.labels?.[0] || document.activeElement).innerText"
        )
        if focus.strip() == name:
            return
    raise AssertionError(f"{limit} times Tab did not lead to {name!r}")


@of_lesson("03_interleavings")
def test_a_challenge_is_played_by_keyboard_and_replayed_on_real_processes(lesson):
    page = lesson.page
    panel = page.locator(
        ".jp-OutputArea-output", has=page.get_by_role("button", name="Back to start")
    ).last
    panel.scroll_into_view_if_needed()
    jupyter.settle(page, panel.get_by_label("challenge").element_handle)
    panel.get_by_label("challenge").focus()
    _tab_to(page, "order: type letters, delete to go back")
    state, result = (panel.locator("[role=status]").nth(number) for number in (0, 1))
    page.keyboard.type("abb", delay=30)
    state.filter(has_text="order ABB · the file says 1").wait_for()
    page.keyboard.press("Backspace")
    state.filter(has_text="order AB · the file says 0").wait_for()
    page.keyboard.type("ba", delay=30)
    state.filter(has_text="Goal met in 4 steps! Your shortest: ABBA").wait_for()
    _tab_to(page, "Run this order on real processes")
    page.keyboard.press("Enter")
    result.filter(has_text="the same as in the model").wait_for()
    table = panel.locator("table").last
    rows = [row.split("\t") for row in table.inner_text().splitlines()]
    reported = {row[0]: row[1:] for row in rows if len(row) == 3}
    assert reported["order"] == ["ABBA", "ABBA"]
    assert reported["counter says"] == ["1", "1"]
    ids = [word for word in reported["processes"][1].replace(",", "").split() if word.isdecimal()]
    assert len(set(ids)) == 2


@of_lesson("03_interleavings")
def test_a_right_and_a_wrong_answer_by_keyboard_are_there_after_a_new_start(lesson, course):
    """It stands last of its lesson: on the new page, only the cells that it needs have run."""
    first, second = lessons()["03"].questions_of("end")[:2]
    lesson.go_to('ask("03")')
    for number, question, key, is_right in ((1, first, "Enter", True), (2, second, "Space", False)):
        pairs = lettered(question)
        letter, choice = next(pair for pair in pairs if pair[1].right is is_right)
        _tab_to(lesson.page, f"{number}{letter}")
        lesson.page.keyboard.press(key)
        said = f"{letter}) {'Right' if is_right else 'Wrong'}. {choice.why}"
        lesson.page.get_by_role("status").filter(has_text=said).wait_for()
    setup = nbformat.read(course / "notebooks" / "03_interleavings.ipynb", as_version=4).cells[3]

    lesson.reopen()
    for source in (setup.source, 'ask("03")'):
        lesson.go_to(source)
        lesson.page.keyboard.press("Shift+Enter")
    before = lesson.page.get_by_role("status").filter(has_text="answered this one before")
    before.wait_for()
    assert before.count() == 1  # the wrong answer is asked for again
    lesson.go_to("no_children_left()")
    lesson.page.keyboard.press("b")
    lesson.page.keyboard.press("Enter")
    lesson.page.keyboard.type("progress()")
    lesson.page.keyboard.press("Shift+Enter")
    shown = lesson.page.locator(".jp-OutputArea-output").filter(
        has=lesson.page.get_by_role("table", name="your progress")
    )
    shown.get_by_text("Go on with lesson").wait_for()
    row = shown.get_by_role("row").filter(has_text="03 Interleavings")
    assert row.get_by_role("cell").nth(1).inner_text().strip() == "1 of 7"


# ---- lesson 07: a deadlock, a cure, and another cell while processes are stuck

_BLIND = """
from helpers.lab import watch
real_look, watch.Watch.look = watch.Watch.look, lambda self, **_: None
"""


@of_lesson("07_deadlock")
def test_a_deadlock_is_provoked_read_from_the_alt_text_and_cured(lesson):
    panel = jupyter.Panel(lesson.page)
    panel.set(("processes", 3), ("between locks", 1))
    assert "deadlock: A waits for lock 2, which B holds; B waits for lock 3" in panel.status
    assert "A waits for lock 2, which B holds; B waits for lock 3, which C holds" in panel.alt
    for cure in ("global order", "single lock", "try and back off", "timeout"):
        panel.choose("cure", cure)
        assert "all accounts together hold 300, as at the start" in panel.status, cure
        assert "deadlock" not in panel.alt
    panel.choose("cure", "none")
    assert "deadlock: " in panel.status


@of_lesson("07_deadlock")
def test_the_timeline_of_the_deadlock_is_walked_by_keyboard(lesson):
    panel = jupyter.Panel(lesson.page)
    twins = lesson.page.locator(".course-twin", has_text="deadlock").locator("script")
    panel.wait_until(lambda: twins.count() and jupyter.data_of(twins.last)["alt"] == panel.alt)
    timeline, data = jupyter.Timeline(panel.root.locator(".course-tl")), jupyter.data_of(twins.last)
    active = lesson.active_cell()
    timelines.walk(timeline, data)
    assert "wait in a circle" in timeline.status[-1]
    assert sum(wait[2] is None for wait in data["waits"]) == panel.value("processes")
    assert lesson.active_cell() == active  # no key went to the notebook
    assert panel.root.locator("img").is_hidden()


@exhaustive
@of_lesson("07_deadlock")
def test_sliders_of_the_deadlock_panel_go_to_both_ends(lesson):
    panel = jupyter.Panel(lesson.page)
    for slider, ends in {"between locks": (0, 20), "processes": (2, 7)}.items():
        for key, end in zip(("Home", "End"), ends, strict=True):
            panel.press(slider, key)
            assert panel.value(slider) == end
    assert panel.status.count("waits for lock") == 7


@of_lesson("07_deadlock")
def test_another_cell_runs_while_processes_are_deadlocked_and_stop_ends_them(lesson):
    panel = jupyter.Panel(lesson.page)
    lesson.run_code(_BLIND)
    before = panel.status
    panel.button("Run").click()
    lesson.run_code("other_cell = 'ran meanwhile'")
    assert panel.status == before
    panel.button("Stop").click()
    assert "stopped after" in panel.wait_for_change(before)
    lesson.run_code("watch.Watch.look = real_look")
    assert lesson.run_code("assert other_cell == 'ran meanwhile'") == "ok"


# ---- lesson 06: programs whose lock does not lock


@of_lesson("06_sharing_a_lock")
@pytest.mark.parametrize("method", lab.start_methods())
def test_each_program_of_the_sharing_panel_is_diagnosed(lesson, method):
    panel = jupyter.Panel(lesson.page)
    if panel.chosen("start method") != method:
        panel.choose("start method", method, "status")
    for program in Program:
        if panel.chosen("program") != program.value:
            panel.choose("program", program.value, "status")
        wanted = wanted_diagnosis(program, method)
        assert wanted in panel.status
        if wanted == NO_START:
            panel.wait_until(lambda: not panel.has_picture)
        else:
            panel.wait_until(lambda words=wanted: panel.has_picture and words in panel.alt)


# ---- lesson 10: one bug on three resources


@of_lesson("10_logs_and_databases")
def test_the_access_panel_goes_through_its_three_resources(lesson):
    panel = jupyter.Panel(lesson.page, lesson.page.get_by_text("operations each (1 to 25)"))
    words = "wanted", "kept", "lost", "torn", "refused"
    for way in Way:
        if panel.chosen("way of access") != way.label:
            panel.choose("way of access", way.label, "status")
        panel.wait_until(lambda way=way: f"{way.resource.value}, {way.value}: " in panel.status)
        reported = jupyter.numbers(panel.status, *words)
        panel.wait_until(lambda reported=reported: jupyter.numbers(panel.alt, *words) == reported)
        assert reported["wanted"] == panel.value("processes") * panel.value("operations each")
        assert reported["wanted"] == sum(reported[word] for word in words[1:])
    before = panel.status
    panel.set(("operations each", 3))
    assert panel.status != before and "12 wanted" in panel.status


@of_lesson("11_choosing")
def test_one_is_killed_in_the_choosing_panel_and_the_others_wait_or_go_on(lesson):
    page = lesson.page
    panel = jupyter.Panel(page, page.get_by_text("one of them is killed"))
    panel.choose("one of them is killed", "yes", "status")
    assert "the others wait for ever" in panel.status
    panel.choose("way", Adding.DATABASE.value)
    panel.wait_until(lambda: "the others go on" in panel.alt)
    assert "the others go on" in panel.status


@of_lesson("12_capstone")
def test_a_button_makes_the_order_happen_and_the_repaired_program_passes(lesson):
    words = f"Make it happen: {lesson.printed('print(seen.order)').strip()}"
    panel = jupyter.Panel(lesson.page, lesson.page.get_by_role("button", name=words, exact=True))
    panel.button(words).click()
    panel.wait_until(lambda: "was kept" in panel.status and "was kept" in panel.alt)
    assert "the books do not balance" in panel.status
    repair = "import shutil; shutil.copy('solution_ticket_office.py', 'my_ticket_office.py')"
    assert lesson.run_code(repair) == "ok"
    assert "my_ticket_office.py: passed" in lesson.printed("print(check('my_ticket_office.py'))")
