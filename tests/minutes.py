"""`python -m tests.minutes`: the honest minutes of each lesson, beside those that it states.

Main part, optional sections and folded answers, solutions among them, are estimated apart. The constants were set once, before any lesson was
cut, so that six lessons which learners were watched in came out right; no lesson has one of its own.
"""

import re
import sys
from pathlib import Path
from typing import NamedTuple

import nbformat

from helpers.panels.questions import lessons

ROOT = Path(__file__).resolve().parents[1]
PATHS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
WORDS = 150  # of prose, read in a minute
CELL = 0.5  # minutes: read a cell, run it, look at what comes
PANEL = 4.0  # minutes: move its controls, answer its questions
EXERCISE = 12.0  # minutes: write the file, check it, read why not, check it again
TRANSFER = 2.0  # minutes: move or add a line or two of a short program
QUESTION = 0.5  # minutes: one of the bank
OFF = 0.15  # how far the stated minutes may lie from the estimate
CORE = "02", "04", "05", "07", "09"
MOST, MOST_CORE = 45, 200  # minutes; of the five core lessons, 20 are for their transfer tasks


class Minutes(NamedTuple):
    """Minutes of a lesson: of its main part, of its optional sections, and of its folded answers."""

    main: float
    optional: float
    folded: float


def estimated(path):
    """The Minutes of the lesson in that file."""
    number, parts = path.stem[:2], {"main": 0.0, "optional": 0.0, "folded": 0.0}
    part, level = "main", 0
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            is_folded = re.search(r"^(%%writefile |check\(\")solution_", cell.source)
            parts["folded" if is_folded else part] += _work(number, cell.source)
            continue
        text, folded = _unfolded(cell.source)
        parts["folded"] += _words(folded) / WORDS
        for paragraph in re.split(r"^(?=#{2,} )", text, flags=re.MULTILINE):
            heading = re.match(r"(#{2,}) (Optional)?", paragraph)
            if heading and (part == "main" or len(heading[1]) <= level):
                part, level = ("optional", len(heading[1])) if heading[2] else ("main", 0)
            parts[part] += _words(paragraph) / WORDS
    return Minutes(**parts)


def stated(path):
    """The minutes that a lesson states for its main part and for what is optional in it."""
    first = nbformat.read(path, as_version=4).cells[0].source
    found = re.search(r"\*\*Minutes:\*\* (\d+)(?:, and (\d+) for the optional parts)?", first)
    return int(found[1]), int(found[2] or 0)


def _unfolded(text):
    """A text without its folded parts, and those."""
    folded = re.findall(r"<details>.*?</details>", text, re.DOTALL)
    return re.sub(r"<details>.*?</details>", "", text, flags=re.DOTALL), " ".join(folded)


def _words(text):
    return len(re.sub(r"<[^>]+>", " ", text).split())


def _work(number, source):
    """The minutes of a code cell."""
    minutes = CELL + PANEL * ("Panel(" in source)
    if checked := re.match(r'check\("my_(plain_)?\w+\.py"\)', source):
        minutes += TRANSFER if checked[1] else EXERCISE
    if asked := re.match(r'ask\("\d+"(?:, "(\w+)")?\)', source):
        minutes += QUESTION * len(lessons()[number].questions_of(asked[1] or "end"))
    return minutes


def table():
    """Rows: lesson, stated and estimated minutes of its main part, the same of its optional ones, minutes of its folded answers."""
    for path in PATHS:
        (main, optional), found = stated(path), estimated(path)
        yield path.stem, main, found.main, optional, found.optional, found.folded


def faults():
    """What is wrong with the minutes, in words."""
    core = 0
    for name, main, found, optional, found_optional, _ in table():
        core += found if name[:2] in CORE else 0
        for said, real in ((main, found), (optional, found_optional)):
            if abs(said - real) > OFF * real:
                yield f"{name} states {said} minutes, and {real:.0f} are estimated"
        if found > MOST:
            yield f"{name} takes {found:.0f} minutes: at most {MOST}"
    if core > MOST_CORE:
        yield f"the core lessons take {core:.0f} minutes: at most {MOST_CORE}"


if __name__ == "__main__":
    print(
        "lesson                      main: stated, estimated   optional: stated, estimated   folded"
    )
    for name, *minutes in table():
        print(f"{name:28} {{:8}} {{:10.1f}} {{:17}} {{:10.1f}} {{:14.1f}}".format(*minutes))
    sys.exit("\n".join(faults()) or 0)
