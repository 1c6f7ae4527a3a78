"""What a learner has done by now, lesson by lesson, as the record tells it, and what comes next."""

import csv
import html
from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from helpers import record
from helpers.events import counted
from helpers.panels.challenge import challenges_of
from helpers.panels.questions import PARTS, lessons, marked_up
from helpers.pictures import below


class Column(NamedTuple):
    """A kind of work: what of it a lesson has, by name, and whether an entry says that it is done, and done right."""

    title: str
    kind: str
    names: Callable
    is_right: Callable


_COLUMNS = (
    Column("predictions", "prediction", lambda lesson: lesson.predictions, lambda e: e.get("right")),
    Column("questions", "answer", lambda lesson: [q.name for q in lesson.questions if q.part in PARTS], lambda e: e.get("right")),
    Column("exercises", "check", lambda lesson: lesson.exercises, lambda e: e.get("state") == "passed"),
    Column("challenges", "challenge", lambda lesson: challenges_of(lesson.number), lambda e: True),
)  # fmt: skip


class Done(NamedTuple):
    """Of one kind of work in a lesson: how much there is, how much was tried, and how much was right in the end."""

    count: int
    tried: int
    right: int

    def __str__(self):
        return f"{self.right} of {self.count}" if self.count else ""


class Progress(NamedTuple):
    """By lesson, then by kind of work, what is Done; `passed_over` says which lines of the record were skipped.

    `without_end` says how many of the exercises without end were solved, "" where none was.
    """

    done: dict
    passed_over: str = ""
    without_end: str = ""

    @property
    def next_lesson(self):
        """The first lesson, by its number, in which something was begun and not finished, else the first with nothing done."""
        left = [number for number, row in self.done.items() if any(d.right < d.count for d in row)]
        begun = [number for number in left if any(d.tried for d in self.done[number])]
        return next(iter([*begun, *left]), None)

    @property
    def next_step(self):
        """What to do next, in words."""
        number = self.next_lesson
        if number is None:
            return "You have done everything that this course asks for."
        row = zip(_COLUMNS, self.done[number], strict=True)
        column, done = next((column, done) for column, done in row if done.right < done.count)
        title = lessons()[number].title.replace("`", "")
        return f"Go on with lesson {number}, {title} ({column.title} done: {done})."

    def __str__(self):
        right = sum(done.right for row in self.done.values() for done in row)
        say = f"{counted(right, 'task')} done. {self.next_step} This is your own record: it proves nothing to others."
        return " ".join(filter(None, [say, self.without_end, self.passed_over]))

    __repr__ = __str__

    def save(self, path):
        """Write a table, one row for each lesson, as a CSV file. Raises FileExistsError if there is one already."""
        with open(path, "x", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["lesson", *(column.title for column in _COLUMNS)])
            writer.writerows([number, *map(str, row)] for number, row in self.done.items())


def progress():
    """What you have done by now and what comes next: a Progress, read from your record beside the notebooks."""
    entries = record.entries()
    of = defaultdict(list)
    for entry in entries.found:
        of[entry["kind"], entry["lesson"]].append(entry)
    done = {
        number: tuple(_done(set(c.names(lesson)), of[c.kind, number], c.is_right) for c in _COLUMNS)
        for number, lesson in lessons().items()
    }
    return Progress(done, str(entries), _without_end(entries.found))


def _without_end(entries):
    named = {e["name"] for e in entries if e["kind"] == "challenge" and e.get("right")}
    passed = {e["name"] for e in entries if e["kind"] == "check" and e.get("state") == "passed"}
    repaired = sum(name.startswith("my_challenge_") for name in passed)
    say = f"Exercises without end: {counted(len(named), 'fault')} named, {repaired} repaired."
    return say if named or repaired else ""


def _done(names, entries, is_right):
    tried = {entry["name"] for entry in entries} & names
    right = {entry["name"] for entry in entries if is_right(entry)} & names
    return Done(len(names), len(tried), len(right))


@below(Progress)
def progress_table(progress):
    """What comes next, then a row for each lesson, its title a link, and a bar for each kind of work: how much is right."""
    left = '<th scope="col" style="text-align: left">'
    heads = "".join(f"{left}{title}</th>" for title in ("lesson", *(c.title for c in _COLUMNS)))
    rows = "".join(_row(lesson, progress.done[number]) for number, lesson in lessons().items())
    say = f"<div><b>{html.escape(str(progress))}</b></div><div>A bar shows how much is right.</div>"
    return f'{say}<table aria-label="your progress"><tr>{heads}</tr>{rows}</table>'


def _row(lesson, row):
    title = f'<a href="{lesson.file}">{lesson.number} {marked_up(lesson.title)}</a>'
    cells = "".join(f"<td style='white-space: nowrap'>{_bar(done)}</td>" for done in row)
    return f'<tr><th scope="row" style="text-align: left">{title}</th>{cells}</tr>'


def _bar(done):
    """What is right as a filled part, and the numbers, which say the same; "" for no work."""
    if not done.count:
        return ""
    return f'<meter max="{done.count}" value="{done.right}" aria-hidden="true"></meter> {done}'
