"""What a lesson's cells show: predictions beside facts, sources, steps, and code run as if in a fresh notebook."""

import html
from dataclasses import dataclass
from pathlib import Path

import ipywidgets as widgets
from IPython.display import HTML

from helpers import analysis, pictures
from helpers.lab.programs import PROGRAMS, run_python
from helpers.panels.source import source_html
from helpers.topics import Adding, Program


class Prediction(widgets.VBox):
    """A question with its choices, or with a number to type where there are none."""

    def __init__(self, question, choices=None):
        if choices is None:
            self._answer = widgets.Text(placeholder="a number", continuous_update=False)
        else:
            self._answer = widgets.RadioButtons(
                options=[str(c) for c in choices], value=None, layout={"width": "auto"}
            )
        self._note = widgets.HTML("Choose before you run on. Run All is not held up.")
        asked = widgets.HTML(f"<b>{html.escape(question)}</b>")
        super().__init__([asked, self._answer, self._note])
        self._answer.observe(self._on_answer, "value")

    @property
    def said(self):
        """The answer as text, or "nothing yet"."""
        return self._answer.value or "nothing yet"

    def _on_answer(self, _):
        self._note.value = f"You said: {html.escape(self.said)}"

    def reveal(self, fact):
        """The learner's answer beside the fact, as HTML."""
        said, fact = html.escape(self.said), html.escape(str(fact))
        return HTML(f'<div role="status">You said: <b>{said}</b> · It was: <b>{fact}</b></div>')


def predict(question, choices=None):
    """Ask before a run: give an answer, then call `.reveal(fact)` after it."""
    return Prediction(question, choices)


def show_source(thing):
    """The source of a worker, of a Program, of a way of Adding, of a script by its name, or of any file by its Path.

    As HTML. The lines that a lock covers are marked. Raises FileNotFoundError where there is no such script or file.
    """
    if isinstance(thing, str):
        thing = PROGRAMS / thing
    if isinstance(thing, Path):
        thing = thing.read_text(encoding="utf-8")
    if isinstance(thing, (Program, Adding)):
        thing = thing.source
    return HTML(source_html(thing))


def show_steps(run, first=0, count=12):
    """`count` steps of a run from the one numbered `first`, as an HTML table.

    Time runs downward, in ms since the start; there is a column for each process, and the file beside them.
    """
    steps = [event for event in run.events if event.outcome == "done"]
    steps = sorted(steps, key=lambda event: event.end)[first : first + count]
    moments = "ms", [f"{(event.end - run.started) / 1e6:.2f}" for event in steps]
    return HTML(pictures.interleaving_table(steps, run.processes, moments))


def order_of(run):
    """The order of a free run's steps, one letter for each, or None where no order explains all that it saw."""
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

    Raises subprocess.TimeoutExpired where it does not end in `timeout` seconds (None: computed).
    """
    done = run_python("-c", code, timeout=timeout)
    begins = ((line, line.partition(":")[0].split()) for line in done.stderr.splitlines())
    errors = [line for line, words in begins if line[:1].isalpha() and "Error" in words[0]]
    return CellRun(done.stdout, tuple(errors))
