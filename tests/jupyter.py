"""A JupyterLab server and a page of it in Chromium: what the browser tests and the bench drive."""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import nbformat
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
_FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
# jupyter_server 2.x answers so where kernels are listed (an open page does so every 10 s) in the moment
# between the start of another one and the setting of its `last_activity`; the page simply asks again.
_LISTED_TOO_EARLY = re.compile(r"status of 500 .*/api/kernels(\?\d*)?\)$")
# ipywidgets, of each panel in the outputs of a notebook that was saved under another kernel.
_GONE_WITH_ITS_KERNEL = re.compile("widget model not found")


def chromium():
    """The path of a Chromium or Chrome on this machine; None where there is none, or Playwright cannot tell of its own."""
    for name in ("chromium", "chromium-browser", "google-chrome", "chrome"):
        if path := shutil.which(name):
            return path
    try:
        with sync_playwright() as playwright:  # the one that `playwright install chromium` fetched
            path = playwright.chromium.executable_path
    except Exception:  # noqa: BLE001 - what Playwright raises where its driver cannot start
        return None
    return path if Path(path).exists() else None


@contextmanager
def server(folder, environment=None):
    """A JupyterLab of its own on `folder`, with Notebook 7 beside it where that is installed: its address, and the token."""
    token, port = secrets.token_hex(16), _free_port()
    home = Path(folder, ".jupyter-home")
    own = {f"JUPYTER_{name}_DIR": str(home / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={folder}", "--LabApp.expose_app_in_browser=True",
        "--JupyterNotebookApp.expose_app_in_browser=True",
        f"--LabApp.workspaces_dir={home / 'workspaces'}", f"--LabApp.user_settings_dir={home / 'settings'}",
    ]  # fmt: skip
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    quiet = home / "settings" / "@jupyterlab" / "apputils-extension"
    quiet.mkdir(parents=True)
    (quiet / "notification.jupyterlab-settings").write_text(
        '{"fetchNews": "false", "checkForUpdates": false}'
    )
    with open(log_of(folder), "wb") as log:
        environment = {**os.environ, **own, **(environment or {})}
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, env=environment)
        try:
            _wait_for(f"http://localhost:{port}/api/status?token={token}", process, log_of(folder))
            yield f"http://localhost:{port}", token
        finally:
            process.terminate()
            process.wait(20)


def log_of(folder):
    """The file into which the server on `folder` writes what it does."""
    return Path(folder, ".jupyter-home", "log")


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(address, process, log, limit=60):
    end = time.monotonic() + limit
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not answer:\n{log.read_text()}")


