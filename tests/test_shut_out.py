"""Panels in JupyterLab for whoever has a keyboard, a narrow page, or a notebook that somebody else ran."""

import re
from importlib.util import find_spec

import pytest
from nbconvert import HTMLExporter

from tests import jupyter, timelines
from tests.environments import copy_tracked_files

pytestmark = [
    pytest.mark.exhaustive,
    pytest.mark.timeout(240),
    pytest.mark.skipif(
        jupyter.chromium() is None, reason="no Chromium: `apt-get install chromium`"
    ),
]

SETUP = "import sys; sys.path.insert(0, '..')\nfrom helpers.course import *"
RACE = "panel = RacePanel(processes=2, times=3, pause_ms=20)\npanel"  # a repetition takes seconds
NOTEBOOKS = {
    "lab/tree": "y.ipynb",
    "notebooks": "z.ipynb",
}  # by app: none meets a kernel that the other has ended
WALK = "SchedulerPanel(challenge='lose one update')"
_CUT = """root => [...root.querySelectorAll('.widget-label, .widget-readout, button, select')].filter(e => e.checkVisibility() && (
    e.scrollWidth > e.clientWidth + 1 ||
    e.getBoundingClientRect().right > root.getBoundingClientRect().right + 1)).map(e => e.outerHTML)"""


@pytest.fixture(autouse=True)
def nothing_is_left():
    """Instead of the rule for all tests: the server lives on."""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    made = copy_tracked_files(tmp_path_factory.mktemp("course"))
    jupyter.notebook(made / "notebooks" / "x.ipynb", SETUP, RACE, "ask('04')")
    for name in NOTEBOOKS.values():
        jupyter.notebook(made / "notebooks" / name, SETUP, RACE, WALK)
    return made


@pytest.fixture(scope="module")
def opened(course):
    """Opens a notebook of two panels, in JupyterLab or Notebook 7; it stays as it was saved."""
    with jupyter.server(course) as server, jupyter.browser() as browser:
        yield lambda name, **app: jupyter.NotebookPage(browser, *server, f"notebooks/{name}", **app)


@pytest.fixture(scope="module")
def open_notebook(opened):
    return lambda: opened("x.ipynb")


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=["JupyterLab", "Notebook 7"])
def shown(opened, request):
    """The page of a RacePanel and a SchedulerPanel."""
    if request.param == "notebooks" and not find_spec("notebook"):
        pytest.skip("Notebook 7 is not here: install requirements-test.txt")
    notebook = opened(NOTEBOOKS[request.param], app=request.param)
    assert notebook.run_all() == []
    yield notebook
    # Notebook 7 reports faults of its own.
    assert request.param == "notebooks" or notebook.errors == []
    notebook.shut_down()


def test_a_panel_from_its_first_run_to_the_export_of_its_notebook(course, open_notebook):
    notebook = open_notebook()
    page = notebook.page
    assert notebook.run_all() == []
    panel = jupyter.Panel(page)
    _opens_more_by_keyboard(page, panel)
    _is_not_cut_where_narrow(page, panel)
    _ends_its_work_as_its_cell_runs_again(notebook, page)
    said = jupyter.Panel(page).status
    page.wait_for_function(
        """said => [...window.jupyterapp.shell.currentWidget.content.model.cells][1].outputs.toJSON()
            .some(o => JSON.stringify(o.data['text/html'] || '').includes(said))""",
        arg=said,
    )
    assert page.locator(".course-twin").first.is_hidden()
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    notebook.shut_down()
    _stands_in_the_reopened_notebook(open_notebook(), said)
    _stands_in_the_export(course, open_notebook(), said)


def _opens_more_by_keyboard(page, panel):
    start = panel.root.get_by_label("start method")
    assert start.is_hidden()
    panel.root.locator(".widget-slider [role=slider]").last.focus()
    for _ in range(3):  # its number stands between
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.innerText") == "More":
            break
    page.keyboard.press("Enter")
    start.wait_for(state="visible")
    assert panel.root.get_by_label("times (2 to 200)").input_value() == "20"


