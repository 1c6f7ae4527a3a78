"""Small things that a lesson's cells show: sources, steps, and code run as if in a fresh notebook."""

from dataclasses import dataclass
from pathlib import Path

from IPython.display import HTML

from helpers import analysis, pictures
from helpers.lab.programs import PROGRAMS, run_python
from helpers.panels.source import source_html
from helpers.topics import Adding, Program


def show_source(thing):
    """The source of a worker, of a Program, of a way of Adding, of a script by its name, or of any file by its Path.

    The lines that a lock covers are marked.
    """
    if isinstance(thing, str):
        thing = PROGRAMS / thing
    if isinstance(thing, Path):
        thing = thing.read_text(encoding="utf-8")
    if isinstance(thing, (Program, Adding)):
        thing = thing.source
    return HTML(source_html(thing))


def show_steps(run, first=0, count=12):
    """`count` steps of a run as a table: time downward, one column for each process, the file beside it."""
    steps = [event for event in run.events if event.outcome == "done"]
    steps = sorted(steps, key=lambda event: event.end)[first : first + count]
    moments = "ms", [f"{(event.end - run.started) / 1e6:.2f}" for event in steps]
    return HTML(pictures.interleaving_table(steps, run.processes, moments))


def order_of(run):
    """The order of a free run's steps as text, or None where no order explains all that it saw."""
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
            parts.append(f"{error}" if times == 1 else f"{error}   ({times} times)")
        return "\n".join(parts) or "no output"

    __repr__ = __str__


def run_as_cell(code, timeout=None):
    """Run `code` as a cell of a fresh notebook would be: its functions live in no file. A CellRun.

    Raises subprocess.TimeoutExpired where it does not end in `timeout` seconds (None: computed).
    """
    done = run_python("-c", code, timeout=timeout)
    lines = done.stderr.splitlines()
    errors = (
        line for line in lines if line[:1].isalpha() and "Error" in line.split(":")[0].split()[0]
    )
    return CellRun(done.stdout, tuple(errors))
