"""Measure the budgets in one run, print each beside its limit, exit with 1 where one is missed.

`python -m bench schedules` measures one part only; `PARTS` has them all.
"""

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from bench import compared, schedules, scopes, timeline, watch

ROOT = Path(__file__).resolve().parents[1]
_SETUP = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
_COURSE = _SETUP + "from helpers.course import *\nlab.warm()"
_MOVES = 15
_WATCH = """root => {
    window.seen = {};
    const note = name => { if (!(name in window.seen)) window.seen[name] = performance.now(); };
    // Not those of the hidden twin, which stands before the panel.
    const live = what => [...root.querySelectorAll(what)].filter(element => !element.closest('.course-twin'));
    new MutationObserver(() => {
        const status = live('[role=status]')[0], picture = live('img').pop();
        if (status && status.innerText !== window.before.status) note('status');
        if (picture && picture.src !== window.before.picture) picture.decode().then(() => note('picture'));
        if (live('.course-tl').pop() !== window.before.timeline) requestAnimationFrame(() => note('timeline'));
    }).observe(root, {subtree: true, childList: true, characterData: true, attributes: true});
    root.addEventListener('keydown', () => {
        const status = live('[role=status]')[0], picture = live('img').pop();
        window.before = {
            status: status && status.innerText, picture: picture && picture.src, timeline: live('.course-tl').pop()};
        window.seen = {key: performance.now()};
    }, true);
}"""


class Report:
    """The table of budgets; `missed` counts those that were not kept or could not be measured."""

    def __init__(self):
        self.missed = 0
        print(f"{'what':66} {'measured':>12} {'budget':>12}")

    def line(self, what, measured, budget, unit, at_least=False):
        kept = measured >= budget if at_least else measured <= budget
        self.missed += not kept
        sign = ">=" if at_least else "<="
        print(
            f"{what:66} {measured:9.1f} {unit:2} {sign}{budget:7g} {unit:2}{'' if kept else '  MISSED'}",
            flush=True,
        )

    def failed(self, what, error):
        """One thing that could not be measured is a line, and not the end."""
        self.missed += 1
        why = f"{type(error).__name__}: {error}".strip().splitlines()
        print(f"{what:66} {'FAILED':>12}  {why[-1]}", flush=True)

    def note(self, what, measured, unit):
        print(f"{what:66} {measured:9.1f} {unit}", flush=True)


def measure_child(report):
    """What importing the child's main and a worker's module adds to a bare spawned child."""
    bare = "import multiprocessing.spawn, multiprocessing.connection, multiprocessing.synchronize"
    ours = bare + "; import helpers.child, helpers.resources, helpers.workers.counter"
    times = {code: [] for code in (bare, ours)}
    for _ in range(15):
        for code, taken in times.items():
            timed = f"import time; t = time.perf_counter(); {code}; print(time.perf_counter() - t)"
            reported = subprocess.run(
                [sys.executable, "-c", timed], cwd=ROOT, capture_output=True, text=True, check=True
            )
            taken.append(float(reported.stdout) * 1000)
    report.line(
        "a child's main and worker over a bare child's imports",
        median(times[ours]) - median(times[bare]),
        10,
        "ms",
    )


