"""`python -m docs.build`: writes the pages of this folder that have their source elsewhere. A test says which one is out of date."""

from pathlib import Path

from helpers.panels.questions import as_text, lessons

FOLDER = Path(__file__).parent


def pages():
    """The pages by their file names: a dict of texts."""
    return {"questions.md": questions()}


def questions():
    """All questions of all lessons, with their answers folded."""
    parts = [
        "# Questions",
        "Those which the lessons ask, to read without a notebook. The answers are folded.",
    ]
    for number, lesson in lessons().items():
        for part, title in (("recall", "before you begin"), ("end", "at the end")):
            if asked := lesson.questions_of(part):
                parts += [
                    f'<a id="{number}"></a>\n\n## {number} {lesson.title}: {title}',
                    as_text(asked),
                ]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
