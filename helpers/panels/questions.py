"""Questions on a lesson, from its bank: a panel that says why a choice is right or wrong, and the same as a page to read."""

import html
import json
import re
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import ipywidgets as widgets

from helpers import record
from helpers.panels.panel import WRAPPED, Panel, Screen, button

_BANK = Path(__file__).parent / "bank"
PARTS = "recall", "end"  # what lessons ask; EXAM is for teachers
EXAM = "exam"
_INSET = "margin: 0.3em 0 0.3em 1.5em"


class Choice(NamedTuple):
    """One of the answers to choose from, and `why` it is right or wrong.

    A wrong one carries its `misconception`. `holds` is a Python expression over `found`, what the question's proof gives:
    true of the right choice, false of the others.
    """

    says: str
    why: str
    right: bool = False
    misconception: str = ""
    holds: str = ""

    @property
    def judged(self):
        return "right" if self.right else "wrong"


class Question(NamedTuple):
    """A question of a lesson, asked before it ("recall"), at its "end" or in no lesson ("exam"); `code` is plain text that belongs to it.

    `proof` says how the key is proved, see tests/test_questions.py; `about` names the pitfalls that it asks about.
    """

    name: str
    part: str
    kind: str
    asks: str
    choices: tuple[Choice, ...]
    proof: dict
    about: tuple[str, ...] = ()
    code: str = ""


class Lesson(NamedTuple):
    """What there is to do in a lesson, by its number, such as "04"."""

    number: str
    file: str
    title: str
    predictions: tuple[str, ...]
    exercises: tuple[str, ...]
    questions: tuple[Question, ...]

    def questions_of(self, part):
        return [question for question in self.questions if question.part == part]


@cache
def lessons():
    """The lessons of the course by their numbers: a dict of Lesson."""
    found = {}
    for path in sorted(_BANK.glob("[0-9]*.json")):
        told = json.loads(path.read_text(encoding="utf-8"))
        questions = []
        for one in told.pop("questions"):
            choices = tuple(Choice(**choice) for choice in one.pop("choices"))
            questions.append(Question(choices=choices, **one))
        found[path.stem] = Lesson(number=path.stem, questions=tuple(questions), **told)
    return found


class QuestionPanel(Panel):
    """The questions of a `part` of a lesson, a button for each choice; it is judged at once, and noted in the record.

    Raises ValueError for a lesson or a part that there is not.
    """

    def __init__(self, lesson, part):
        for value, known in ((lesson, lessons()), (part, PARTS)):
            if value not in known:
                raise ValueError(f"{value!r}: choose one of {', '.join(map(repr, known))}")
        self._lesson, self._questions = lesson, lessons()[lesson].questions_of(part)
        found = record.entries().found
        known = {e["name"] for e in found if e["lesson"] == lesson and e.get("right")}
        super().__init__([self._row(*one, known) for one in enumerate(self._questions, 1)])

    def _row(self, number, question, known):
        screen = Screen("none")
        if question.name in known:
            screen.say("You have answered this one before.")
        buttons = []
        for letter, choice in lettered(question):
            judge = partial(self._judge, question, choice, letter, screen)
            buttons.append(button(f"{number}{letter}", choice.says, judge, "4em"))
        row = widgets.HBox(buttons, layout=WRAPPED)
        return widgets.VBox([widgets.HTML(_asked(number, question)), row, screen])

    def _judge(self, question, choice, letter, screen):
        what = {"said": choice.says, "right": choice.right}
        noted = record.note("answer", self._lesson, question.name, **what)
        says = f"{letter}) {choice.judged.capitalize()}. {choice.why}{noted and f' {noted}'}"
        screen.say(says, "correct" if choice.right else "lost_updates")

    @property
    def twin(self):
        """The questions as a page to read."""
        return as_page(self._questions)


def lettered(question):
    """The choices with their letters: pairs."""
    return zip("abcdef", question.choices, strict=False)


def as_page(questions):
    """The questions as HTML to read, each with its answer folded."""
    return "".join(_asked(*one) + _answered(one[1]) for one in enumerate(questions, 1))


def as_text(questions):
    """The questions as Markdown to read, with empty lines round each folded answer."""
    return "\n\n".join(_text(*one) for one in enumerate(questions, 1))


def _text(number, question):
    code = f"\n\n```python\n{question.code}\n```" if question.code else ""
    choices = "\n".join(f"- {letter}) {choice.says}" for letter, choice in lettered(question))
    answers = "\n".join(f"- {letter}) **{c.judged}**: {c.why}" for letter, c in lettered(question))
    folded = f"<details><summary>Answer</summary>\n\n{answers}\n\n</details>"
    return f"**{number}.** {question.asks}{code}\n\n{choices}\n\n{folded}"


def _asked(number, question):
    code = f'<pre style="{_INSET}">{html.escape(question.code)}</pre>' if question.code else ""
    rows = "".join(
        f'<div style="{_INSET}">{letter}) {marked_up(c.says)}</div>'
        for letter, c in lettered(question)
    )
    return f'<div style="line-height: 1.4; margin-top: 1em"><b>{number}.</b> {marked_up(question.asks)}{code}{rows}</div>'


def _answered(question):
    rows = "".join(
        f"<li>{letter}) <b>{choice.judged}</b>: {marked_up(choice.why)}</li>"
        for letter, choice in lettered(question)
    )
    return f"<details><summary>Answer</summary><ul>{rows}</ul></details>"


def marked_up(text):
    """HTML of a text in which code stands between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text))
