"""The course in a browser, with nothing installed: the folder that `make live` makes, served on loopback."""

import re
import shutil
import threading
import zipfile
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from cases import exhaustive

from tests import jupyter
from tests.environments import make

pytestmark = [
    exhaustive,
    pytest.mark.network,  # for making the folder only
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not (shutil.which("npm") and jupyter.chromium()),
        reason="Pyodide is installed by npm and run in Chromium: they are not here",
    ),
]

WHEELS = """
anywidget asttokens comm course decorator executing ipykernel ipython ipython_pygments_lexers ipywidgets jedi
matplotlib_inline micropip parso piplite prompt_toolkit psygnal pure_eval pygments pyodide_kernel stack_data traitlets
typing_extensions wcwidth
""".split()
CODE = "07:into-the-deadlock:2:AB:d438e9"
SAYS = "this Python runs inside a browser, where there are no processes"
NEED_PROCESSES = {
    "real-again", "turns-go", "explore-six", "five-runs", "five-runs-2", "check", "solution-check",
    "plain-task-order",
}  # fmt: skip
NO_NAMES = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    """The folder."""
    folder = tmp_path_factory.mktemp("site") / "live"
    make(f"LIVE={folder}", "live")
    return folder


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@contextmanager
def served(folder):
    """The address of a folder's files on loopback."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


class LivePage(jupyter.NotebookPage):
    """Lesson 03, opened by a click on the first page, as an address with a code leads there; `asked`: all that the browser asked for."""

    def __init__(self, browser, address, code):
        self._context = browser.new_context(viewport={"width": 1400, "height": 1000})
        self.asked, self.errors, self._expected = [], [], []
        self._context.on("request", lambda request: self.asked.append(request.url))
        self.page = self._context.new_page()
        self.page.set_default_timeout(30_000)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.first = f"{address}?code={code}"
        self.page.goto(self.first)
        self.page.get_by_role("link", name="Open lesson 03").click()
        self._wait_for_kernel()

    def walk_the_order_asked_for(self):
        """Open the scheduler panel with the order of the address, from the first page: what it says."""
        page = self._context.new_page()
        page.goto(self.first)
        page.get_by_role("link", name="Walk the order").click()
        state = page.locator(".course-screen").first
        state.wait_for(timeout=60_000)
        return state.text_content()

    def outputs(self):
        """By the id of a code cell: its outputs' texts, as HTML where there is some."""
        cells = [cell for cell in self.as_run().cells if cell.cell_type == "code"]
        return {
            cell.id: "".join(
                out.get("text") or out.data.get("text/html") or out.data.get("text/plain", "")
                for out in cell.outputs
            )
            for cell in cells
        }


def test_the_folder_is_small_and_its_wheels_are_pure(live):
    assert sum(path.stat().st_size for path in live.rglob("*") if path.is_file()) < 120e6
    wheels = sorted((live / "static" / "pyodide").glob("*.whl"))
    assert [path.name.partition("-")[0] for path in wheels] == WHEELS
    for path in wheels:
        assert path.name.endswith("-none-any.whl")
        with zipfile.ZipFile(path) as wheel:
            assert not [name for name in wheel.namelist() if re.search(r"\.(so|pyd|dll)$", name)]


def test_lesson_03_is_live_with_nothing_but_the_folder(live):
    with served(live) as address, jupyter.browser(NO_NAMES) as browser:
        lesson = LivePage(browser, address, CODE)
        assert lesson.run_all() == []
        shown = lesson.outputs()
        assert {cell for cell, text in shown.items() if SAYS in text} == NEED_PROCESSES
        assert all("A real run, recorded on" in shown[cell] for cell in NEED_PROCESSES)
        assert "4 of 6 orders go wrong" in shown["explore"]
        assert "184,504 of 184,756 orders go wrong" in shown["five"]
        _walk_and_ask(lesson)
        assert "order AB " in lesson.walk_the_order_asked_for()
        assert lesson.errors == []
        assert {
            url for url in lesson.asked if not url.startswith((address, "data:", "blob:"))
        } == set()
        lesson.shut_down()


def _walk_and_ask(lesson):
    """The challenge is met by clicks, its orders are counted, a question is answered."""
    page = lesson.page
    lesson.go_to('SchedulerPanel(challenge="lose one update")')
    panel = jupyter.Panel(page, page.get_by_role("button", name="Show all outcomes"))
    state = panel.root.locator("[role=status]").first
    for order in "A", "AB", "ABA", "ABAB":
        panel.button(order[-1]).click()
        panel.wait_until(lambda order=order: f"order {order} · " in state.text_content())
    assert "Goal met in 4 steps!" in state.text_content()
    panel.button("Show all outcomes").click()
    panel.wait_until(lambda: "4 of 6 orders go wrong" in panel.status)
    lesson.go_to('ask("03")')
    questions = jupyter.Panel(page, page.get_by_role("button", name="1a"))
    questions.button("1a").click()
    questions.root.get_by_text(re.compile(r"^a\) (Right|Wrong)\. ")).first.wait_for()
