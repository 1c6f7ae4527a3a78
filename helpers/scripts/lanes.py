"""The picture of a watched script: a lane for each process with its accesses, holds and waits, each with the script's line."""

import html
import textwrap
from bisect import bisect_left
from collections import defaultdict

from helpers import analysis
from helpers.events import counted, listed
from helpers.pictures import drawing as mpl
from helpers.pictures import style
from helpers.pictures.declared import below, new_figure, picture
from helpers.pictures.run_picture import inch_axes
from helpers.pictures.step_table import html_table
from helpers.scripts.races import WRITES
from helpers.scripts.watched import Watched

_MOST = 48  # steps in one picture: of more, the part around the collision
_LANE = 0.62  # inches
_WRITE, _READ = style.KEPT, "white"


def _alt(watched):
    names = listed(watched.processes) if watched.processes else "no process"
    return f"Lanes of {names}, step by step. {watched.sentence}"


def _shows(watched):
    return any(event.op in ("read", *WRITES, "acquire") for event in watched.events)


@picture(Watched, alt=_alt, shows=_shows)
def draw_lanes(watched):
    """The steps in the order in which they were done, a column for each."""
    view = _View(watched)
    figure = new_figure(style.WIDTH, 1.15 + _LANE * len(view.rows))
    ax = inch_axes(figure, 0.045, 0.935, 0.5, 0.5)
    ax.set(xlim=(-0.1, max(view.count, 6)), ylim=(len(view.rows) - 0.5, -0.5))
    ax.set_yticks(range(len(view.rows)), view.rows)
    ax.tick_params(axis="y", length=0)
    ax.set_xticks([])
    style.bare(ax, view.axis)
    for span, colour in view.holds():
        _bar(ax, view, span, facecolor=colour, edgecolor=style.INK, gid="holds")
    for span in view.waits():
        _bar(ax, view, span, gid="waits", **style.outlined(style.WAIT, "////"))
    for event in view.accesses:
        _box(ax, view, event)
    _explain(ax, view)
    return figure


class _View:
    """What is drawn of a run: its steps in columns, its processes in rows."""

    def __init__(self, watched):
        self.watched, self.lines = watched, watched.lines
        shown = [
            e
            for e in watched.events
            if e.op in ("read", "look", *WRITES, "acquire", "release")
            and e.shared != "the terminal"
        ]
        shown.sort(key=lambda event: event.start)
        self.harm = {
            (a.process, a.step.start)
            for a in (watched.collisions[0].accesses if watched.collisions else ())
        }
        self.left_out = max(len(shown) - _MOST, 0)
        first = min(
            (n for n, e in enumerate(shown) if (e.process, e.start) in self.harm), default=0
        )
        first = max(min(first - 4, len(shown) - _MOST), 0)
        self.events = shown[first : first + _MOST]
        self.count = len(self.events)
        self._starts = [event.start for event in self.events]
        self.accesses = [e for e in self.events if e.op in ("read", "look", *WRITES)]
        self.rows = [
            p for p in watched.processes if any(e.process == p for e in self.events)
        ] or list(watched.processes[:1])
        self.data = list(dict.fromkeys(e.shared for e in self.accesses))
        self.shades = style.lock_shades([e for e in self.events if e.op == "acquire"])

    @property
    def axis(self):
        say = "steps in the order in which they were done; in each box the line of the script"
        if len(self.data) > 1:
            say += f", above it {', '.join(f'{number}: {name}' for number, name in enumerate(self.data, 1))}"
        return textwrap.fill(
            say
            + (f"; {counted(self.left_out, 'step')} more are not shown" if self.left_out else ""),
            125,
        )

    def column(self, stamp):
        return self.count if stamp is None else bisect_left(self._starts, stamp)

    def row(self, process):
        return self.rows.index(process)

    def holds(self):
        locks = [e for e in self.watched.events if e.identity.startswith("lock ")]
        for span in analysis.holds(locks):
            if span.process in self.rows and span.identity in self.shades:
                yield span, self.shades[span.identity][1]

    def waits(self):
        for event in self.events:
            if event.op == "acquire" and self.column(event.end) > self.column(event.start) + 1:
                yield event


