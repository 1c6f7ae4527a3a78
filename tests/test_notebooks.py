"""The lessons: their anatomy, their words and links, and that each of them runs under every start method."""

import json
import re
from itertools import pairwise
from pathlib import Path
from statistics import median

import nbformat
import pytest
from scripts import python

from helpers import lab
from tests import minutes
from tests.cases import IN_A_KERNEL, exhaustive
from tests.claim import declared
from tests.environments import copy_tracked_files, execute
from tests.predicates import assert_held, contradicted, predicate, put_predicates

ROOT = Path(__file__).resolve().parents[1]
PATHS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
NAMES = [path.stem for path in PATHS]

SECTIONS = (
    "By the end",
    "Recall",
    "Predict",
    "Experiment",
    "Explore",
    "Exercise",
    "Questions",
    "Summary",
)
SETUP = """\
import os, sys

sys.path[:0] = [os.path.abspath(p) for p in (".", "..") if os.path.isdir(p + "/helpers/course")]
where = getattr(sys.modules.get("helpers"), "__file__", None) or sys.path[0] + "/helpers/"
hint = "open this notebook in the course's folder, restart the kernel and run this cell first"
assert os.path.isdir(os.path.dirname(where) + "/course"), f"{where} is not the course: {hint}"
from helpers.course import *

lab.warm()"""

lessons = pytest.mark.parametrize("path", PATHS, ids=NAMES)
full_lessons = pytest.mark.parametrize("path", PATHS[1:], ids=NAMES[1:])


def read(path):
    return nbformat.read(path, as_version=4)


def markdown(path):
    """The prose of a lesson."""
    return "\n\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")


