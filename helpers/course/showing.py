"""What a lesson's cells show: this machine, predictions beside facts, sources, steps, and code run as if in a fresh notebook."""

import html
import multiprocessing
import os
import platform
import re
import time
from collections import Counter
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

import ipywidgets as widgets
from IPython.display import HTML

from helpers import __version__, lab, pictures, record, topics
from helpers.exercises.my_broken_counter import puzzle
from helpers.lab import limits
from helpers.lab.machine import cpu_quota, not_warmed, warmed_too_late
from helpers.lab.programs import PROGRAMS, run_python
from helpers.panels.panel import Panel, Screen
from helpers.panels.questions import QuestionPanel
from helpers.panels.source import source_html
from helpers.pictures import html_table, style
from helpers.refused import NO_PROCESSES

_CHOOSE = "Choose before you run the next cell. (<i>Run All</i> does not wait for you.)"


class Prediction(Panel):
    """A question of a lesson with its choices, or with a field for a number if there are none."""

    def __init__(self, lesson, question, choices=None):
        self.lesson, self.question = lesson, question
        if choices is None:
            self._answer = widgets.Text(placeholder="a number", continuous_update=False)
        else:
            look = {"value": None, "layout": {"width": "auto"}}
            self._answer = widgets.RadioButtons(options=list(map(str, choices)), **look)
        self._note = Screen()
        self._note.show(_CHOOSE)
        self._asked = widgets.HTML(f"<b>{html.escape(question)}</b>")
        super().__init__([self._asked, self._answer, self._note])
        self._answer.observe(self._on_answer, "value")

    @property
    def twin(self):
        """The question, and what was said or there is to choose from."""
        options = map(html.escape, getattr(self._answer, "options", ()))
        choices = "".join(f"<li>{option}</li>" for option in options)
        below = super().twin if self.said or not choices else f"<ul>{choices}</ul>"
        return f"<div>{self._asked.value}</div>{below}"

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

    def reveal_line(self, watched):
        """The choice beside the lines that `watch` names in a script: the one all of whose lines it names is right.

        Where it names those of no choice, as when the script was repaired, nothing is judged.
        """
        named = _lines_named(watched)
        right = [choice for choice in self._answer.options if set(_numbers(choice)) <= named]
        if len(right) == 1:
            return self.reveal(*right)
        return HTML('<div role="status"><code>watch</code> names none of these lines.</div>')


def _lines_named(watched):
    """The numbers of the lines that a Watched speaks of, at which it sleeps under a lock, or makes a lock that only one process has."""
    found = set(_numbers(watched.sentence))
    found.update(pause.line.number for pause in watched.pauses if pause.held)
    taken = {(event.thing, event.process) for event in watched.events if event.op == "acquire"}
    takers = Counter(thing for thing, _ in taken)
    own = (thing for thing, count in takers.items() if count == 1)
    return found | {thing.made.number for thing in own if thing.made}


def _numbers(text):
    """The numbers of lines in a text, such as those of "lines 7, 8 and 9"."""
    for numbers in re.findall(r"\b[Ll]ines? (\d+(?:(?:, | and )\d+)*)", text):
        yield from map(int, re.findall(r"\d+", numbers))


def _marked(is_right):
    return style.marked("right" if is_right else "wrong", is_right)


def predict(lesson, question, choices=None):
    """A Prediction to show before a run of a lesson, such as "04"; after the run, `.reveal(fact)` judges it."""
    return Prediction(lesson, question, choices)


def predictions(lesson):
    """What you predicted in a lesson, such as "04", beside what came out: a table of the latest of each."""
    mine = "prediction", lesson
    found = [e for e in record.entries().found if (e["kind"], e["lesson"]) == mine]
    latest = {e["name"]: (e["name"], e["said"], e["fact"], _marked(e["right"])) for e in found}
    if not latest:
        return HTML("<div>You have made no prediction in this lesson yet.</div>")
    heads = ["you were asked", "you said", "it was", "so you were"]
    return HTML(html_table(heads, latest.values(), label=f"your predictions in lesson {lesson}"))


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


def rival_puzzle():
    """The steps of a small race without a lock; which updates are lost, and to which rivals, is left to the learner."""
    return HTML(pictures.interleaving_table(puzzle().events, "ABC"))


class CellRun(NamedTuple):
    """What a fresh Python said to some code: its output, and the error lines of it and its children."""

    output: str
    errors: tuple[str, ...]

    def __str__(self):
        parts = [self.output.strip()]
        for error, times in Counter(self.errors).items():
            parts.append(error if times == 1 else f"{error}   ({times} times)")
        return "\n".join(filter(None, parts)) or "no output"

    __repr__ = __str__


def run_as_cell(code, timeout=None):
    """Run `code` as a cell of a fresh notebook would be, its functions in no file: a CellRun.

    Raises subprocess.TimeoutExpired if it does not end within `timeout` seconds (None: computed).
    """
    done = run_python("-c", code, timeout=timeout)
    begun = [line for line in done.stderr.splitlines() if line[:1].isalpha()]
    errors = tuple(line for line in begun if "Error" in line.partition(":")[0].split()[0])
    return CellRun(done.stdout, errors)


_PACKAGES = "jupyterlab", "ipywidgets", "anywidget", "matplotlib"


def passport():
    """What this machine is, as far as races and locks are concerned, as an HTML table, with warnings in words."""
    cores, quota = lab.usable_cores(), cpu_quota()
    rows = {
        "version of the course": __version__,
        "cores that you may use": f"{cores} of {os.cpu_count()} in the machine",
        "quota": f"{quota:g} cores: more processes are no faster" if quota else "no limit found",
        "start method of the lab": lab.default_start_method(),
        "start methods here": ", ".join(lab.start_methods()),
        "Python's own default": multiprocessing.get_context().get_start_method(),
        "system": f"{platform.system()} {platform.release()}",
        "Python": platform.python_version(),
        **{name: _version(name) for name in _PACKAGES},
    }
    row = "<tr><th>{}</th><td>{}</td></tr>".format
    table = "".join(row(*map(html.escape, pair)) for pair in rows.items())
    warnings = map(html.escape, _warnings(cores, quota))
    notes = "".join(f"<div>⚠ {warning}</div>" for warning in warnings)
    return HTML(f"<table>{table}</table>{notes}")


def _version(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _warnings(cores, quota):
    if not lab.start_methods():
        yield NO_PROCESSES
        return
    if why := not_warmed():
        yield f"there is no fork server, so children start with spawn, which is slower: {why}"
    if warmed_too_late():
        yield "lab.warm() came too late: children start more slowly. Restart the kernel and run the setup cell first"
    if cores == 1 or (quota and quota <= 1):
        yield "one core: every race still shows, but several processes are no faster than one"


def no_children_left(limit=None):
    """A sentence: no child process is left, or the names and ids of those that still run.

    Waits at most `limit` seconds for them to end (None: computed from the speed of the machine).
    """
    end = time.monotonic() + (limits.for_answer(2) if limit is None else limit)
    while (children := multiprocessing.active_children()) and time.monotonic() < end:
        time.sleep(0.02)
    if not children:
        return "No child process is left."
    named = ", ".join(f"{child.name} (process {child.pid})" for child in children)
    return f"Still running: {named}. Restart the kernel to end them."
