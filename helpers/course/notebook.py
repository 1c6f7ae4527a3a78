"""A lesson's cells in their notebook: how results look, stubs that become files, a check that says what it tries."""

import html
from contextlib import contextmanager
from pathlib import Path

from IPython import get_ipython
from IPython.display import HTML, display

from helpers import front, record, refused
from helpers.exercises import checking
from helpers.panels.panel import begin_cell
from helpers.panels.questions import lessons
from helpers.panels.watched_script import show_watched
from helpers.pictures import interleaving_table
from helpers.pictures.declared import PICTURES, TABLES, below, recorded_run, result_html
from helpers.schedules import Walk
from helpers.scripts import Watched
from helpers.topics.endless import challenge_in

_STUBS = Path(__file__).parent / "stubs"


def prepare_notebook():
    """Teach the running IPython, if there is one, to show results as a sentence and a picture, and the magic %%stub."""
    shell = get_ipython()
    if shell is None:
        return
    formatter = shell.display_formatter.formatters["text/html"]
    for kind in {**PICTURES, **TABLES}:
        formatter.for_type(kind, _walked_html)
    shell.display_formatter.ipython_display_formatter.for_type(Watched, show_watched)
    shell.register_magic_function(_write_stub, "cell", "stub")
    shell.set_custom_exc((refused.NoProcesses,), _show_recorded)
    shell.events.register("pre_run_cell", _on_cell)
    _show_front_end()


def _show_front_end():
    """Put the front end of the timelines into the notebook: with it they are alive where no kernel is."""
    if getattr(get_ipython(), "kernel", None):
        display({"text/html": front.inlined(), "text/plain": ""}, raw=True)


def _walked_html(result):
    return front.with_timeline(result_html(result), front.payload(result))


def _show_recorded(shell, kind, error, trace, tb_offset=None):
    """In place of a traceback, why nothing runs here, and what a run looks like."""
    display(HTML(f"<div><b>{html.escape(str(error))}</b></div>{recorded_run()}"))


def _on_cell(info):
    if info.cell_id is not None:  # only notebooks name their cells
        begin_cell(info.cell_id)
    if __package__ in info.raw_cell:  # the setup cell runs again, and nothing is imported twice
        _show_front_end()


@below(Walk)
def _walk_html(walk):
    """A walk's order so far, what the files say, and the table of its steps."""
    says = [f"{name} says {value}" for name, value in walk.values.items()]
    ends = [walk.result[1]] if walk.is_over else []
    sentence = html.escape(" · ".join([f"order {walk.schedule or 'not begun'}", *says, *ends]))
    table = interleaving_table(walk.events, walk.processes, accounts=walk.accounts)
    return f"<div><b>{sentence}</b></div>{table}"


def copy_stub(name):
    """Write the course's file of that name, or the worker of a challenge, beside the notebook, unless there is one: yours is never overwritten.

    Prints which of the two happened. Raises FileNotFoundError if the course has no such file.
    """
    task = challenge_in(name)
    _write_stub(name, task.source if task else (_STUBS / name).read_text(encoding="utf-8"))


def _write_stub(line, cell):
    """%%stub my_file.py: write the cell to that file, unless there is one: yours is never overwritten."""
    path = Path(line.strip())
    if path.exists():
        print(f"{path} is there already and was left as it is.")
        return
    path.write_text(cell, encoding="utf-8")
    how = ", edit it, save it with Ctrl+S" if checking.is_exercise(path.stem) else ""
    print(f"{path} was written. Open it in the file browser (double-click){how}.")


def check(path, order=""):
    """Attack the answer in the file `path`: a Check, which says passed, not yet or not finished, and why.

    While it runs, a line in the cell says what is being tried. A failure is a result, never an exception; only
    an interrupt raises KeyboardInterrupt, and a Python without processes Refused. With the code of an `order`, real processes
    take that one with your functions, and the Run says what happened; raises ValueError for a code that does not fit them.
    """
    refused.need_processes()
    with _progress() as say:
        done = checking.check(path, say, order)
    if order:
        return done
    numbers = (lesson.number for lesson in lessons().values() if done.file in lesson.exercises)
    if noted := record.note("check", next(numbers, ""), done.file, state=done.state):
        print(noted)
    return done


@contextmanager
def _progress():
    """A function that shows a text in a line of the cell, in place of the one before; the line goes at the end."""
    if get_ipython() is None:
        yield lambda text: None
        return
    line = display(HTML(""), display_id=True)
    try:
        yield lambda text: line.update(HTML(f"<div>Checking {html.escape(text)} …</div>"))
    finally:
        line.update(HTML(""))
