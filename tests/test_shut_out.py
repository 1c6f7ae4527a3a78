"""Panels in JupyterLab for whoever has a keyboard, a narrow page, or a notebook that somebody else ran."""

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
_CUT = """root => [...root.querySelectorAll('button, .widget-readout')].filter(e => e.getBoundingClientRect().width && (
    e.scrollWidth > e.clientWidth + 1 ||
    e.getBoundingClientRect().right > root.getBoundingClientRect().right + 1)).map(e => e.outerHTML)"""


@pytest.fixture(autouse=True)
def nothing_is_left():
    """Instead of the rule for all tests: the server lives on."""


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    made = copy_tracked_files(tmp_path_factory.mktemp("course"))
    jupyter.notebook(made / "notebooks" / "x.ipynb", SETUP, RACE, "ask('04')")
    return made


@pytest.fixture(scope="module")
def open_notebook(course):
    """Opens the notebook of two panels; it stays as it was saved."""
    with jupyter.server(course) as (address, token), jupyter.browser() as browser:
        yield lambda: jupyter.NotebookPage(browser, address, token, "notebooks/x.ipynb")


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
    panel.root.locator(".widget-hslider [role=slider]").last.focus()
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