def _is_not_cut_where_narrow(page, panel):
    page.set_viewport_size({"width": 800, "height": 900})
    panel.button("Stop").scroll_into_view_if_needed()
    panel.wait_until(lambda: panel.root.bounding_box()["width"] < 500)
    assert panel.root.evaluate(_CUT) == []
    page.set_viewport_size({"width": 1400, "height": 1000})


def _ends_its_work_as_its_cell_runs_again(notebook, page):
    """The cell of a panel that repeats is run again, by JupyterLab's own command."""
    assert notebook.run_code("old = panel; old.repeat()") == "ok"
    page.evaluate(
        """() => { const notebook = window.jupyterapp.shell.currentWidget.content; notebook.activeCellIndex = 1;
            return window.jupyterapp.commands.execute('notebook:run-cell') }"""
    )
    assert notebook.run_code("assert panel is not old") == "ok"
    end = "import time\nfor _ in range(500):\n    old.runner.busy and time.sleep(0.02)\nprint(str(old.value))"
    assert "stopped after" in notebook.printed(end)


def _stands_in_the_reopened_notebook(notebook, said):
    twins = notebook.page.locator(".course-twin")
    twins.first.wait_for(state="visible")
    assert said in twins.first.inner_text()
    assert "run the setup cell" in twins.first.inner_text()
    _walks(twins.first)
    assert notebook.page.get_by_text("Error displaying widget").first.is_hidden()
    notebook.shut_down()


def _walks(twin):
    """The timeline is alive without a kernel, in place of the picture."""
    twin.scroll_into_view_if_needed()
    timelines.walk(
        jupyter.Timeline(twin.locator(".course-tl")), jupyter.data_of(twin.locator("script"))
    )
    assert twin.locator("img").is_hidden()


def _stands_in_the_export(course, notebook, said):
    page, _ = HTMLExporter().from_filename(str(course / "notebooks" / "x.ipynb"))
    notebook.page.set_content(page, wait_until="domcontentloaded")
    twins = notebook.page.locator(".course-twin")
    assert said in twins.first.inner_text() and twins.first.is_visible()
    _walks(twins.first)
    answers = notebook.page.locator("details:not(.tl-steps)")
    assert answers.count() == 4
    assert all(not answer.is_visible() for answer in answers.locator("li").all())


# ---- what the front end does for keyboard, screen reader and narrow pages

_CONTROLS = "slider|textbox|spinbutton|combobox|button|checkbox|progressbar"
_THEME = "print(panel.front_end.theme)"


def _run_again(shown):
    """Run the RacePanel's cell once more, by keyboard: the old panel's element, out of the page, and the new panel."""
    old = jupyter.Panel(shown.page).root.locator(".widget-vbox").first.element_handle()
    shown.go_to(RACE)
    shown.page.keyboard.press("Shift+Enter")
    shown.page.wait_for_function("old => !old.isConnected", arg=old)
    return old, jupyter.Panel(shown.page)


def _assert_keys_stay(shown, panel):
    """Keys that would cut, add, turn, run or leave the cell do nothing of the kind on a control."""
    spin = panel.root.get_by_role("spinbutton")
    for control in (panel.root.get_by_role("slider").first, panel.button("Stop"), spin):
        control.focus()
        for key in ("a", "r", "x", "ArrowUp", "ArrowDown", "Shift+Enter", "Control+a"):
            shown.page.keyboard.press(key)
            assert control.evaluate("control => control === document.activeElement"), key
            cells = [(cell.cell_type, cell.source) for cell in shown.as_run().cells]
            assert cells == [("code", source) for source in (SETUP, RACE, WALK)], key
    panel.press("processes", "End", wait=False)
    panel.press("processes", "Home")
    panel.press("processes", "ArrowRight")
    assert panel.value("processes") == 2


def test_the_keys_of_a_control_stay_in_it_and_save_the_notebook_still(shown):
    _assert_keys_stay(shown, jupyter.Panel(shown.page))
    _, panel = _run_again(shown)
    _assert_keys_stay(shown, panel)
    dirty = "is => window.jupyterapp.shell.currentWidget.context.model.dirty === is"
    shown.page.wait_for_function(dirty, arg=True)
    panel.button("Stop").press("Control+s")
    shown.page.wait_for_function(dirty, arg=False)


def _nameless(panel):
    return re.findall(rf'- (?:{_CONTROLS})(?! ").*', panel.root.aria_snapshot())


