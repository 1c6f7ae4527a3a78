"""The picture of a watched script: a lane for each process with its accesses, holds and waits, each with the script's line."""

import html
import textwrap
from bisect import bisect_left
from collections import defaultdict

from helpers.events import counted, listed
from helpers.pictures import below, html_table, new_figure, picture, style
from helpers.pictures.charts import add_shapes
from helpers.pictures.run_picture import WAIT, draw_holds, explain, inch_axes
from helpers.pictures.timeline import Box, points
from helpers.scripts.recorder.journal import WRITES
from helpers.scripts.watched import Watched

_MOST = 48  # steps in one picture: of more, the part around the collision
_LANE = 0.62  # inches
_LOOKS = {
    "reads": {"facecolor": "white", "edgecolor": style.KEPT},
    "writes": {"facecolor": style.KEPT, "edgecolor": style.KEPT},
    "these collide": {"facecolor": "none", "edgecolor": style.LOST, "linewidth": 2.2},
}


def _alt(watched):
    names = listed(watched.processes) if watched.processes else "no process"
    return f"Lanes of {names}, step by step. {watched.sentence}"


@picture(Watched, alt=_alt, shows=lambda watched: bool(steps_shown(watched)))
def draw_lanes(watched):
    """The steps in the order in which they were done, a column for each."""
    view = _View(watched)
    figure = new_figure(style.WIDTH, 1.15 + _LANE * len(view.rows))
    ax = inch_axes(figure, 0.045, 0.935, 0.5, 0.5)
    ax.set(xlim=(-0.1, max(view.count, 6)), ylim=(len(view.rows) - 0.5, -0.5), xticks=[])
    ax.set_yticks(range(len(view.rows)), view.rows)
    style.bare(ax, view.axis)
    _draw_accesses(ax, view)
    waits = [view.box(step, -0.13) for step in view.waits]
    add_shapes(ax, [box.corners for box in waits], gid="waits", label="waits", **WAIT)
    holds = [view.box(span, 0.24) for span in watched.races.holds if span.process in view.rows]
    draw_holds(ax, holds, view.shades, points(ax)[1])
    explain(ax)
    return figure


def steps_shown(watched):
    """The steps of a script that its pictures show: accesses, and locks taken and given back."""
    return [step for step in watched.events if step.is_access or step.op in ("acquire", "release")]


class _View:
    """What is drawn of a run: its steps in columns, its processes in rows."""

    def __init__(self, watched):
        shown = sorted(steps_shown(watched), key=lambda event: event.start)
        self.harm = watched.colliding
        first = next((n for n, e in enumerate(shown) if (e.process, e.start) in self.harm), 0)
        first = max(min(first - 4, len(shown) - _MOST), 0)
        events = shown[first : first + _MOST]
        self.left_out, self.count = len(shown) - len(events), len(events)
        self._starts = [event.start for event in events]
        self.accesses = [event for event in events if event.is_access]
        self.rows = [p for p in watched.processes if any(e.process == p for e in events)]
        self.data = list(dict.fromkeys(event.shared for event in self.accesses))
        takes = [event for event in events if event.op == "acquire"]
        self.shades = style.lock_shades(takes)
        # One that never ended is a wait even where nobody did a step after it had begun.
        self.waits = [e for e in takes if self.column(e.end) > self.column(e.start) + bool(e.end)]

    @property
    def axis(self):
        """What the columns and boxes are, in words."""
        say = "steps in the order in which they were done; in each box the line of the script"
        if len(self.data) > 1:
            names = (f"{n}:\N{NO-BREAK SPACE}{name}" for n, name in enumerate(self.data, 1))
            say += f", above it {', '.join(names)}"
        if self.left_out:
            say += f"; {counted(self.left_out, 'step')} more are not shown"
        return textwrap.fill(say, 125)

    def column(self, stamp):
        """The column of a moment; the end for what has not ended."""
        return self.count if stamp is None else bisect_left(self._starts, stamp)

    def box(self, span, below):
        """The Box of a hold or a wait, so far below the middle of its process's row."""
        left, top = self.column(span.start), self.rows.index(span.process) + below
        right = max(self.column(span.end), left + 0.2)
        return Box(span, left, right, top, top + 0.15, True)

    def box_of_access(self, event):
        """The Box of an access, in its own column."""
        left, row = self.column(event.start), self.rows.index(event.process)
        return Box(event, left + 0.06, left + 0.94, row - 0.3, row + 0.2, False)


def _draw_accesses(ax, view):
    """A box for each access: in it the script's line, above it the number of its datum where there are several."""
    boxes = {words: [] for words in _LOOKS}
    size = 9 if view.count <= 30 else 7
    for event in view.accesses:
        box, does = view.box_of_access(event), _does(event)
        boxes[does].append(box.corners)
        if (event.process, event.start) in view.harm:
            boxes["these collide"].append(box.corners)
        look = {"color": "white" if does == "writes" else style.INK, "fontweight": "bold"}
        look |= {"ha": "center", "va": "center_baseline", "fontsize": size}
        ax.text(*box.middle, event.line.number if event.line else "", **look)
        if len(view.data) > 1:
            datum, look = view.data.index(event.shared) + 1, {"ha": "center", "va": "bottom"}
            ax.text(box.middle[0], box.top - 0.02, datum, fontsize=7, **look)
    for words, look in _LOOKS.items():
        add_shapes(ax, boxes[words], label=words, **look)


@below(Watched)
def watched_tables(watched):
    """For each datum that several processes use: who did what at which line, and which locks were held; then what was not seen."""
    users, by_line = defaultdict(set), defaultdict(list)
    for event in watched.events:
        if event.is_access and event.outcome == "done":
            users[event.shared].add(event.process)
            place = list(users).index(event.shared), event.line.number if event.line else 0
            by_line[*place, _does(event)].append(event)
    places = sorted(place for place, some in by_line.items() if len(users[some[0].shared]) > 1)
    rows = [_row(watched, *place[1:], by_line[place]) for place in places]
    heads = ["shared", "line", "does", "processes", "locks held"]
    table = html_table(heads, rows, label="what was shared") if rows else ""
    notes = (f"<div>{html.escape(f'Not recorded: {text}.')}</div>" for text in watched.unseen)
    printed = _folded("What the script printed", watched.output)
    errors = _folded("What it wrote to its error stream", watched.errors)
    return "".join([table, *notes, printed, errors])


def _folded(title, text):
    shown = f"<details><summary>{title}</summary><pre>{html.escape(text)}</pre></details>"
    return shown if text.strip() else ""


def _does(access):
    return "writes" if access.op in WRITES else "reads"


def _row(watched, line, does, steps):
    """The row of all steps in which one line reads, or changes, a datum."""
    spans = (watched.races.held(step.process, step.start) for step in steps)
    held = sorted({tuple(sorted(span.lock for span in each)) for each in spans})
    locks = " or ".join(listed(names) if names else "none" for names in held)
    who = listed(sorted({step.process for step in steps}))
    later = sorted({step.done.number for step in steps if step.done not in (None, step.line)})
    done = f", done at {listed(map(str, later))}" if later else ""
    return [steps[0].shared, f"{line or ''}{done}", does, who, locks]
