"""How results look in a notebook, and the cell magic that writes a stub."""

import html
from pathlib import Path

from IPython import get_ipython

from helpers import experiments, figures, lab


def prepare_notebook():
    """Teach the running IPython to show results as a sentence and a picture, and the magic %%stub."""
    shell = get_ipython()
    if shell is None:
        return
    formatter = shell.display_formatter.formatters["text/html"]
    for kind in (
        lab.Run,
        experiments.Trials,
        experiments.Sweep,
        experiments.Starts,
        experiments.StartTimes,
        experiments.Growth,
    ):
        formatter.for_type(kind, result_html)
    shell.register_magic_function(write_stub, "cell", "stub")


def result_html(result):
    """A result as its sentence and its picture, ordinary output that also stands in an export."""
    sentence = html.escape(str(result))
    picture = "" if isinstance(result, lab.Run) and not result.accounts else figures.image(result)
    return f"<div><b>{sentence}</b></div>{picture}"


def write_stub(line, cell):
    """%%stub my_file.py: write the cell to that file, unless there is one: yours is never overwritten."""
    path = Path(line.strip())
    if path.exists():
        print(
            f"{path} is there already and was left as it is. Open it in the file browser to edit it."
        )
        return
    path.write_text(cell, encoding="utf-8")
    print(
        f"{path} was written. Open it in the file browser (double-click), edit it, save it with Ctrl+S."
    )