def code_cells(path):
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def table(title):
    """The rows of the table under a heading of CONTRIBUTING.md, each a list of its fields."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    text = text.split(f"## {title}\n")[1].split("\n## ")[0]
    rows = [line for line in text.splitlines() if line.startswith("|")][2:]
    return [[field.strip() for field in row.strip("|").split(" | ")] for row in rows]


# ---- they run


METHODS = sorted(lab.start_methods(), key=["forkserver", "spawn", "fork"].index)
RUNS = [
    pytest.param(path, method, id=f"{path.stem}-{method}", marks=marks)
    for path in PATHS
    for method in METHODS
    for marks in [[] if method == METHODS[0] and path.stem in IN_A_KERNEL else exhaustive]
]


@pytest.mark.timeout(180)
@pytest.mark.parametrize("path, method", RUNS)
def test_a_lesson_runs_in_a_fresh_copy(path, method, tmp_path, monkeypatch):
    """`make test` runs those IN_A_KERNEL, under the default start method."""
    monkeypatch.setenv("COURSE_START_METHOD", method)
    notebook = read(path)
    put_predicates(notebook)
    execute(notebook, copy_tracked_files(tmp_path) / "notebooks", limit=90)
    assert_held(notebook)


# ---- their predicates


@full_lessons
def test_it_has_predicates_that_python_understands(path):
    reported = {cell.id: predicate(cell) for cell in read(path).cells if predicate(cell)}
    assert len(reported) >= 2
    for expression in reported.values():
        compile(expression, path.stem, "eval")


def test_a_predicate_that_is_not_true_is_told_and_is_no_end(tmp_path):
    sentences = {"right": "number == 2", "wrong": "number > 2", "typo": "nunber"}
    cells = [nbformat.v4.new_code_cell("number = 2\nnumber")]
    for name, expression in sentences.items():
        cells.append(nbformat.v4.new_markdown_cell(name, id=name))
        cells[-1].metadata.course = {"holds": expression}
    cells.append(nbformat.v4.new_code_cell("_ == 2 and 'still the last value'"))
    notebook = nbformat.v4.new_notebook(cells=cells)
    put_predicates(notebook)
    execute(notebook, tmp_path, limit=30)
    reported = {name: said for name, _, said in contradicted(notebook)}
    assert reported == {"wrong": "False", "typo": "NameError: name 'nunber' is not defined"}
    assert "still the last value" in json.dumps(notebook.cells[-1].outputs)


# ---- their anatomy


@lessons
def test_it_opens_with_title_minutes_and_needs(path):
    first = read(path).cells[0].source
    assert first.startswith("# ")
    assert re.search(r"\*\*Minutes:\*\* \d+", first)
    assert "**You need:**" in first


@full_lessons
def test_its_sections_stand_in_order(path):
    headings = re.findall(r"^## ([\w ]+)", markdown(path), re.MULTILINE)
    places = [
        next(i for i, heading in enumerate(headings) if heading.startswith(s)) for s in SECTIONS
    ]
    assert places == sorted(places)
    assert 2 <= sum(heading.startswith("Experiment") for heading in headings) <= 5


@lessons
def test_its_setup_cell_comes_first_and_is_the_same_everywhere(path):
    first = code_cells(path)[0]
    assert first.source == SETUP
    assert first.metadata.tags == ["setup"]


@full_lessons
def test_it_asks_predicts_and_folds_its_answers(path):
    text, number = markdown(path), path.stem[:2]
    assert text.count("<details>") == text.count("</details>") >= 2
    sources = [cell.source for cell in code_cells(path)]
    assert any("predict(" in source for source in sources)
    assert any(".reveal(" in source for source in sources)
    for call in (f'ask("{number}", "recall")', f'ask("{number}")', f'predictions("{number}")'):
        assert sources.count(call) == 1
    assert text.count(f"(../docs/questions.md#{number})") == 2


@full_lessons
def test_its_solution_is_collapsed_and_checked(path):
    solutions = [cell for cell in code_cells(path) if "solution" in cell.metadata.get("tags", [])]
    assert solutions
    assert all(cell.metadata.jupyter.source_hidden for cell in solutions)
    names = {re.match(r"%%writefile (solution_\w+\.py)", cell.source)[1] for cell in solutions}
    code = "\n".join(cell.source for cell in code_cells(path))
    assert names == set(re.findall(r'^check\("(solution_\w+\.py)"', code, re.MULTILINE))


@full_lessons
def test_it_has_a_plain_multiprocessing_cell(path):
    sources = [cell.source for cell in code_cells(path)]
    assert [s for s in sources if "import multiprocessing" in s and "helpers" not in s]


@lessons
def test_its_cells_are_short(path):
    lengths = [len(cell.source.splitlines()) for cell in code_cells(path)[1:]]
    longest = [_longest(cell.source, path) for cell in code_cells(path)[1:]]
    assert 1 <= median(lengths) <= 4
    assert [length for length, most in zip(lengths, longest, strict=True) if length > most] == []


def test_no_two_lessons_write_one_file():
    """All lessons lie in one folder, and a stub leaves a file that is there as it is."""
    written = [
        (found[1], path.stem)
        for path in PATHS
        for cell in code_cells(path)
        if (found := re.match(r"%%\w+ (\w+\.py)", cell.source))
    ]
    assert len({name for name, _ in written}) == len({*written})


def _longest(source, path):
    """How many lines a cell may have: one that writes a whole program more than one that writes a function."""
    if path.stem == "12_capstone" and source.startswith("%%"):
        return 120
    is_program = re.match(r"%%\w+ (my|solution)_plain_", source)
    return 26 if is_program else 20 if source.startswith("%%") else 12


@lessons
def test_its_last_cell_confirms_that_no_child_is_left(path):
    assert code_cells(path)[-1].source == "no_children_left()"


@lessons
def test_it_is_stripped_and_names_the_common_kernel(path):
    notebook = read(path)
    assert notebook.metadata.kernelspec.name == "python3"
    assert [c.id for c in code_cells(path) if c.outputs or c.execution_count is not None] == []


def test_its_minutes_are_honest():
    assert list(minutes.faults()) == []


# ---- their words and links


@lessons
def test_its_links_lead_somewhere(path):
    links = re.findall(r"\]\(([^)#:]+)(?:#\w+)?\)", markdown(path))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_each_lesson_links_to_the_next():
    for path, following in pairwise(PATHS):
        assert f"({following.name})" in markdown(path).split("\n## ")[-1], path.stem


LOOK_IT_UP = (
    "**Look it up:** [glossary](../docs/glossary.md), [error messages](../docs/messages.md), "
    "[which lock](../docs/which_cure.md), [cheat sheet](../docs/cheat_sheet.html)."
)


@lessons
def test_its_summary_links_the_reference(path):
    summary = markdown(path).split("\n## Summary\n")[1]
    assert summary.splitlines().count(LOOK_IT_UP) == 1


TERMS = table("Terms")


@pytest.mark.parametrize(("term", "lesson", "meaning"), TERMS, ids=[row[0] for row in TERMS])
def test_a_term_is_not_used_before_the_lesson_that_explains_it(term, lesson, meaning):
    words = re.compile(rf"\b({'|'.join(term.split(' / '))})(s|es)?\b", re.IGNORECASE)
    early = [
        path.stem for path in PATHS if path.stem[:2] < lesson and words.search(_own_words(path))
    ]
    assert early == []
    explained = [path for path in PATHS if path.stem[:2] == lesson]
    assert all(words.search(markdown(path)) for path in explained)


def _own_words(path):
    """The prose without code, file names and links, where a later word may stand."""
    return re.sub(
        r"`[^`]*`|\[[^]]*\]\([^)]*\.(ipynb|py)\)|^# .*$", "", markdown(path), flags=re.MULTILINE
    )


@lessons
def test_a_lesson_has_claims_and_each_of_them_one_proof(path):
    mine = [words for lesson, words, _ in declared() if lesson == path.stem[:2]]
    assert mine and len(set(mine)) == len(mine)


def test_every_claim_is_one_of_a_lesson():
    assert {lesson for lesson, *_ in declared()} <= {path.stem[:2] for path in PATHS}


@pytest.mark.parametrize(
    "other", ["", "helpers = None\n"], ids=["copied elsewhere", "another helpers"]
)
def test_the_setup_cell_says_what_to_do_where_the_course_is_not_found(tmp_path, other):
    """Without `other` no helpers is near; with it, another module of that name was imported first."""
    folder, first = tmp_path, ""
    if other:
        (tmp_path / "helpers.py").write_text(other)
        folder = ROOT / "notebooks"
        first = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import helpers\n"
    done = python("-c", first + SETUP, cwd=folder)
    last = done.stderr.splitlines()[-1]
    assert last.startswith("AssertionError: ")
    assert "open this notebook in the course's folder, restart the kernel and run this cell" in last
    assert str(tmp_path / "helpers.py") in last if other else "/helpers/ is not the course" in last
