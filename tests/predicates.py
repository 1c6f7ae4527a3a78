"""Predicates of the lessons: what a sentence says about the result above it, as an expression that a kernel evaluates.

The Markdown cell with the sentence carries it in its metadata, `"course": {"holds": "run.account.lost_count > 0"}`.
It may use every name of the notebook, and `_` for the value of the last cell that showed one.
"""

from nbformat.v4 import new_code_cell

_MARK = "predicate"


def predicate(cell):
    """The expression in the metadata of a cell; "" where there is none."""
    return cell.metadata.get("course", {}).get("holds", "")


def put_predicates(notebook):
    """Put a code cell behind each cell with a predicate, which prints whether it holds. An error is no end."""
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if predicate(cell):
            asking = new_code_cell(f"print(bool({predicate(cell)}))", id=f"{cell.id}-holds"[:64])
            asking.metadata.tags = [_MARK, "raises-exception"]
            cells.append(asking)
    notebook.cells = cells


def contradicted(notebook):
    """After a run: the ids of the cells whose predicate was not true, each with its expression and what came instead."""
    return [
        (cell.id.removesuffix("-holds"), cell.source, _said(cell))
        for cell in notebook.cells
        if _MARK in cell.metadata.get("tags", []) and _said(cell) != "True"
    ]


def _said(cell):
    """What a cell printed, or the error that it ended with; "" where it did not run."""
    return "".join(
        output.get("text", "") or f"{output.get('ename')}: {output.get('evalue')}"
        for output in cell.outputs
    ).strip()