@contextmanager
def browser(*more):
    """A headless Chromium, driven by Playwright, with `more` flags."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    flags = [*_FLAGS, *more, *(["--no-sandbox"] if is_root else [])]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(), args=flags)
        try:
            yield running
        finally:
            running.close()


class NotebookPage:
    """One notebook open in JupyterLab, or in Notebook 7. `errors` collects what the page's console calls an error."""

    def __init__(self, browser, address, token, path, scale=1, app="lab/tree"):
        self._context = browser.new_context(
            viewport={"width": 1400, "height": 1000}, device_scale_factor=scale
        )
        self._address = f"{address}/{app}/{path}?reset&token={token}"
        self.errors = []
        self._expected = [_LISTED_TOO_EARLY]
        self._open()

    def _open(self):
        self.page = self._context.new_page()
        self.page.set_default_timeout(30_000)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(self._address)
        self._wait_for_kernel()

    def reopen(self):
        """Save the notebook, end its kernel, close the page, and open another: as on the next day."""
        self.page.evaluate(
            """async () => {
                const context = window.jupyterapp.shell.currentWidget.context;
                await context.save();
                await context.sessionContext.shutdown();
            }"""
        )
        self.page.close()
        self._expected.append(_GONE_WITH_ITS_KERNEL)
        self._open()

    def _on_console(self, message):
        if message.type == "error":
            error = f"{message.text} ({message.location['url']})"
            if not any(pattern.search(error) for pattern in self._expected):
                self.errors.append(error)

    def _wait_for_kernel(self):
        self.page.wait_for_function(
            """() => {
                const widget = window.jupyterapp && window.jupyterapp.shell.currentWidget;
                const session = widget && widget.context && widget.context.sessionContext.session;
                const kernel = session && session.kernel;
                return kernel && kernel.connectionStatus === 'connected' && kernel.status === 'idle';
            }""",
            timeout=60_000,
        )

    def command(self, name):
        """Start a command of JupyterLab; it is not awaited, because some never resolve."""
        self.page.evaluate("name => { window.jupyterapp.commands.execute(name); }", name)

    def run_all(self, limit=90):
        """Run all cells and wait until the last code cell has its number; the errors in the outputs."""
        self.command("notebook:run-all-cells")
        self.page.wait_for_function(
            """() => {
                const model = window.jupyterapp.shell.currentWidget.content.model;
                const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
                const code = [...model.cells].filter(c => c.type === 'code' && c.sharedModel.source.trim());
                const failed = code.some(c => c.outputs.toJSON().some(o => o.output_type === 'error'));
                return kernel.status === 'idle' && (failed || code.every(c => c.executionCount));
            }""",
            timeout=limit * 1000,
        )
        return self.page.evaluate(
            """() => [...window.jupyterapp.shell.currentWidget.content.model.cells].filter(c => c.type === 'code')
                .flatMap(c => c.outputs.toJSON()).filter(o => o.output_type === 'error').map(o => o.evalue)"""
        )

    def go_to(self, source):
        """Select the cell with exactly that source, as the arrow keys would, so that the next key goes to it."""
        self.page.evaluate(
            """async source => {
                const notebook = window.jupyterapp.shell.currentWidget.content;
                const sources = [...notebook.model.cells].map(cell => cell.sharedModel.source);
                notebook.mode = 'command';
                notebook.activeCellIndex = sources.indexOf(source);
                await notebook.scrollToItem(notebook.activeCellIndex);
                notebook.activeCell.node.focus();
            }""",
            source,
        )

    def run_code(self, code):
        """Run code in the kernel without a cell, as another cell would be: "ok" or "error"."""
        return self._ran(code)[0]

    def printed(self, code):
        """What code prints when it runs in the kernel without a cell."""
        return self._ran(code)[1]

    def _ran(self, code):
        return self.page.evaluate(
            """async code => {
                const kernel = window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel;
                const future = kernel.requestExecute({code, store_history: false});
                let text = '';
                future.onIOPub = m => { if (m.header.msg_type === 'stream') text += m.content.text; };
                const reply = await future.done;
                return [reply.content.status, text];
            }""",
            code,
        )

    def as_run(self):
        """The notebook as it stands on the page, with its outputs."""
        return nbformat.from_dict(
            self.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.model.toJSON()")
        )

    def active_cell(self):
        """The number of the active cell, its kind and its source."""
        return self.page.evaluate(
            """() => {
                const notebook = window.jupyterapp.shell.currentWidget.content, cell = notebook.activeCell.model;
                return [notebook.activeCellIndex, cell.type, cell.sharedModel.source, notebook.mode];
            }"""
        )

    def images_without_alt(self):
        """The addresses of the pictures in the outputs that say nothing to who does not see them."""
        return self.page.evaluate(
            "() => [...document.querySelectorAll('.jp-OutputArea img')].filter(i => !i.alt).map(i => i.src.slice(0, 60))"
        )

    def shut_down(self):
        """End the notebook's kernel, without waiting for it, and close the page."""
        self.page.evaluate(
            "() => { window.jupyterapp.shell.currentWidget.context.sessionContext.shutdown() }"
        )
        self._context.close()


def settle(page, drawn):
    """Wait until JupyterLab, which draws an output anew as it comes into view, has done so.

    `drawn()` gives the handle of an element of that output.
    """
    before = None
    while before is None or not before.evaluate("(one, other) => one === other", drawn()):
        before = drawn()
        page.wait_for_timeout(300)


