"""The teacher's guide and the exam, for `python -m docs.build`.

The guide's own words stand in teaching.in. What stands there between {{ and }} is a Python expression over the names of
the lessons, the modules of workers and the functions below, and is replaced by what it gives: so counts come from the
explorer, minutes from the estimate, wrong answers from the bank, and what differs from run to run from samples.json.
"""

import json
import re
from functools import cache
from pathlib import Path

import nbformat

from helpers import __version__, course
from helpers.panels.questions import EXAM, lessons, lettered
from helpers.workers import bank, counter, scopes
from tests import minutes

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent
CORE = ("00", *minutes.CORE)
TRACKS = {  # the lessons, and how many minutes there are at most
    "One hour": (("00", "04"), 60),
    "Half a day": (CORE, 240),
    "Full course": (tuple(number for number in lessons() if number != "13"), None),
}


def teaching():
    """The guide, with its expressions replaced."""
    text = (FOLDER / "teaching.in").read_text(encoding="utf-8").strip()
    yield re.sub(
        r"\{\{(.+?)\}\}", lambda found: str(eval(found[1], names())), text, flags=re.DOTALL
    )


@cache
def names():
    """What the guide's expressions may use, by name."""
    workers = {"bank": bank, "counter": counter, "scopes": scopes}
    own = (tracks, lesson, wrong, cell, sample, drawing, total, orders, recorded)
    return {
        **{name: getattr(course, name) for name in course.__all__},
        **workers,
        **{function.__name__: function for function in own},
        "version": __version__,
    }


def total(track, take=minutes.stated):
    """The minutes of the main parts of a track's lessons, as these state them, or as `take` gives them."""
    chosen, _ = TRACKS[track]
    return sum(take(path)[0] for path in minutes.PATHS if path.stem[:2] in chosen)


def tracks():
    """The table of tracks."""
    rows = ["| Track | Lessons | Minutes |", "| --- | --- | --- |"]
    for track, (chosen, _) in TRACKS.items():
        links = ", ".join(f"[{number}](#{number})" for number in chosen)
        rows.append(f"| {track} | {links} | {total(track)} |")
    return "\n".join(rows)


def lesson(number):
    """The heading of a lesson, with its minutes and what it needs from earlier ones."""
    told = lessons()[number]
    path = ROOT / "notebooks" / told.file
    main, optional = minutes.stated(path)
    more = f" (+ {optional} optional)" if optional else ""
    first = nbformat.read(path, as_version=4).cells[0].source
    needs = re.search(r"\*\*You need:\*\* (.+)", first)[1].replace("](", "](../notebooks/")
    head = f'<a id="{number}"></a>\n\n### {number} [{told.title}](../notebooks/{told.file})'
    return f"{head}\n\n{main} minutes{more}. **Needs:** {needs}"


def wrong(number):
    """The wrong answers to a lesson's questions, folded: the belief behind each, and what to say."""
    rows = []
    for place, question in enumerate(lessons()[number].questions_of("end"), 1):
        rows.append(f"**{place}. {question.asks}**")
        rows.append(
            "\n".join(f"- *{c.misconception}*: {c.why}" for c in question.choices if not c.right)
        )
    title = "Typical wrong answers to its questions, and what to say"
    return f"<details><summary>{title}</summary>\n\n" + "\n\n".join(rows) + "\n\n</details>"


@cache
def cells(number):
    """The code of a lesson's cells, by their ids."""
    notebook = nbformat.read(ROOT / "notebooks" / lessons()[number].file, as_version=4)
    return {cell.id: cell.source for cell in notebook.cells if cell.cell_type == "code"}


def cell(number, name):
    """What a cell of a lesson shows or calls, as code: its last line."""
    source = cells(number)[name]
    if "(" not in source.splitlines()[-1]:  # only a name, which shows what the line before has made
        return f"`{source.splitlines()[-2].strip()}`"
    return f"`{source.splitlines()[-1]}`"


def sample(name, where="all cores"):
    """What was noted under that name: one value, or the smallest to the largest of several."""
    values = recorded(where, name)
    if isinstance(values[0], list):
        return ", ".join(values[0])
    if isinstance(values[0], str):
        return values[0]
    ends = f"{min(values):,}", f"{max(values):,}"
    return ends[0] if ends[0] == ends[1] else f"{ends[0]} to {ends[1]}"


def orders(exploration):
    """How many of all orders go wrong."""
    return f"{exploration.failures:,} of {exploration.schedules:,} orders"


def recorded(*path):
    """What samples.json says under these names."""
    found = json.loads((FOLDER / "samples.json").read_text(encoding="utf-8"))
    for name in path:
        found = found[name]
    return found


def drawing(number):
    """A picture of a run of that lesson."""
    return f"![{recorded('alt', number)}](pictures/{number}.png)"


def exam():
    """The questions that no lesson asks, to print, and then their key."""
    asked = [
        (found.number, question)
        for found in lessons().values()
        for question in found.questions_of(EXAM)
    ]
    yield "# Exam"
    yield "Questions that no lesson asks, one after the other as in the course. The key and its reasons are at the end."
    for place, (_, question) in enumerate(asked, 1):
        code = f"\n\n```python\n{question.code}\n```" if question.code else ""
        choices = "\n".join(f"- {letter}) {choice.says}" for letter, choice in lettered(question))
        yield f"**{place}.** {question.asks}{code}\n\n{choices}"
    yield "## Key"
    for place, (number, question) in enumerate(asked, 1):
        letter = next(letter for letter, choice in lettered(question) if choice.right)
        yield f"**{place}.** {letter}) (lesson {number})"
        yield "\n".join(f"- {letter}) {choice.why}" for letter, choice in lettered(question))