def measure_kernel(report):
    """lab.run and the observed lock, in a kernel whose folder is notebooks/."""
    import nbformat

    from tests.environments import execute

    cells = [_COURSE, "import bench.kernel\nbench.kernel.measure()"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    execute(notebook, ROOT / "notebooks", limit=180)
    text = next(
        output.text for output in notebook.cells[1].outputs if output.output_type == "stream"
    )
    found = json.loads(text.splitlines()[0])
    for method, budget in {"forkserver": 20, "spawn": 150}.items():
        if over := found.get(f"run over bare, {method}"):
            report.line(
                f"lab.run of 4 x 10 x 1 ms over the bare experiment, {method}", over, budget, "ms"
            )
    report.line(
        "observed lock: one acquire and release over the plain lock", found["lock"], 2.5, "us"
    )
    # The budgets in milliseconds were set where this took 0.3 us: it says how fast this machine is.
    report.note("a plain lock's acquire and release, for comparison", found["plain lock"], "us")
    report.line("children at rest", found["children"], 0, "")


def measure_browser(report):
    """Slider to picture, ours and the ordinary notebook's, in the same Chromium."""
    from tests import jupyter

    ordinary = (
        "import ipywidgets as widgets\nfrom bench import ordinary\n"
        "slider = widgets.IntSlider(4, 1, 16, continuous_update=False)\n"
        "display(slider, widgets.interactive_output(ordinary.race, {'processes': slider}))"
    )
    methods = multiprocessing.get_all_start_methods()
    ours = [method for method in ("forkserver", "spawn") if method in methods]
    with tempfile.TemporaryDirectory() as folder:
        for method in ours:
            jupyter.notebook(
                f"{folder}/{method}.ipynb", _COURSE, f"RacePanel(start_method={method!r})"
            )
        jupyter.notebook(f"{folder}/ordinary.ipynb", _SETUP, ordinary)
        with jupyter.server(folder) as (address, token), jupyter.browser() as browser:
            found = {
                name: _moves(
                    jupyter.NotebookPage(browser, address, token, f"{name}.ipynb", scale=2),
                    report,
                    name,
                )
                for name in (*ours, "ordinary")
            }
    if "forkserver" in ours:
        took = found["forkserver"]
        report.line("slider to verdict text, forkserver", took["status"], 100, "ms")
        report.line("slider to new timeline, forkserver", took["timeline"], 150, "ms")
        report.line("slider to new picture, forkserver", took["picture"], 250, "ms")
    spawned, theirs = found["spawn"], found["ordinary"]
    report.note("slider to new picture, spawn", spawned["picture"], "ms")
    report.note("slider to new picture, ordinary notebook (spawn, pyplot)", theirs["picture"], "ms")
    report.line(
        "ordinary notebook's time over ours under spawn",
        theirs["picture"] / spawned["picture"],
        5,
        "x",
        at_least=True,
    )


def measure_access(report):
    """Slider to picture in lesson 10's panel, for each resource."""
    from helpers.topics import Resource
    from tests import jupyter

    with tempfile.TemporaryDirectory() as folder:
        for resource in Resource:
            panel = f"AccessPanel(way={resource.ways[0].value!r})"
            jupyter.notebook(f"{folder}/{resource.name}.ipynb", _COURSE, panel)
        with jupyter.server(folder) as (address, token), jupyter.browser() as browser:
            for resource in Resource:
                path = f"{resource.name}.ipynb"
                page = jupyter.NotebookPage(browser, address, token, path, scale=2)
                took = _moves(page, report, resource.name)["picture"]
                report.line(f"slider to new picture, {resource.value}", took, 300, "ms")


def _moves(page, report, name):
    """Medians of key press to status and to picture, in ms, over several moves of the first slider."""
    began = time.perf_counter()
    page.run_all()
    root = page.page.locator(".jp-Notebook")
    page.page.locator(".jp-OutputArea img").last.wait_for(state="attached")
    if name == "forkserver":
        report.line(
            "first figure after opening a lesson: setup and panel cells",
            time.perf_counter() - began,
            3,
            "s",
        )
    root.evaluate(_WATCH)
    handle = page.page.locator("[role=slider]").first
    found = {"status": [], "timeline": [], "picture": []}
    for move in range(_MOVES):
        handle.press("ArrowLeft" if move % 2 == 0 else "ArrowRight")
        page.page.wait_for_function("() => 'picture' in window.seen", timeout=20_000)
        seen = page.page.evaluate("() => window.seen")
        for what, times in found.items():
            if what in seen:
                times.append(seen[what] - seen["key"])
        page.page.wait_for_timeout(250)
    if name == "forkserver":
        _stop_and_memory(page, report)
    page.shut_down()
    return {what: median(times) for what, times in found.items() if times}


def _stop_and_memory(page, report):
    from tests import jupyter

    megabytes = float(
        page.printed(
            "from bench.kernel import resident_megabytes; print(resident_megabytes() or 0)"
        )
    )
    report.line("memory of a kernel with a panel at rest", megabytes, 150, "MB")
    panel = jupyter.Panel(page.page)
    panel.press("increments each", "End")
    panel.press("pause", "End", wait=False)
    page.page.wait_for_timeout(400)
    before, began = panel.status, time.perf_counter()
    panel.button("Stop").click()
    panel.wait_for_change(before)
    report.line(
        "Stop pressed in a run of 4 s to the panel's word",
        (time.perf_counter() - began) * 1000,
        200,
        "ms",
    )


def measure_lessons(report):
    """Run All of each lesson, in a kernel without a browser."""
    import nbformat

    from tests.environments import copy_tracked_files, execute

    times = []
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        with tempfile.TemporaryDirectory() as folder:
            notebooks = copy_tracked_files(Path(folder)) / "notebooks"
            lesson = nbformat.read(path, 4)
            began = time.perf_counter()
            try:
                execute(lesson, notebooks, limit=120)
            except Exception as error:  # noqa: BLE001 - whatever ends a lesson is told
                report.failed(f"Run All of {path.stem}", error)
                continue
            times.append(time.perf_counter() - began)
            report.line(f"Run All of {path.stem}", times[-1], 30, "s")
    if times:
        report.line("Run All, median of the lessons", median(times), 10, "s")


PARTS = {
    "processes": (measure_child, measure_kernel),
    "watch": (watch.measure_watch,),
    "scopes": (scopes.measure_scopes,),
    "schedules": (
        schedules.measure_stepped,
        schedules.measure_explorer,
        schedules.measure_growth,
        compared.measure_beside_frontrun,
        compared.measure_beside_frontrun_s_processes,
    ),
    "browser": (measure_browser,),
    "timeline": (timeline.measure_timeline,),
    "access": (measure_access,),
    "lessons": (measure_lessons,),
}


def main(*names):
    """Print the figures of these parts, or all. The exit status: 1 where a budget was missed."""
    if unknown := set(names) - set(PARTS):
        return f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}"
    print(f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, {sys.platform}")
    report = Report()
    for name in names or PARTS:
        for measure in PARTS[name]:
            try:
                measure(report)
            except Exception as error:  # noqa: BLE001 - the next ones are measured all the same
                report.failed(measure.__name__, error)
    return min(report.missed, 1)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
