"""The code of a lesson's cells, by the cell's name: its source, or the module that it writes."""

import importlib
import sys

import nbformat
from conftest import ROOT


def cell_source(lesson, name):
    """The source of a cell of the lesson whose file begins with `lesson`, without its magic line."""
    (path,) = (ROOT / "notebooks").glob(f"{lesson}*.ipynb")
    source = next(c.source for c in nbformat.read(path, as_version=4).cells if c.id == name)
    return "".join(line for line in source.splitlines(keepends=True) if line[:2] != "%%")


def module_of(lesson, name, monkeypatch, folder, module="my_module"):
    """The module with the code of that cell, imported from `folder`."""
    (folder / f"{module}.py").write_text(cell_source(lesson, name))
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, module, raising=False)
    return importlib.import_module(module)
