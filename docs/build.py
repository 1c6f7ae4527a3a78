"""`python -m docs.build`: writes the pages of this folder that have their source elsewhere. A test says which one is out of date."""

import json
import re
from pathlib import Path

import nbformat

from docs.teaching import exam, teaching
from helpers.panels.questions import as_text, lessons
from helpers.topics.choosing import LAST, STEPS

FOLDER = Path(__file__).parent


def pages():
    """The pages by their file names: a dict of texts."""
    made = {
        "questions": questions,
        "glossary": glossary,
        "messages": messages,
        "which_cure": which_cure,
        "teaching": teaching,
        "exam": exam,
    }
    return {f"{name}.md": "\n\n".join(parts()) + "\n" for name, parts in made.items()}


def questions():
    """All questions of all lessons, with their answers folded."""
    yield "# Questions"
    yield "The questions of the lessons, to read without a notebook. The answers are folded."
    for number, lesson in lessons().items():
        yield f'<a id="{number}"></a>'
        yield f"## {number} {lesson.title}"
        for part, title in (("recall", "To recall, before you begin"), ("end", "At the end")):
            if asked := lesson.questions_of(part):
                yield f"### {title}"
                yield as_text(asked)


def glossary():
    """The new words of all lessons, each with its meaning and the lesson that explains it."""
    rows = []
    for lesson in lessons().values():
        notebook = nbformat.read(FOLDER.parent / "notebooks" / lesson.file, as_version=4)
        text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        words = re.split(r"\n\*\*|<details>|\n#", text.partition("**New words**")[2])[0]
        for line in re.findall(r"^- (.+(?:\n  .+)*)", words, re.MULTILINE):
            term = re.search(r"\*([^*]+)\*", line)[1]
            rows.append((term.lower(), f"- {_line(line)} {_link(lesson)}"))
    yield "# Glossary"
    yield "The new words of the lessons, each with the lesson that explains it."
    yield "\n".join(row for _, row in sorted(rows))


def messages():
    """What Python and the course say when something is wrong, from messages.json: meaning, lesson, what to do."""
    told = json.loads((FOLDER / "messages.json").read_text(encoding="utf-8"))
    yield "# Error messages"
    yield "What you may read, what it means, and what to do. Search this page for a part of the message; … stands for what differs from case to case."
    for title, is_ours in (("What Python says", False), ("What the course says", True)):
        yield f"## {title}"
        some = (one for one in told if (one["from"] == "the course") is is_ours)
        for one in sorted(some, key=lambda one: one["says"].lstrip("…=:; ").lower()):
            where = " (on Windows)" if "Windows" in one["from"] else ""
            yield f"**`{one['says']}`**{where}"
            yield f"{one['means']} *What to do:* {one['do']} {_link(lessons()[one['lesson']])}"


def which_cure():
    """The guide of lesson 11 as text: questions from top to bottom, and the cure to which a yes leads."""
    yield "# Which lock, which cure"
    yield f"Go from top to bottom, and stop at the first yes. {_link(lessons()['11'])} measures each of them."
    rows = [f"{_line(step.question)} **Yes: {_line(step.answer)}.**" for step in STEPS]
    rows.append(f"No to all of them: **{_line(LAST.answer)}.**")
    yield "\n".join(f"{number}. {row}" for number, row in enumerate(rows, 1))


def _link(lesson):
    return f"[Lesson {lesson.number}](../notebooks/{lesson.file})"


def _line(text):
    return " ".join(text.split())


if __name__ == "__main__":
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
