"""Predicates of the lessons: what a sentence says about the result above it, as an expression that a kernel evaluates.

The Markdown cell with the sentence carries it in its metadata, `"course": {"holds": "run.account.lost_count > 0"}`.
It may use every name of the notebook, and `_` for the value of the last cell that showed one.
"""

import json

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


def assert_held(notebook):
    """After a run: its predicates are true, stubs are refused by name, solutions pass, and no process is left."""
    last = [cell for cell in notebook.cells if cell.cell_type == "code"][-1]
    assert "No child process is left." in json.dumps(last.outputs)
    assert contradicted(notebook) == []
    reported = [_plain(cell) for cell in notebook.cells if cell.source.startswith("check(")]
    for stub, solution in zip(reported[::2], reported[1::2], strict=True):
        assert "not yet (" in stub
        assert "passed" in solution


def _plain(cell):
    return "".join(output.get("data", {}).get("text/plain", "") for output in cell.outputs)


def _said(cell):
    """What a cell printed, or the error that it ended with; "" where it did not run."""
    return "".join(
        output.get("text", "") or f"{output.get('ename')}: {output.get('evalue')}"
        for output in cell.outputs
    ).strip()
