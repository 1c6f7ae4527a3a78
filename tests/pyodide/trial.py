"""What the course does without processes, threads, Matplotlib and NumPy; run in Pyodide, and in a CPython that has none of them.

    python -m tests.pyodide.trial RESULT [PART ...]

writes a JSON file: by part what came out. It needs no test tools, as there are none in Pyodide.
"""

import ast
import contextlib
import io
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MISSING = "_multiprocessing", "_posixshmem", "matplotlib", "numpy", "PIL", "anywidget"
# What explores when a lesson calls it.
EXPLORE = {"explore", "find", "measure_growth", "SchedulerPanel"}
KEPT = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.Assign


class Hiding:
    """A finder of modules that finds none of some packages."""

    def __init__(self, finder, names):
        self._finder, self._names = finder, names

    def find_spec(self, name, *more):
        return (
            None if name.partition(".")[0] in self._names else self._finder.find_spec(name, *more)
        )

    def __getattr__(self, name):
        return getattr(self._finder, name)


def hide(names):
    """Let this Python have no packages of these names, and no threads."""
    import multiprocessing.connection  # noqa: F401 - the browser's Python has it, patched

    for name in names:
        sys.modules.pop(name, None)
    sys.meta_path[:] = [Hiding(finder, names) for finder in sys.meta_path]

    def start(thread):
        raise RuntimeError("can't start new thread")

    threading.Thread.start = start


# ---- the explorations of the lessons


def explorations():
    """Each exploration that a lesson's cell makes: by lesson and cell, what was found and the seconds it took."""
    import helpers.course  # noqa: F401 - before its explore becomes another
    from helpers import schedules
    from helpers.schedules import exploration
    from helpers.topics import orders

    found, here, explore = {}, [], schedules.explore

    def note(*args, **more):
        began = time.perf_counter()
        all_orders = explore(*args, **more)
        took = time.perf_counter() - began
        found.setdefault(here[-1], []).append([told(all_orders), took])
        return all_orders

    schedules.explore = exploration.explore = orders.explore = note
    for path in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        names = {"__name__": "__main__", "explore": note}
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                here.append(f"{path.stem[:2]} {cell['id']}")
                if explores := run(cell, names):
                    found.setdefault(here[-1], [])
                assert bool(found.get(here[-1])) == explores, here[-1]
    schedules.explore = exploration.explore = orders.explore = explore
    return found


def told(exploration):
    """What must be the same in each Python: all but the seconds and how many situations there were."""
    ends = [[*outcome[:4], *outcome[5:]] for outcome in exploration.outcomes]
    return [exploration.ended, exploration.cut, exploration.doubt, exploration.sentence, ends]


def run(cell, names):
    """Run of a cell what defines names and what explores, the rest is for processes: whether it explores."""
    source = "".join(cell["source"])
    if source.startswith("%%"):
        magic, _, source = source.partition("\n")
        kind, _, name = magic.partition(" ")
        if kind in ("%%stub", "%%writefile"):
            Path(name.strip()).write_text(source, encoding="utf-8")
        return False
    if cell["id"] == "setup":
        source = "from helpers.course import *"
    explores = False
    for statement in ast.parse(source).body:
        makes = any(map(is_exploring, ast.walk(statement)))
        explores |= makes
        if makes or isinstance(statement, KEPT):
            code = compile(ast.Module([statement], []), cell["id"], "exec")
            with contextlib.ExitStack() as stack:
                stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
                if not makes:  # a run, or what was made of one
                    stack.enter_context(contextlib.suppress(Exception))
                noted, names["explore"] = names["explore"], names["explore"]
                exec(code, names)  # noqa: S102 - the course's own lessons
                names["explore"] = noted
        if cell["id"] == "setup":
            names["SchedulerPanel"] = counted(names["SchedulerPanel"])
    return explores


def is_exploring(node):
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") in EXPLORE


def counted(panel_class):
    """The panel, whose button "Show all outcomes" is pressed at once."""

    def made(*args, **more):
        panel = panel_class(*args, **more)
        panel.count()
        return panel

    return made


# ---- what else works, and what says that it does not


def panels():
    """The scheduler panel is walked, a challenge is met, a question is answered: what each of them shows."""
    from ipywidgets import Button

    from helpers.course import CounterFile, SchedulerPanel, ask
    from helpers.workers.counter import increment_without_lock

    panel = SchedulerPanel(increment_without_lock, CounterFile(), 1, 0)
    for letter in "AB":
        panel.move(letter)
    told = {"moved": panel.value.schedule, "walked": page(panel)}
    panel.restart()
    panel.find()
    told |= {"failing": panel.value.schedule}
    panel.count()
    told |= {"outcomes": page(panel)}
    panel.run_real()
    told |= {"real": page(panel)}
    challenge = SchedulerPanel(challenge="lose one update", schedule="AABB")
    challenge.go(told["failing"])
    questions = ask("03")
    next(widget for widget in widgets(questions) if isinstance(widget, Button)).click()
    return told | {"challenge": page(challenge), "question": page(questions)}


def widgets(panel):
    """A widget and all that are in it."""
    yield panel
    for child in getattr(panel, "children", ()):
        yield from widgets(child)


def page(panel):
    """The HTML in a panel, from its top."""
    return "".join(widget.value for widget in widgets(panel) if type(widget).__name__ == "HTML")


def refusals():
    """What a cell shows that needs processes, by its code."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    from helpers import course
    from helpers.course.notebook import prepare_notebook

    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    prepare_notebook()
    shell.push({name: getattr(course, name) for name in course.__all__})
    from helpers.workers.counter import increment_without_lock

    shell.push({"worker": increment_without_lock, "multiprocessing": multiprocessing})
    said = {}
    for code in (
        "lab.run(worker, CounterFile(), 1, 0)", "run_counter()", "RacePanel()", "check('my_total.py')",
        "run_program('start_times.py')", "Lock().acquire()", "multiprocessing.Lock()", "lab.warm(); passport()",
        "SchedulerPanel(worker, CounterFile(), 1, 0)", "explore(worker, CounterFile(), 1, 0)",
    ):  # fmt: skip
        with shown() as outputs:
            done = shell.run_cell(code)
        said[code] = [type(done.error_in_exec).__name__, "".join(outputs)]
    return said


@contextlib.contextmanager
def shown():
    """A list that gets the HTML of what is displayed meanwhile."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher

    found, before = [], (DisplayPublisher.publish, DisplayHook.write_format_data)
    DisplayPublisher.publish = lambda self, data, *args, **more: found.append(
        data.get("text/html", "")
    )
    DisplayHook.write_format_data = lambda self, data, *args: found.append(
        data.get("text/html", "")
    )
    try:
        yield found
    finally:
        DisplayPublisher.publish, DisplayHook.write_format_data = before


def main(result, *parts):
    known = {"explorations": explorations, "panels": panels, "refusals": refusals}
    # A folder for what lessons write, and for the record.
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        sys.path.insert(0, folder)
        os.environ.pop("COURSE_RECORD", None)
        found = {name: known[name]() for name in parts or known}
    Path(result).write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    hide([*MISSING, *os.environ.get("COURSE_HIDDEN", "").split()])
    main(*sys.argv[1:])