class Panel:
    """A panel on a page: its sliders by their words, its buttons, its status and picture.

    It is the last one with `mark` in it, an element of the page; None: with a button "Repeat".
    """

    def __init__(self, page, mark=None):
        self.page = page
        mark = mark or page.get_by_role("button", name="Repeat")
        self.root = page.locator(".jp-OutputArea-output", has=mark).last
        self.root.scroll_into_view_if_needed()
        settle(page, self._drawn)

    def _drawn(self):
        return self.root.locator("[role=status]").first.element_handle()

    def _row(self, words):
        return self.root.locator(".widget-hslider, .widget-dropdown", has_text=words).first

    def value(self, words):
        """The number that the slider shows, whole where it is whole."""
        number = float(self._row(words).locator(".widget-readout").text_content())
        return int(number) if number == int(number) else number

    def set(self, *wanted):
        """Type numbers into the read-outs of sliders, and wait for the run after each change."""
        for words, number in wanted:
            if self.value(words) == number:
                continue
            before, shown = self.status, self.source
            readout = self._row(words).locator(".widget-readout")
            readout.click()
            readout.fill(str(number))
            readout.press("Enter")
            self.wait_for_change(before)
            self.wait_for_change(shown, "source")
            assert self.value(words) == number

    def press(self, words, key, wait=True):
        """Press a key on a slider; with `wait`, give the status after the run that follows."""
        before, shown = self.status, self.source
        handle = self._row(words).locator("[role=slider]")
        moves = handle.get_attribute("aria-valuenow")
        handle.press(key)
        if not wait or handle.get_attribute("aria-valuenow") == moves:
            return before
        self.wait_for_change(before)
        self.wait_for_change(shown, "source")
        return self.status

    def chosen(self, words):
        """The words of the chosen option, with plain spaces for the hard ones of ipywidgets."""
        box = self._row(words).locator("select")
        return box.evaluate("box => box.selectedOptions[0].text").replace("\xa0", " ")

    def choose(self, words, option, what="source"):
        """Choose in a dropdown, and wait for the run that follows: until `what` has changed."""
        before = getattr(self, what)
        self._row(words).locator("select").select_option(label=option)
        self.wait_for_change(before, what)

    def button(self, words):
        return self.root.get_by_role("button", name=words, exact=True)

    @property
    def status(self):
        return self.root.locator("[role=status]").last.text_content()

    @property
    def has_picture(self):
        return self.root.locator("img").count() > 0

    @property
    def alt(self):
        return self.root.locator("img").last.get_attribute("alt")

    @property
    def source(self):
        """The picture itself, as the address with its data inside."""
        return self.root.locator("img").last.get_attribute("src")

    def wait_for_change(self, before, what="status", limit=15):
        """The new status, alt or source, once it differs from `before`."""
        self.wait_until(lambda: getattr(self, what) != before, limit)
        return getattr(self, what)

    def wait_until(self, holds, limit=15):
        end = time.monotonic() + limit
        while not holds():
            assert time.monotonic() < end, f"in vain after {limit} s; the panel says: {self.status}"
            self.page.wait_for_timeout(5)


def data_of(script):
    """The data of a timeline, from its `<script>` on a page."""
    return json.loads(script.text_content())


class Timeline:
    """A timeline on a page, of a notebook or not, that is walked by keyboard; `root` finds its element."""

    def __init__(self, root):
        self.root = root
        self.head = root.get_by_role("slider", name="play head")
        self.head.scroll_into_view_if_needed()
        self.head.focus()

    @property
    def moment(self):
        """Where the play head stands."""
        return float(self.head.get_attribute("aria-valuenow"))

    @property
    def status(self):
        """What is said of the moment: when it is, what the files say, who is at work, who holds, who waits."""
        return self.root.locator(".tl-status span").all_text_contents()

    @property
    def graph(self):
        """The arrows of the wait-for graph, in words."""
        return self.root.locator(".tl-graph figcaption").text_content()

    @property
    def row(self):
        """The cells of the row of the table at which the play head stands."""
        return self.root.locator("tr[aria-current=step] td").all_text_contents()

    def open_table(self):
        """Unfold the table of the steps."""
        self.root.locator(".tl-steps summary").press("Enter")
        self.head.focus()

    def go_to(self, moment):
        """Step from the start to the first step that is not before a moment."""
        self.head.press("Home")
        while self.moment < moment:
            self.head.press("ArrowRight")


def numbers(text, *words):
    """The whole number that stands behind, or before, each of `words` in `text`."""
    found = {}
    for word in words:
        match = re.search(rf"{word} (\d+)|(\d+) {word}", text)
        found[word] = int(next(group for group in match.groups() if group)) if match else None
    return found


def notebook(path, *sources):
    """Write a notebook of code cells at `path`."""
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    made = nbformat.v4.new_notebook(metadata={"kernelspec": kernel})
    made.cells = [nbformat.v4.new_code_cell(text, id=f"cell{i}") for i, text in enumerate(sources)]
    nbformat.write(made, path)
