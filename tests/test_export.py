"""Lessons exported to HTML: what is folded stays folded, and the questions can be read without widgets."""

import re
from html.parser import HTMLParser

import nbformat
import pytest
from cases import few
from nbconvert import HTMLExporter

from helpers.panels.questions import lessons
from tests import jupyter
from tests.environments import ROOT, copy_tracked_files, execute

LESSONS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))


class Folded(HTMLParser):
    """What is folded in a page: `texts`, one for each; `wrong` has what is open, or closed in the wrong place."""

    def __init__(self, page):
        super().__init__()
        self.texts, self.wrong, self._open = [], [], []
        self.feed(re.sub(r"<(script|style).*?</\1>", "", page, flags=re.DOTALL))

    def handle_starttag(self, tag, attrs):
        if tag in ("details", "summary", "ul", "ol", "li", "p", "pre", "div"):
            self._open.append(tag)
        if tag == "details":
            self.texts.append("")
            self.wrong += [attrs] * ("open" in dict(attrs))

    def handle_endtag(self, tag):
        if tag in ("details", "summary", "ul", "ol", "li", "p", "pre", "div"):
            if not self._open or self._open[-1] != tag:
                self.wrong.append((tag, self.getpos()))
            else:
                self._open.pop()

    def handle_data(self, data):
        if "details" in self._open and "summary" not in self._open:
            self.texts[-1] += data


def exported(notebook):
    """The page, as `jupyter nbconvert --to html` makes it."""
    return HTMLExporter().from_notebook_node(notebook)[0]


@pytest.mark.parametrize("path", few(LESSONS, 2), ids=lambda path: path.stem)
def test_what_a_lesson_folds_is_folded_in_its_export(path):
    notebook = nbformat.read(path, as_version=4)
    folded = Folded(exported(notebook))
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert folded.wrong == []
    assert len(folded.texts) == text.count("<details>")
    assert all(text.strip() for text in folded.texts)


def test_questions_are_in_an_export_with_their_answers_folded(tmp_path):
    folder = copy_tracked_files(tmp_path) / "notebooks"
    jupyter.notebook(
        folder / "asks.ipynb",
        "import sys; sys.path[:0] = ['..']\nfrom helpers.course import *",
        'ask("04", "recall")',
    )
    notebook = nbformat.read(folder / "asks.ipynb", as_version=4)
    execute(notebook, folder, limit=90, store_widget_state=False)  # JupyterLab saves none, either
    folded = Folded(exported(notebook))
    questions = lessons()["04"].questions_of("recall")
    assert folded.wrong == []
    assert len(folded.texts) == len(questions) > 0
    for text, question in zip(folded.texts, questions, strict=True):
        for choice in question.choices:
            assert choice.why.replace("`", "") in text
