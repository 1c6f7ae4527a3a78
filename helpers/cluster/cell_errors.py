"""In a notebook: a cell that fails closes the cluster, and a paused holder is shown as a table."""

import html

from IPython import get_ipython

from helpers.cluster.connection import close_clusters
from helpers.cluster.pausing import PausedHolder
from helpers.pictures import style

_COLUMNS = ("ms", "A", "B", "in the store")


def prepare_cells():
    """Teach the running IPython both."""
    shell = get_ipython()
    if shell is None:
        return
    shell.events.register("post_run_cell", _close_after_a_failure)
    shell.display_formatter.formatters["text/html"].for_type(PausedHolder, paused_html)


def _close_after_a_failure(result):
    if result is not None and not result.success and close_clusters():
        print(
            "This cell failed, so the cluster was closed: no process of it stays behind. "
            "To go on, run the cell with open_cluster() again."
        )


def paused_html(run):
    """The run as its sentence and a table, time downward: who had the lock, and what the store was asked."""
    colour = style.LOST if run.lost else style.GOOD
    head = "".join(f'<th scope="col">{words}</th>' for words in _COLUMNS)
    rows = "".join(_row(run, *line) for line in _lines(run))
    return (
        f'<div role="status" style="color: {colour}"><b>{html.escape(str(run))}</b></div>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )


def _row(run, stamp, process, words, value):
    cells = [words if process == letter else "" for letter in "AB"]
    texts = [f"{(stamp - run.events[0].start) / 1e6:.0f}", *cells, value]
    return "<tr>" + "".join(f"<td>{html.escape(str(text))}</td>" for text in texts) + "</tr>"


def _lines(run):
    """(stamp, process, words, value of the store) of all that is told, in the order of their times."""
    lines = [
        (stamp, process, f"{op} {number}", value) for stamp, process, op, number, value in run.seen
    ]
    lines += [
        (step.end, step.process, "gets the lock", "")
        if step.op == "acquire"
        else (step.start, step.process, "releases the lock", "")
        for step in run.events
    ]
    lines.append((run.paused, "A", "is paused", ""))
    lines.append((run.resumed, "A", "goes on", ""))
    return sorted(lines, key=lambda line: line[0])
