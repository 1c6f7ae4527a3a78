"""How results look in a notebook, and the cell magic that writes a stub."""

import html
from pathlib import Path

from IPython import get_ipython

from helpers.pictures import interleaving_table
from helpers.pictures.declared import PICTURES, TABLES, below, result_html
from helpers.schedules import Walk


def prepare_notebook():
    """Teach the running IPython to show results as a sentence and a picture, and the magic %%stub."""
    shell = get_ipython()
    if shell is None:
        return
    formatter = shell.display_formatter.formatters["text/html"]
    for kind in {**PICTURES, **TABLES}:
        formatter.for_type(kind, result_html)
    shell.register_magic_function(write_stub, "cell", "stub")


@below(Walk)
def walk_html(walk):
    """Where a walk stands: the order so far, what the files say, and the table of its steps."""
    says = [f"{name} says {value}" for name, value in walk.values.items()]
    ends = [walk.result[1]] if walk.is_over else []
    sentence = html.escape(" · ".join([f"order {walk.schedule or 'not begun'}", *says, *ends]))
    table = interleaving_table(walk.events, walk.processes, accounts=walk.accounts)
    return f"<div><b>{sentence}</b></div>{table}"


_STUBS = Path(__file__).parent / "stubs"


def copy_stub(name):
    """Put the course's file of that name beside the notebook, unless there is one: yours is never overwritten."""
    write_stub(name, (_STUBS / name).read_text(encoding="utf-8"))


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