def _bar(ax, view, span, **look):
    left, right = view.column(span.start), view.column(span.end)
    top = view.row(span.process) + 0.27
    ax.add_patch(mpl.Rectangle((left, top), max(right - left, 0.2), 0.14, linewidth=0.5, **look))


def _box(ax, view, event):
    is_write, is_harm = event.op in WRITES, (event.process, event.start) in view.harm
    asked, _ = view.lines.get((event.process, event.index), (None, None))
    left, row = view.column(event.start), view.row(event.process)
    look = {
        "facecolor": _WRITE if is_write else _READ,
        "edgecolor": style.LOST if is_harm else style.KEPT,
        "linewidth": 2.2 if is_harm else 0.8,
    }
    ax.add_patch(
        mpl.Rectangle(
            (left + 0.06, row - 0.3), 0.88, 0.5, gid=f"{event.process} {event.op}", **look
        )
    )
    ink = "white" if is_write else style.INK
    words = f"{asked.number}" if asked else ""
    size = 9 if view.count <= 30 else 7
    ax.text(
        left + 0.5,
        row - 0.05,
        words,
        ha="center",
        va="center_baseline",
        color=ink,
        fontsize=size,
        fontweight="bold",
    )
    if len(view.data) > 1:
        ax.text(
            left + 0.5,
            row - 0.32,
            f"{view.data.index(event.shared) + 1}",
            ha="center",
            va="bottom",
            fontsize=7,
            color=style.INK,
        )


def _explain(ax, view):
    named = [("reads", _READ), ("writes", _WRITE)]
    handles = [
        mpl.Patch(facecolor=colour, edgecolor=style.KEPT, label=words) for words, colour in named
    ]
    if view.harm:
        handles.append(
            mpl.Patch(facecolor="white", edgecolor=style.LOST, linewidth=2, label="these collide")
        )
    handles += [
        mpl.Patch(facecolor=colour, edgecolor=style.INK, label=words)
        for words, colour in list(view.shades.values())[:4]
    ]
    if any(True for _ in view.waits()):
        handles.append(mpl.Patch(label="waits", **style.outlined(style.WAIT, "////")))
    style.legend(ax, handles, (0, 1.0), "lower left", ncols=len(handles), borderaxespad=0.2)


@below(Watched)
def watched_tables(watched):
    """For each datum that several processes use: who did what at which line, and which locks were held; then what was not seen."""
    rows = []
    for name in dict.fromkeys(e.shared for e in watched.events if e.op in ("read", *WRITES)):
        rows += _rows(watched, name)
    table = (
        html_table(
            ["shared", "line", "does", "processes", "locks held"], rows, label="what was shared"
        )
        if rows
        else ""
    )
    notes = [f"Not recorded: {text}." for text in watched.unseen]
    if watched.output.strip():
        notes.append(
            f"<details><summary>What the script printed</summary><pre>{html.escape(watched.output)}</pre></details>"
        )
    if watched.errors.strip():
        notes.append(
            f"<details><summary>What it wrote to its error stream</summary><pre>{html.escape(watched.errors)}</pre></details>"
        )
    return table + "".join(
        note if note.startswith("<") else f"<div>{html.escape(note)}</div>" for note in notes
    )


def _rows(watched, name):
    """A row for each line that reads or changes a datum, if more than one process does."""
    steps = [
        e
        for e in watched.events
        if e.shared == name and e.op in ("read", "look", *WRITES) and e.outcome == "done"
    ]
    if len({e.process for e in steps}) < 2 or name == "the terminal":
        return
    by_line = defaultdict(list)
    for event in steps:
        asked, _ = watched.lines[event.process, event.index]
        by_line[asked.number if asked else 0, "writes" if event.op in WRITES else "reads"].append(
            event
        )
    for (line, does), events in sorted(by_line.items()):
        held = sorted({watched.held.get((e.process, e.index), ()) for e in events})
        locks = " or ".join(listed(names) if names else "none" for names in held)
        yield [
            name,
            f"{line}" if line else "",
            does,
            listed(sorted({e.process for e in events})),
            locks,
        ]
