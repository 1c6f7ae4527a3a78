"""What a lesson's cells show: predictions beside facts, sources, steps, and code run as if in a fresh notebook."""

import html
from dataclasses import dataclass
from pathlib import Path

import ipywidgets as widgets
from IPython.display import HTML

from helpers import analysis, pictures, record, topics
from helpers.lab.programs import PROGRAMS, run_python
from helpers.panels.panel import Panel, Screen
from helpers.panels.questions import QuestionPanel
from helpers.panels.source import source_html
from helpers.pictures import style
from helpers.pictures.step_table import html_table

_CHOOSE = "Choose before you run the next cell. (<i>Run All</i> does not wait for you.)"


class Prediction(Panel):
    """A question of a lesson with its choices, or with a field for a number if there are none."""

    def __init__(self, lesson, question, choices=None):
        self.lesson, self.question = lesson, question
        if choices is None:
            self._answer = widgets.Text(placeholder="a number", continuous_update=False)
        else:
            self._answer = widgets.RadioButtons(
                options=[str(c) for c in choices], value=None, layout={"width": "auto"}
            )
        self._note = Screen()
        self._note.show(_CHOOSE)
        self._asked = widgets.HTML(f"<b>{html.escape(question)}</b>")
        super().__init__([self._asked, self._answer, self._note])
        self._answer.observe(self._on_answer, "value")

    @property
    def twin(self):
        """The question and what was said."""
        return f"<div>{self._asked.value}</div>{super().twin}"

    @property
    def said(self):
        """The answer as text, "" where there is none."""
        return (self._answer.value or "").strip()

    def _on_answer(self, _):
        self._note.show(f"You said: {html.escape(self.said)}" if self.said else _CHOOSE)

    def reveal(self, fact, right=None):
        """The learner's answer beside the fact, as HTML, judged and noted in the record.

        `right` is the choice that came true, where it is not the `fact` itself.
        """
        came = f"It was: <b>{html.escape(str(fact))}</b>"
        if not self.said:
            return HTML(f'<div role="status">You made no prediction. {came}</div>')
        is_right = self.said == str(fact if right is None else right)
        what = {"said": self.said, "fact": str(fact), "right": is_right}
        noted = record.note("prediction", self.lesson, self.question, **what)
        say = f"You said: <b>{html.escape(self.said)}</b> ({_marked(is_right)[0]}) · {came}"
        return HTML(f'<div role="status">{say}</div>{html.escape(noted)}')


def _marked(is_right):
    return style.marked("right" if is_right else "wrong", is_right)


def predict(lesson, question, choices=None):
    """A Prediction to show before a run of a lesson, such as "04"; after the run, `.reveal(fact)` judges it."""
    return Prediction(lesson, question, choices)


def predictions(lesson):
    """What you predicted in a lesson, such as "04", beside what came out: a table of the latest of each."""
    latest = {
        entry["name"]: entry
        for entry in record.entries().found
        if (entry["kind"], entry["lesson"]) == ("prediction", lesson)
    }
    rows = [(name, e["said"], e["fact"], _marked(e["right"])) for name, e in latest.items()]
    if not rows:
        return HTML("<div>You have made no prediction in this lesson yet.</div>")
    heads = ["you were asked", "you said", "it was", "so you were"]
    return HTML(html_table(heads, rows, label=f"your predictions in lesson {lesson}"))


def ask(lesson, part="end"):
    """A panel of questions on a lesson, such as "04": those at its "end", or what it asks you to "recall" at its start."""
    return QuestionPanel(lesson, part)


def show_source(what):
    """The source of a worker, of a Program, of a way of Adding, of a script by its name, or of any file by its Path.

    As HTML, with the lines marked that a lock covers. Raises FileNotFoundError if there is no such script or file.
    """
    if isinstance(what, str):
        what = PROGRAMS / what
    if isinstance(what, Path):
        what = what.read_text(encoding="utf-8")
    if isinstance(what, (topics.Program, topics.Adding)):
        what = what.source
    return HTML(source_html(what))


def show_steps(run, first=0, count=12):
    """`count` steps of a run from the one numbered `first`, as an HTML table.

    Time runs downward, in ms since the start; there is a column for each process, and the file beside them.
    """
    steps = [event for event in run.events if event.outcome == "done"]
    steps = sorted(steps, key=lambda event: event.end)[first : first + count]
    moments = "ms", [f"{(event.end - run.started) / 1e6:.2f}" for event in steps]
    return HTML(pictures.interleaving_table(steps, run.processes, moments))


def order_of(run):
    """The order of a free run's steps, one letter for each, or None if no order explains everything that the processes saw."""
    return run.schedule or analysis.order_of(run.events, run.accounts)


@dataclass(frozen=True)
class CellRun:
    """What a fresh Python said to some code: its output, and the error lines of it and its children."""

    output: str
    errors: tuple[str, ...]

    def __str__(self):
        parts = [self.output.strip()] if self.output.strip() else []
        for error in dict.fromkeys(self.errors):
            times = self.errors.count(error)
            parts.append(error if times == 1 else f"{error}   ({times} times)")
        return "\n".join(parts) or "no output"

    __repr__ = __str__


def run_as_cell(code, timeout=None):
    """Run `code` as a cell of a fresh notebook would be, its functions in no file: a CellRun.

    Raises subprocess.TimeoutExpired if it does not end within `timeout` seconds (None: computed).
    """
    done = run_python("-c", code, timeout=timeout)
    begins = ((line, line.partition(":")[0].split()) for line in done.stderr.splitlines())
    errors = [line for line, words in begins if line[:1].isalpha() and "Error" in words[0]]
    return CellRun(done.stdout, tuple(errors))