def test_each_control_has_a_name_also_in_a_panel_that_is_made_again(shown):
    panel = jupyter.Panel(shown.page)
    panel.button("More").click()
    assert _nameless(panel) == []
    _, panel = _run_again(shown)
    panel.wait_until(lambda: _nameless(panel) == [])
    panel.press("increments each", "ArrowRight")
    (slider,) = panel.root.get_by_role("slider", name="increments each (1 to 200)").all()
    assert slider.get_attribute("aria-valuetext") == str(panel.value("increments each"))
    panel.root.get_by_role("textbox", name="type: increments each (1 to 200)").wait_for()


def test_the_status_line_changes_in_place(shown):
    panel = jupyter.Panel(shown.page)
    regions, before = panel.root.locator("[role=status]"), panel.status
    region, count = regions.last.element_handle(), regions.count()
    panel.button("Run").click()
    assert panel.wait_for_change(before) == region.evaluate("region => region.textContent")
    assert region.evaluate("region => region.isConnected") and regions.count() == count


def test_when_a_panel_goes_nothing_listens_for_it_any_more(shown):
    old, panel = _run_again(shown)
    trial = """async panel => {
        const isOld = !panel.isConnected, made = document.createElement('div');
        if (isOld) document.body.append(panel);
        made.className = 'widget-slider';
        made.innerHTML = '<b class="widget-label">x</b><i role="slider"></i><i class="widget-readout">1</i>';
        panel.append(made);
        made.dispatchEvent(new KeyboardEvent('keydown', {key: 'x', bubbles: true}));
        await new Promise(requestAnimationFrame);
        const found = [made.hasAttribute('data-lm-suppress-shortcuts'), made.querySelector('i').hasAttribute('aria-label')];
        (isOld ? panel : made).remove();
        return found;
    }"""
    assert panel.root.locator(".widget-vbox").first.evaluate(trial) == [True, True]
    assert old.evaluate(trial) == [False, False]


def test_a_panel_tells_python_the_theme(shown):
    panel = jupyter.Panel(shown.page)
    change = "theme => { window.jupyterapp.commands.execute('apputils:change-theme', {theme}); }"
    for theme in ("dark", "light"):
        shown.page.evaluate(change, f"JupyterLab {theme.title()}")
        panel.wait_until(lambda theme=theme: shown.printed(_THEME).strip() == theme)
        # JupyterLab takes its splash screen away twice where the next theme comes before.
        shown.page.locator("#jupyterlab-splash").wait_for(state="detached")


def test_a_panels_timeline_is_walked_by_keyboard(shown):
    panel = jupyter.Panel(shown.page)
    twins = shown.page.locator(".course-twin script")
    panel.wait_until(lambda: twins.count() and jupyter.data_of(twins.first)["alt"] == panel.alt)
    timeline = jupyter.Timeline(panel.root.locator(".course-tl"))  # which has the focus
    active = shown.active_cell()
    timelines.walk(timeline, jupyter.data_of(twins.first))
    assert shown.active_cell() == active


@pytest.mark.parametrize("width", [1280, 800, 640])  # 640: 1280 at 200 %
def test_no_control_is_cut_on_a_narrow_page(shown, width):
    shown.page.set_viewport_size({"width": width, "height": 800})
    race = jupyter.Panel(shown.page)
    if race.button("More").count():
        race.button("More").click()
    walk = jupyter.Panel(shown.page, shown.page.get_by_role("button", name="Back to start"))
    assert [panel.root.evaluate(_CUT) for panel in (race, walk)] == [[], []]
    shown.page.set_viewport_size({"width": 1400, "height": 1000})


def test_the_focus_of_a_button_that_is_turned_off_goes_on_to_the_next(shown):
    page = shown.page
    panel = jupyter.Panel(page, page.get_by_role("button", name="Back to start"))
    state = panel.root.locator("[role=status]").first
    panel.button("A").focus()
    for letters, then in (("AA", "B"), ("BB", "Undo")):
        for letter in letters:
            assert page.evaluate("document.activeElement.innerText") == letter
            before = state.text_content()
            page.keyboard.press("Enter")
            panel.wait_until(lambda before=before: state.text_content() != before)
        assert page.evaluate("document.activeElement.innerText") == then
